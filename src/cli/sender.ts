import type { AtomicFile } from '../atomic-file.js';
import { systemClock } from '../delivery/clock.js';
import { DrySender } from '../delivery/dry-sender.js';
import type { PAUSE, PreparedSlice } from '../delivery/prepared-slice.js';
import type { Sender } from '../delivery/sender.js';
import { type UserError, userErrorOf } from '../errors.js';
import type { Books } from '../report/books.js';
import { describePause } from '../report/exit.js';
import { formatProgress } from '../report/progress.js';
import type { OpenRun } from './open-run.js';
import { onEndSignal } from './signals.js';

const LINE_END = Buffer.from('\n');

/** The uploader to a target, or what takes its place in a dry run. */
export async function openSender(
  { config, options, target, run, preview }: OpenRun,
  out: AtomicFile | undefined,
): Promise<Sender> {
  if (target === undefined) {
    return new DrySender(run, async (batches) => {
      preview?.take(batches);
      await out?.write(Buffer.concat(batches.flatMap((batch) => [batch.body, LINE_END])));
    });
  }
  // Loaded only here: a dry run needs neither.
  const { Uploader } = await import('../delivery/uploader.js');
  const { Pacer } = await import('../delivery/pacer.js');
  return new Uploader({
    client: target.client,
    pacer: new Pacer(target.batchesPerSecond, systemClock),
    concurrency: target.concurrency,
    clock: systemClock,
    random: Math.random,
    giveUpAfterMs: config.delivery.giveUpAfterMs,
    onPause: (pause) => options.quiet || process.stderr.write(describePause(pause)),
    submitter: run,
  });
}

/** Runs until everything is settled. @returns what ended the reading before its time. */
export async function runToEnd(
  { run, books, budget, target, memory, follow }: OpenRun,
  sender: Sender,
  slices: AsyncIterable<PreparedSlice | typeof PAUSE>,
): Promise<UserError | undefined> {
  const release = onEndSignal((signal) => {
    process.stderr.write(`${signal}: finishing the requests in flight; a second one stops at once.\n`);
    sender.stop({ kind: 'interrupted', signal });
  });
  const unwatch = budget.watch(() => sender.stop({ kind: 'time budget' }));
  const progress = await follow((elapsedMs) => formatProgress(progressOf(books, sender), elapsedMs));
  try {
    return await userErrorOf(run.run(slices, sender));
  } catch (error) {
    await memory.abandon();
    throw error;
  } finally {
    progress.stop();
    unwatch();
    release();
    await target?.close();
  }
}

function progressOf(books: Books, sender: Sender) {
  return { ...books.states, read: books.read, waitingFor: sender.waitingFor };
}
