import { resolve } from 'node:path';
import { AtomicFile } from '../atomic-file.js';
import type { Config } from '../config/config.js';
import type { PAUSE, PreparedSlice } from '../delivery/prepared-slice.js';
import type { DeliveryRun } from '../delivery/run.js';
import { EXIT, type ToldError, type UserError, userErrorOf } from '../errors.js';
import type { Problem } from '../interfaces.js';
import type { Quality } from '../payload/quality.js';
import type { Books } from '../report/books.js';
import { judge } from '../report/checks.js';
import type { Gates } from '../report/gates.js';
import { formatPreview, type PreviewReport } from '../report/preview.js';
import type { RejectsWriter } from '../report/rejects.js';
import { type RunResult, toResult } from '../report/result.js';
import { RUN_KILLED } from '../state/left-behind.js';
import type { Follow } from './follow.js';
import { closeMemory, type Memory, unclosed } from './memory.js';
import type { DeliveryOptions } from './options.js';
import { endOut } from './outputs.js';
import type { Preview } from './preview.js';
import { print } from './print.js';
import { openSender, runToEnd } from './sender.js';
import type { WorkSpec } from './slice-work.js';
import type { Target } from './target.js';
import { tell } from './tell.js';
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

/** Delivers what a session has prepared, closes everything, and prints how it ended. `extend`: see `Session`. */
export async function deliver(
  open: OpenRun,
  slices: AsyncIterable<PreparedSlice | typeof PAUSE>,
  extend: (result: RunResult) => RunResult,
): Promise<void> {
  const { config, options, files, target, memory, run, books, rejects, preview, changes, gates } = open;
  for (const file of memory.leftBehind) books.warn(RUN_KILLED, file, 1);
  const out =
    options.out === undefined ? undefined : await AtomicFile.create(resolve(options.out), 'OUT_UNWRITABLE');
  const sender = await openSender({ config, options, target, out, run, preview });
  const failure = await runToEnd({ ...open, sender, slices });
  const { stopReason } = sender;
  const early = failure !== undefined || stopReason !== undefined;
  if (early && changes !== undefined) books.leaveRest();
  const { unsure } = memory;
  if (unsure !== undefined && (changes !== undefined || books.states.duplicate > 0))
    books.warn(unsure, files[0] ?? '', 1);
  if (preview !== undefined && !early) {
    await memory.cancel();
    show(preview.report(files[0] ?? '', open.spec.mappings, open.spec.input), unsure, options);
    return;
  }
  await endOut(out, failure, stopReason !== undefined).catch(async (error: unknown) => {
    await memory.cancel();
    throw error;
  });
  const written = await rejects.commit();
  const unsaved = await userErrorOf(changes?.onEnd(early));
  const plain = extend(
    toResult(books, sender, {
      runId: open.runId,
      durationMs: Math.round(performance.now() - open.startedAt),
      dryRun: target === undefined,
      rejectsFile: written.file,
      quality: open.quality(),
      failure: failure ?? written.problem ?? unsaved,
      hasReadAll: run.hasReadAll || changes !== undefined,
    }),
  );
  const closed = await closeMemory(memory, plain, stopReason, failure);
  const unrecorded = stopReason?.kind === 'unrecorded' ? stopReason.error : undefined;
  const errors = printErrors([failure, written.problem, unsaved, unrecorded, closed]);
  const result = closed === undefined ? plain : unclosed(plain, closed);
  const verdict = judge(errors.length === 0 ? result : { ...result, errors }, gates);
  await tell(verdict, { options, files, destination: target?.destination ?? 'nowhere (dry run)' });
}

/** Prints errors, each once: one cause may have kept several things from being written. @returns them, for `--json`. */
function printErrors(failures: readonly (UserError | undefined)[]): ToldError[] {
  const known = failures.filter((failure) => failure !== undefined);
  const distinct = new Map(known.map((error) => [error.describe(), error.told()]));
  for (const text of distinct.keys()) process.stderr.write(`${text}\n`);
  return [...distinct.values()].flat();
}

/** Prints what `--show` is for, in place of the summary. */
function show(report: PreviewReport, unsure: Problem | undefined, options: DeliveryOptions): void {
  const { state, warnings } = report;
  const shown =
    unsure !== undefined && state === 'duplicate' ? { ...report, warnings: [...warnings, unsure] } : report;
  print(options, shown, () => formatPreview(shown));
  process.exitCode = state === 'rejected' ? EXIT.rejected : EXIT.ok;
}
