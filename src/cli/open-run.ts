import type { Config } from '../config/config.js';
import type { DeliveryRun } from '../delivery/run.js';
import type { Quality } from '../payload/quality.js';
import type { Books } from '../report/books.js';
import type { Gates } from '../report/gates.js';
import type { RejectsWriter } from '../report/rejects.js';
import type { Follow } from './follow.js';
import type { Memory } from './memory.js';
import type { DeliveryOptions } from './options.js';
import type { Preview } from './preview.js';
import type { WorkSpec } from './slice-work.js';
import type { Target } from './target.js';
import type { TimeBudget } from './time-budget.js';

/** Everything that a session has open when it begins to deliver. */
export interface OpenRun {
  readonly runId: string;
  /** On the clock of `performance`, in ms. */
  readonly startedAt: number;
  readonly config: Config;
  readonly options: DeliveryOptions;
  readonly files: readonly string[];
  /** Undefined in a dry run. */
  readonly target: Target | undefined;
  readonly memory: Memory;
  readonly run: DeliveryRun;
  readonly books: Books;
  readonly rejects: RejectsWriter;
  /** What was counted of the records; undefined where it is not to be reported. */
  readonly quality: () => Quality | undefined;
  /** Set with `--show`. */
  readonly preview: Preview | undefined;
  readonly spec: WorkSpec;
  readonly budget: TimeBudget;
  readonly follow: Follow;
  readonly gates: Gates | undefined;
  /** Set where changes are delivered that were found by reading all of the input first. `onEnd`: see `SessionOptions`. */
  readonly changes: { readonly onEnd: (stopped: boolean) => Promise<void> } | undefined;
}
