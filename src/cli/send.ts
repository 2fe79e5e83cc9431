import { join, resolve } from 'node:path';
import { AtomicFile, checkWritable } from '../atomic-file.js';
import { type Config, loadConfig } from '../config/load.js';
import { systemClock } from '../delivery/clock.js';
import { DrySender } from '../delivery/dry-sender.js';
import { Pacer } from '../delivery/pacer.js';
import { RejectLimit } from '../delivery/reject-limit.js';
import { DeliveryRun, type PreparedSlice, type Sender } from '../delivery/run.js';
import { type StopReason, type UploadCounts, Uploader, type WaitingFor } from '../delivery/uploader.js';
import { EXIT, UserError } from '../errors.js';
import { type OpenedInput, openInputs } from '../input/open.js';
import type { InputRecord } from '../interfaces.js';
import { type CompiledMapping, compileMappings } from '../mapping/compile.js';
import { MappingError } from '../mapping/errors.js';
import { createPreparer, type PreparedRecord } from '../payload/prepare.js';
import { Books } from '../report/books.js';
import { describePause } from '../report/exit.js';
import { startProgress } from '../report/progress.js';
import { RejectsWriter } from '../report/rejects.js';
import { toResult } from '../report/result.js';
import { createRunId } from '../report/run-id.js';
import { formatSummary } from '../report/summary.js';
import { closeMemory, openMemory } from './memory.js';
import { nextSteps } from './next-steps.js';
import type { SendOptions } from './program.js';
import { onEndSignal } from './signals.js';
import { openTarget } from './target.js';

/** A sender that can be asked how it goes. */
type RunningSender = Sender & { readonly counts: UploadCounts; readonly waitingFor?: WaitingFor };

/**
 * `rokt-capi send` and `rokt-capi validate`: files in, batches out, the summary on standard output. Sets the exit code.
 *
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function send(files: readonly string[], options: SendOptions): Promise<void> {
  const startedAt = performance.now();
  const now = new Date();
  const dryRun = options.dryRun === true;
  checkOptions(options, dryRun);
  const config = loadConfig({ path: options.config, cwd: process.cwd(), env: process.env });
  const mappings = compile(config);
  const inputs = await openInputs(files, process.stdin, {
    ...(options.format === undefined ? {} : { format: options.format }),
    defaultEvent: options.event,
    columns: config.columns,
  });
  const runId = createRunId(now, Math.random);
  const target = dryRun ? undefined : await openTarget(config, options, runId);
  const stateDirectory =
    typeof options.state === 'string'
      ? resolve(options.state)
      : (target?.stateDirectory ?? config.stateDirectory);
  const rejectsPath = resolve(options.rejects ?? join(stateDirectory, 'rejects', `${runId}.ndjson`));
  const memory = await checkWritable(rejectsPath, 'REJECTS_UNWRITABLE')
    .then(() => openMemory({ config, options, target, stateDirectory, runId, files, startedAt: now }))
    .catch(async (error: unknown) => {
      await target?.close();
      throw error;
    });
  const rejects = new RejectsWriter(rejectsPath);
  const out =
    options.out === undefined ? undefined : await AtomicFile.create(resolve(options.out), 'OUT_UNWRITABLE');
  const books = new Books();
  const { resendChanged } = config.delivery;
  const resend = options.resend === true;
  const run = new DeliveryRun({
    log: memory.log,
    resend,
    resendChanged,
    rejectLimit: options.maxRejects && new RejectLimit(options.maxRejects),
    onRecord: (record) => {
      books.settle(record);
      rejects.add(record);
    },
  });
  const sender: RunningSender =
    target === undefined
      ? new DrySender(out && ((text) => out.write(text)), (units, outcome) => run.settle(units, outcome))
      : new Uploader({
          client: target.client,
          pacer: new Pacer(target.batchesPerSecond, systemClock),
          concurrency: target.concurrency,
          clock: systemClock,
          random: Math.random,
          giveUpAfterMs: config.delivery.giveUpAfterMs,
          onPause: (pause) => options.quiet || process.stderr.write(describePause(pause)),
          onRegrouped: (batches) => run.regroup(batches),
          onSettled: (units, outcome) => run.settle(units, outcome),
        });
  const prepare = createPreparer(
    mappings,
    {
      environment: config.environment,
      hashing: config.hashing,
      nowMs: now.getTime(),
      olderThan30Days: config.delivery.olderThan30Days,
      timezone: config.timezone,
      strict: options.strict === true,
    },
    {
      identify: (key) => memory.log.identify(key),
      isDelivered: (id) => !resend && !resendChanged && memory.log.isDelivered(id),
    },
  );

  const stop = (reason: StopReason): void => {
    sender.stop(reason);
    process.stdin.destroy();
  };
  const release = onEndSignal((signal) => {
    process.stderr.write(`${signal}: finishing the requests in flight; once more to stop at once.\n`);
    stop({ kind: 'interrupted', signal });
  });
  const budget = afterMs(options.maxDuration, () => stop({ kind: 'time budget' }));
  const progress = options.quiet
    ? undefined
    : await startProgress(() => progressOf(books, sender), process.stderr, process.env);
  let failure: UserError | undefined;
  try {
    await run.run(prepareAll(inputs, prepare, books), sender);
  } catch (error) {
    if (!(error instanceof UserError)) {
      await memory.abandon();
      throw error;
    }
    failure = error;
  } finally {
    progress?.stop();
    clearTimeout(budget);
    release();
    await target?.close();
  }
  const { file: rejectsFile, problem: rejectsProblem } = await rejects.commit();
  await (failure === undefined ? out?.commit() : out?.discard());
  const result = toResult(books, sender, {
    runId,
    durationMs: Math.round(performance.now() - startedAt),
    dryRun,
    rejectsFile,
    failure: failure ?? rejectsProblem,
  });
  const closed = await closeMemory(memory, result, sender.stopReason, failure);
  const errors = [failure, rejectsProblem, unrecorded(sender.stopReason), closed];
  for (const error of errors) if (error !== undefined) process.stderr.write(`${error.describe()}\n`);
  process.exitCode = closed !== undefined && result.exitCode === EXIT.ok ? EXIT.pending : result.exitCode;
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else if (options.quiet !== true || result.exitCode !== 0) {
    const stream = options.quiet === true ? process.stderr : process.stdout;
    const destination = target?.destination ?? 'nowhere (dry run)';
    stream.write(
      formatSummary(result, { files, destination, next: nextSteps(process.argv.slice(2), result) }),
    );
  }
}

function unrecorded(stopReason: StopReason | undefined): UserError | undefined {
  return stopReason?.kind === 'unrecorded' ? stopReason.error : undefined;
}

function afterMs(ms: number | undefined, then: () => void): NodeJS.Timeout | undefined {
  return ms === undefined ? undefined : setTimeout(then, Math.min(ms, 2 ** 31 - 1)).unref();
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

function progressOf(books: Books, sender: RunningSender) {
  const { accepted, rejected } = books.states;
  return { read: books.read, accepted, rejected, waitingFor: sender.waitingFor };
}

function checkOptions(options: SendOptions, dryRun: boolean): void {
  if (options.out !== undefined && !dryRun) {
    throw new UserError('OPTION_CONFLICT', '--out only goes with --dry-run.', {
      hint: 'Add --dry-run to write the batches instead of sending them.',
    });
  }
  if (options.sandbox === true && options.endpoint !== undefined) {
    throw new UserError('OPTION_CONFLICT', '--sandbox and --endpoint name two destinations.', {
      hint: 'Keep one of them.',
    });
  }
}

function compile(config: Config): readonly CompiledMapping[] {
  try {
    return compileMappings(config.mappings);
  } catch (error) {
    if (!(error instanceof MappingError)) throw error;
    throw config.error(['mappings', ...error.path], error.code, error.message, error.hint);
  }
}
