import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { checkWritable } from '../atomic-file.js';
import type { Config } from '../config/config.js';
import type { PAUSE, PreparedSlice } from '../delivery/prepared-slice.js';
import { RejectLimit } from '../delivery/reject-limit.js';
import { DeliveryRun } from '../delivery/run.js';
import type { SettledRecord } from '../delivery/run-record.js';
import { type OpenedInput, openInputs } from '../input/open.js';
import type { DeliveryIds, Problem, SharedIds } from '../interfaces.js';
import type { CompiledMapping } from '../mapping/compile.js';
import { type ColumnOf, createColumnOf } from '../mapping/field-columns.js';
import { emptyQuality, mergeQuality, type Quality } from '../payload/quality.js';
import { Books } from '../report/books.js';
import type { Gates } from '../report/gates.js';
import { formatReading } from '../report/progress.js';
import { RejectsWriter } from '../report/rejects.js';
import { formatOf } from '../report/report.js';
import type { RunResult } from '../report/result.js';
import { createRunId } from '../state/runs.js';
import { compileConfigured, inputOptionsOf, openConfig, payloadOptionsOf } from './configured.js';
import { deliver } from './deliver.js';
import { followerOf } from './follow.js';
import { type Memory, type MemoryOptions, openMemory } from './memory.js';
import type { OpenRun } from './open-run.js';
import { checkConflicts } from './option-conflicts.js';
import type { DeliveryOptions } from './options.js';
import { checkOutputs, outputsOf, rejectsPathOf } from './outputs.js';
import { Preview } from './preview.js';
import type { WorkSpec } from './slice-work.js';
import { openTarget } from './target.js';
import { TimeBudget } from './time-budget.js';
import { announceTyping } from './typing.js';

/** What has come of a pipe waits no longer for more. */
const PAUSE_MS = 1_000;

/** What a command says that delivers changes. */
interface ChangesOptions {
  /** Told of each delivered record; answers whether it is one of the input, and so belongs into the books. */
  readonly isInput: (record: SettledRecord) => boolean;
  /** Called when everything is settled, before the state is closed. `stopped`: whether something is pending. */
  readonly onEnd: (stopped: boolean) => Promise<void>;
}

/** What a command that delivers says of itself. */
export interface SessionOptions {
  /** Its name, for the records of runs. */
  readonly command: string;
  readonly files: readonly string[];
  readonly options: DeliveryOptions;
  /** The mappings to use of those in the config. */
  readonly mappingsOf: (config: Config) => Config['mappings'];
  /**
   * Set where it reads all of its input before it delivers anything: the changes that it has found, each a batch of its
   * own. Else it delivers events as they are read, and those of one user share batches.
   */
  readonly changes?: ChangesOptions;
  /** See `InputOptions`. */
  readonly lists?: readonly string[];
  /** Files that are read besides `files` and the config. */
  readonly alsoRead?: readonly string[];
  /** What a run has to fulfil besides being delivered; undefined: nothing. */
  readonly gates?: Gates;
}

/** One run of a command that delivers: everything open that it needs. */
export interface Session {
  readonly config: Config;
  readonly inputs: readonly OpenedInput[];
  readonly memory: Memory;
  readonly mappings: readonly CompiledMapping[];
  readonly dryRun: boolean;
  /** What takes records of the input from here to batches. */
  readonly spec: WorkSpec;
  /** Gives deliveries their ids. */
  readonly ids: DeliveryIds;
  /** The same for workers; undefined where only this thread can. */
  readonly sharedIds: SharedIds | undefined;
  /** What has to come out of a pipe before anything is sent is awaited in it, so that --max-duration holds for that too. */
  readonly budget: TimeBudget;
  /** Enters a warning that is about no record. */
  warn(problem: Problem, file: string, line: number): void;
  /** Counts records of the input as read: by who reads all of it first. */
  read(count: number): void;
  /** Shows how the reading goes where it has to end before anything is sent. */
  reading<T>(work: () => Promise<T>): Promise<T>;
  /** Enters a record that needs no delivery. */
  settle(record: SettledRecord): void;
  /** Delivers, closes everything, and prints the summary. `extend`: adds to the result what only the command knows. */
  deliver(
    slices: AsyncIterable<PreparedSlice | typeof PAUSE>,
    extend?: (result: RunResult) => RunResult,
  ): Promise<void>;
  /** Closes everything where nothing was delivered. */
  abort(): Promise<void>;
}

/**
 * Opens a session.
 *
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function openSession(about: SessionOptions): Promise<Session> {
  const { files, options, changes } = about;
  tuneMemory();
  const startedAt = performance.now();
  const now = new Date();
  const dryRun = options.dryRun === true;
  checkConflicts(options, files.length);
  for (const path of options.report ?? []) {
    formatOf(path);
    await checkWritable(resolve(path), 'REPORT_UNWRITABLE');
  }
  const config = openConfig(options.config);
  const read = [...files, ...(about.alsoRead ?? []), ...(config.file === undefined ? [] : [config.file])];
  checkOutputs(read, outputsOf(options));
  const entries = about.mappingsOf(config);
  const mappings = compileConfigured(config, entries);
  // Without a state only the server can know that something was sent: by batches that are the same in every run.
  const pauses = changes === undefined && !dryRun && options.state !== false;
  const inputOptions = {
    ...inputOptionsOf(config, options, about.lists),
    ...(pauses ? { pauseMs: PAUSE_MS } : {}),
  };
  const preview = options.show === undefined ? undefined : new Preview(options.show);
  const budget = new TimeBudget(options.maxDuration);
  announceTyping(files);
  const follow = followerOf(options, files);
  const opened = await budget.spend(openInputs(files, process.stdin, inputOptions));
  const inputs =
    preview === undefined ? opened : opened.map((input) => preview.watch(input, () => memory.log.inDoubt));
  const runId = createRunId(now, Math.random);
  const target = dryRun ? undefined : await openTarget(config, options, runId);
  const stateDirectory =
    typeof options.state === 'string'
      ? resolve(options.state)
      : (target?.stateDirectory ?? config.stateDirectory);
  const columnOf = createColumnOf(entries, inputOptions);
  const { rejects, memory } = await openOutcome({
    command: about.command,
    config,
    options,
    target,
    stateDirectory,
    runId,
    files,
    startedAt: now,
    mappings: entries.map(({ name }) => name),
    columnOf,
  }).catch(async (error: unknown) => {
    await target?.close();
    throw error;
  });
  const books = new Books(columnOf);
  const settle = (record: SettledRecord): void => {
    preview?.settle(record);
    books.settle(record);
    rejects.add(record);
  };
  // A change says what is so now: one of the same person that is in doubt gives way to it.
  const resendChanged = config.delivery.resendChanged || changes !== undefined;
  const { run, quality } = createRun(about, { memory, books, rejects, resendChanged, settle });
  const known = options.resend !== true && !resendChanged;
  const { shared } = memory.log;
  const ids: DeliveryIds = {
    identify: (key) => memory.log.identify(key),
    isDelivered: (id) => known && memory.log.isDelivered(id),
  };
  const spec: WorkSpec = {
    heads: inputs.map(({ head }) => head),
    input: inputOptions,
    mappings: entries,
    payload: payloadOptionsOf(config, options, now.getTime()),
    pack: {
      separate: changes !== undefined,
      bodies:
        !dryRun || options.out !== undefined || preview !== undefined || resendChanged || memory.remembers,
    },
  };
  const open: OpenRun = {
    runId,
    startedAt,
    config,
    options,
    files,
    target,
    memory,
    run,
    books,
    rejects,
    quality,
    preview,
    spec,
    budget,
    follow,
    gates: about.gates,
    changes,
  };
  return {
    config,
    inputs,
    memory,
    mappings,
    dryRun,
    spec,
    ids,
    budget,
    sharedIds: shared && (known ? shared : { ...shared, segments: [] }),
    settle,
    warn: (problem, file, line) => books.warn(problem, file, line),
    read: (count) => {
      books.read += count;
    },
    reading: async (work) => {
      const progress = await follow((elapsedMs) => formatReading(books.read, elapsedMs));
      return work().finally(() => progress.stop());
    },
    abort: async () => {
      await target?.close();
      await memory.cancel();
    },
    deliver: (slices, extend = (result) => result) => deliver(open, slices, extend),
  };
}

/** How V8 collects from here on. */
function tuneMemory(): void {
  // The young generation stays as large as it is. What threads and sockets are handed lies outside the heap,
  // and is let go of when that is collected: as large as V8 would have it, it takes a fifth more memory.
  setFlagsFromString('--semi-space-growth-factor=1');
  // By so much of what is in use the heap grows before it is collected. Left alone, V8 lets it grow by 40 MB and more, with
  // what is gone already: of each rejected row a little, and of each change to an audience what lies outside the heap.
  setFlagsFromString('--heap-growing-percent=30');
}

/** Makes what takes records to their end states and enters these into the books, and what counts what the records have. */
function createRun(
  { options, changes, gates }: SessionOptions,
  parts: {
    readonly memory: Memory;
    readonly books: Books;
    readonly rejects: RejectsWriter;
    readonly resendChanged: boolean;
    readonly settle: (record: SettledRecord) => void;
  },
): { readonly run: DeliveryRun; readonly quality: () => Quality | undefined } {
  const { memory, books, rejects, resendChanged, settle } = parts;
  let quality: Quality | undefined;
  const run = new DeliveryRun({
    log: memory.log,
    resend: options.resend === true,
    resendChanged,
    // As a gate it is looked at in the end: then all reasons are known.
    rejectLimit: gates === undefined ? options.maxRejects && new RejectLimit(options.maxRejects) : undefined,
    // Of what is read in full before, the command counts the records.
    onTaken:
      changes !== undefined
        ? undefined
        : (packed) => {
            books.read += packed.lines.length;
            quality ??= emptyQuality();
            mergeQuality(quality, packed.quality);
          },
    onRecord: (record) => {
      if (changes?.isInput(record) !== false) settle(record);
      else rejects.add(record);
    },
    ...(options.show === undefined && changes === undefined
      ? { onPlain: (state) => books.settlePlain(state) }
      : {}),
  });
  return { run, quality: () => quality };
}

/** Opens what a run leaves: its rejects, and its memory. */
async function openOutcome(
  run: MemoryOptions & { readonly columnOf: ColumnOf },
): Promise<{ readonly rejects: RejectsWriter; readonly memory: Memory }> {
  const path = await rejectsPathOf(run.options, run.stateDirectory, run.runId);
  return { rejects: new RejectsWriter(path, run.runId, run.columnOf), memory: await openMemory(run) };
}
