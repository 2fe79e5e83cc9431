import { relative } from 'node:path';
import type { StopReason } from '../delivery/outcome.js';
import type { UploadCounts } from '../delivery/uploader-options.js';
import { EXIT, type UserError } from '../errors.js';
import type { Quality } from '../payload/quality.js';
import type { Books } from './books.js';
import { describeStop, exitCodeOf } from './exit.js';
import { describeQuality } from './quality.js';
import type { RunResult } from './summary.js';

/** What the books do not say of a run. */
export interface RunFacts {
  readonly runId: string;
  readonly durationMs: number;
  readonly dryRun: boolean;
  /** Absolute path; undefined where nothing was rejected. */
  readonly rejectsFile: string | undefined;
  /** Undefined where it is not to be told. */
  readonly quality: Quality | undefined;
  /** What ended the reading before its time; what was sent before stays sent. */
  readonly failure: UserError | undefined;
}

/**
 * The result of a run, as `--json` prints it.
 *
 * @throws Error where the books do not balance.
 */
export function toResult(
  books: Books,
  sender: { readonly counts: UploadCounts; readonly stopReason: StopReason | undefined },
  { runId, durationMs, dryRun, rejectsFile, quality, failure }: RunFacts,
): RunResult {
  books.balance();
  const { stopReason } = sender;
  const stopped = failure?.message ?? (stopReason === undefined ? undefined : describeStop(stopReason));
  const exitCode =
    failure === undefined
      ? exitCodeOf(stopReason, books.states.rejected)
      : books.states.accepted > 0
        ? EXIT.pending
        : failure.exitCode;
  return {
    runId,
    read: books.read,
    ...books.states,
    ...sender.counts,
    durationMs,
    dryRun,
    exitCode,
    ...(rejectsFile === undefined ? {} : { rejects: displayPath(rejectsFile) }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(quality === undefined ? {} : { quality: describeQuality(quality) }),
    rejections: books.rejections(),
    warnings: books.warnings(),
  };
}

function displayPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
