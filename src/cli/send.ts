import { dirname, join, resolve } from 'node:path';
import { type Config, loadConfig } from '../config/load.js';
import { systemClock } from '../delivery/clock.js';
import { DrySender } from '../delivery/dry-sender.js';
import { Pacer } from '../delivery/pacer.js';
import { DeliveryRun, type PreparedSlice, type RunUnit, type Sender } from '../delivery/run.js';
import { type StopReason, type UploadCounts, Uploader, type WaitingFor } from '../delivery/uploader.js';
import { UserError } from '../errors.js';
import { openInputs } from '../input/open.js';
import { compileMappings, MappingError } from '../mapping/compile.js';
import { createPreparer } from '../payload/prepare.js';
import { AtomicFile } from '../report/atomic-file.js';
import { Books } from '../report/books.js';
import { describeStop, exitCodeOf } from '../report/exit.js';
import { startProgress } from '../report/progress.js';
import { RejectsWriter } from '../report/rejects.js';
import { createRunId } from '../report/run-id.js';
import { formatSummary, type RunResult } from '../report/summary.js';
import { MemoryLog } from '../state/memory-log.js';
import { nextSteps } from './next-steps.js';
import { readVersion, type SendOptions } from './program.js';
import { onEndSignal } from './signals.js';
import { openTarget, type Target } from './target.js';

/** A sender that can be asked how it goes. */
type RunningSender = Sender & {
  readonly counts: UploadCounts;
  readonly waitingFor?: WaitingFor;
  stop(reason: StopReason): void;
};

/**
 * `rokt-capi send` and `rokt-capi validate`: files in, batches out, summary on standard output. Sets the exit code.
 *
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function send(files: readonly string[], options: SendOptions): Promise<void> {
  const startedAt = performance.now();
  const now = new Date();
  const config = loadConfig({ path: options.config, cwd: process.cwd(), env: process.env });
  const mappings = compile(config);
  const inputs = await openInputs(files, process.stdin, {
    ...(options.format === undefined ? {} : { format: options.format }),
    defaultEvent: options.event,
    columns: config.columns,
  });
  const prepare = createPreparer(mappings, {
    environment: config.environment,
    hashing: config.hashing,
    nowMs: now.getTime(),
    olderThan30Days: config.delivery.olderThan30Days,
    timezone: config.timezone,
    strict: options.strict === true,
  });

  const target = options.dryRun === true ? undefined : await openTarget(config, options);
  const runId = createRunId(now, Math.random);
  const stateDirectory = options.state === undefined ? (target?.stateDirectory ?? config.stateDirectory) : resolve(options.state);
  const rejects = new RejectsWriter(resolve(options.rejects ?? join(stateDirectory, 'rejects', `${runId}.ndjson`)));
  const out = options.out === undefined ? undefined : await createOut(options);

  const books = new Books();
  const run: DeliveryRun = new DeliveryRun(new MemoryLog(), (record) => {
    books.settle(record);
    if (record.state !== 'rejected') return;
    rejects.add(record);
    if (options.maxRejects !== undefined && books.states.rejected > options.maxRejects) {
      sender.stop({ kind: 'too many rejects', allowed: options.maxRejects });
    }
  });
  const sender: RunningSender =
    target === undefined
      ? new DrySender(out === undefined ? undefined : (text) => out.write(text), (unit) => run.settle(unit, { kind: 'accepted' }))
      : createUploader(target, config, options, run);

  const release = onEndSignal((signal) => {
    process.stderr.write(`\n${signal}: finishing requests in flight; once more to stop at once.\n`);
    sender.stop({ kind: 'interrupted', signal });
    process.stdin.destroy();
  });
  const progress = options.quiet
    ? undefined
    : await startProgress(
        () => ({
          read: books.read,
          accepted: books.states.accepted,
          rejected: books.states.rejected,
          waitingFor: sender.waitingFor,
        }),
        process.stderr,
        process.env,
      );
  let failure: UserError | undefined;
  try {
    await run.run(prepareAll(inputs, prepare, books), sender);
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    failure = error;
  } finally {
    progress?.stop();
    release();
    await target?.close();
  }
  books.balance();
  const rejectsPath = await rejects.commit();
  await (failure === undefined ? out?.commit() : out?.discard());
  const exitCode = failure === undefined ? exitCodeOf(sender.stopReason, books.states.rejected) : exitCodeOfFailure(failure, books);
  const stopped = failure?.message ?? (sender.stopReason === undefined ? undefined : describeStop(sender.stopReason));
  const result: RunResult = {
    runId,
    read: books.read,
    ...books.states,
    ...sender.counts,
    durationMs: Math.round(performance.now() - startedAt),
    dryRun: options.dryRun === true,
    exitCode,
    ...(rejectsPath === undefined ? {} : { rejects: displayPath(rejectsPath) }),
    ...(stopped === undefined ? {} : { stopped }),
    rejections: books.rejections(),
    warnings: books.warnings(),
  };
  process.exitCode = exitCode;
  if (failure !== undefined) process.stderr.write(`${failure.describe()}\n`);
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else if (options.quiet !== true || exitCode !== 0) {
    const destination = target?.destination ?? 'nowhere: a dry run';
    const next = nextSteps(process.argv.slice(2), result);
    const stream = options.quiet === true ? process.stderr : process.stdout;
    stream.write(formatSummary(result, { files, destination, next }));
  }
}

async function* prepareAll(
  inputs: readonly OpenedInput[],
  prepare: (record: InputRecord) => PreparedRecord,
  books: Books,
): AsyncGenerator<PreparedSlice> {
  for (const input of inputs) {
    for await (const slice of input.slices) {
      const records = input.read(slice).map(prepare);
      books.read += records.length;
      yield { file: input.file, records };
    }
  }
}

/** A file that turned out unreadable half-way: what was sent before it stays sent. */
function exitCodeOfFailure(failure: UserError, books: Books): ExitCode {
  return books.states.accepted > 0 ? EXIT.pending : failure.exitCode;
}

function displayPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}

function createUploader(target: Target, config: Config, run: () => DeliveryRun): Uploader<RunUnit> {
  return new Uploader({
    client: target.client,
    pacer: new Pacer(target.batchesPerSecond, systemClock),
    concurrency: target.concurrency,
    clock: systemClock,
    random: Math.random,
    giveUpAfterMs: config.delivery.giveUpAfterMs,
    onSettled: (unit, outcome) => run().settle(unit, outcome),
  });
}

async function createOut(path: string, dryRun: boolean): Promise<AtomicFile> {
  if (!dryRun) {
    throw new UserError('OPTION_CONFLICT', '--out only goes with --dry-run.', {
      hint: 'Add --dry-run to write the batches instead of sending them.',
    });
  }
  try {
    return await AtomicFile.create(resolve(path));
  } catch (cause) {
    throw new UserError('OUT_UNWRITABLE', 'The file given with --out cannot be written.', {
      hint: 'Check that its directory can be written to.',
      place: { file: path },
      cause,
    });
  }
}

function compile(config: Config): readonly CompiledMapping[] {
  try {
    return compileMappings(config.mappings);
  } catch (error) {
    if (error instanceof MappingError) {
      throw config.error(['mappings', ...error.path], error.code, error.message, error.hint);
    }
    throw error;
  }
}
