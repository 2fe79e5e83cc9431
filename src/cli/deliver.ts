import { resolve } from 'node:path';
import { AtomicFile } from '../atomic-file.js';
import type { PAUSE, PreparedSlice } from '../delivery/prepared-slice.js';
import { EXIT, type ToldError, type UserError, userErrorOf } from '../errors.js';
import type { Problem } from '../interfaces.js';
import { judge } from '../report/checks.js';
import { formatPreview, type PreviewReport } from '../report/preview.js';
import { type RunResult, toResult } from '../report/result.js';
import { RUN_KILLED } from '../state/left-behind.js';
import { closeMemory, unclosed } from './memory.js';
import type { OpenRun } from './open-run.js';
import type { DeliveryOptions } from './options.js';
import { endOut } from './outputs.js';
import { print } from './print.js';
import { openSender, runToEnd } from './sender.js';
import { tell } from './tell.js';

/** Delivers what a session has prepared, closes everything, and prints how it ended. `extend`: see `Session`. */
export async function deliver(
  open: OpenRun,
  slices: AsyncIterable<PreparedSlice | typeof PAUSE>,
  extend: (result: RunResult) => RunResult,
): Promise<void> {
  const { options, files, target, memory, run, books, rejects, preview, changes, gates } = open;
  for (const file of memory.leftBehind) books.warn(RUN_KILLED, file, 1);
  const out =
    options.out === undefined ? undefined : await AtomicFile.create(resolve(options.out), 'OUT_UNWRITABLE');
  const sender = await openSender(open, out);
  const failure = await runToEnd(open, sender, slices);
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
