import { type Progress, startProgress } from '../report/progress.js';
import type { DeliveryOptions } from './options.js';
import { isTyped } from './typing.js';

/** Shows from now on how something goes, on standard error. `textAt`: see `startProgress`. */
export type Follow = (textAt: (elapsedMs: number) => string) => Promise<Progress>;

/** What shows the progress of a run, or with `--quiet` nothing. */
export function followerOf({ quiet }: DeliveryOptions, files: readonly string[]): Follow {
  return async (textAt) =>
    quiet === true
      ? { stop: () => undefined }
      : await startProgress(textAt, process.stderr, process.env, files.some(isTyped));
}
