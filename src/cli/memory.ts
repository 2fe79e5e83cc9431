import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { resolve } from 'node:path';
import type { Config } from '../config/config.js';
import { accountOf } from '../config/credentials.js';
import type { StopReason } from '../delivery/outcome.js';
import { EXIT, UserError, userErrorOf } from '../errors.js';
import { sampleFile } from '../input/sample.js';
import type { DeliveryLog, Problem } from '../interfaces.js';
import type { RunResult } from '../report/result.js';
import { AudienceStore } from '../state/audiences.js';
import { checkUnchanged } from '../state/changed-input.js';
import { oldestIn } from '../state/clock.js';
import { createThrowawayIndex } from '../state/delivered-index.js';
import { ThrowawayLog } from '../state/delivery-log.js';
import { type Scope, scopeId } from '../state/keys.js';
import { leftBehind } from '../state/left-behind.js';
import { eachRun, type RunFile, type StoredRun } from '../state/runs.js';
import { openStore, readStore, type Store } from '../state/store.js';
import type { DeliveryOptions } from './options.js';
import { endpointOf, sandboxScope, type Target } from './target.js';

/** What the record of such a run says; why, the run itself told. */
const UNCLOSED = 'The state could not be brought into its final form: the next run does that.';

/** What a run knows of earlier ones, and leaves for later ones. */
export interface Memory {
  readonly log: DeliveryLog;
  /** Whether it knows of earlier runs. */
  readonly remembers: boolean;
  /** A key for hashes of identifiers: without it nobody can test guesses against them. */
  readonly secret: string;
  /** All earlier runs that are remembered; read anew each time. */
  readonly runs: Iterable<StoredRun>;
  /** The files of runs that were killed, of which this one is the first to tell. */
  readonly leftBehind: readonly string[];
  /** What is to be said where it is not known which of several accounts' deliveries count; undefined where it is. */
  readonly unsure?: Problem;
  /** What is remembered of an audience, by its key; undefined where nothing is remembered. */
  audience(key: string): AudienceStore | undefined;
  /** Records how the run ended, and releases the state. `early`: it stopped before the end of its input. */
  close(result: RunResult, early: boolean): Promise<void>;
  /** Releases the state as a killed run does: the next run finds out what happened. */
  abandon(): Promise<void>;
  /** Releases the state when nothing was sent. */
  cancel(): Promise<void>;
}

/** What the memory of a run depends on. */
export interface MemoryOptions {
  readonly config: Config;
  readonly options: DeliveryOptions;
  /** Undefined of a dry run. */
  readonly target: Target | undefined;
  readonly stateDirectory: string;
  readonly runId: string;
  readonly files: readonly string[];
  readonly startedAt: Date;
  readonly command: string;
  /** Names of the mappings that deliver. */
  readonly mappings: readonly string[];
}

/**
 * The memory of a run. Nothing is remembered with `--no-state`, of a dry run, and of the sandbox unless it is given a
 * directory.
 *
 * @throws UserError with a `STATE_…` or `ENDPOINT_…` code, `INPUT_CHANGED`, or `TEMPORARY_UNWRITABLE`.
 */
export async function openMemory(run: MemoryOptions): Promise<Memory> {
  const { config, options, target, stateDirectory } = run;
  if (options.state === false) return openThrowawayMemory();
  if (options.sandbox === true && options.state === undefined) return openThrowawayMemory();
  if (target !== undefined) return openStoredMemory(run, target.scope);
  const scope =
    options.sandbox === true
      ? sandboxScope(config)
      : { endpoint: endpointOf(config, options), environment: config.environment, account: knownAccount() };
  return openDryMemory(stateDirectory, scope, config.delivery.rememberMs);
}

/** The account, where the environment tells it: a dry run needs none. */
function knownAccount(): string | undefined {
  try {
    return accountOf(process.env);
  } catch (error) {
    if (error instanceof UserError) return undefined;
    throw error;
  }
}

/** Closes the memory. @returns what went wrong; nothing is lost then, since the next run takes it from the journal. */
export function closeMemory(
  memory: Memory,
  result: RunResult,
  stopReason: StopReason | undefined,
  failure: UserError | undefined,
): Promise<UserError | undefined> {
  // After too many rejects the file is to be fixed, so it may change.
  const early = failure !== undefined || (stopReason !== undefined && stopReason.kind !== 'too many rejects');
  return userErrorOf(memory.close(result, early));
}

/** The result of a run that could not bring its state into the final form: the next run does that. */
export function unclosed(result: RunResult, { message }: UserError): RunResult {
  return isOver(result) ? { ...result, exitCode: EXIT.pending, stopped: message } : result;
}

/**
 * The memory of a run that delivers.
 *
 * @throws UserError with a `STATE_…` code, or `INPUT_CHANGED`.
 */
async function openStoredMemory(run: MemoryOptions, scope: Scope): Promise<Memory> {
  const { config, options, stateDirectory: directory, runId, command, startedAt, mappings } = run;
  const store = await openStore({
    directory,
    runId,
    scope,
    mappings,
    rememberMs: config.delivery.rememberMs,
    waitMs: options.wait ?? 0,
    onWait: (holder) =>
      process.stderr.write(
        `Waiting for run ${holder.runId} (process ${holder.pid} on ${holder.host}) to end.\n`,
      ),
    now: Date.now,
  });
  try {
    const files: RunFile[] = [];
    for (const name of run.files) {
      const content = name === '-' ? undefined : await sampleFile(name);
      files.push({ name, ...(content === undefined ? {} : { content }) });
    }
    const { id } = store.scope;
    if (options.acceptChanged !== true) await checkUnchanged(files, store.runs, { ...scope, id, mappings });
    const record: StoredRun = {
      number: store.run,
      id: runId,
      command,
      startedAt: startedAt.toISOString(),
      pid: process.pid,
      host: hostname(),
      endpoint: scope.endpoint,
      environment: scope.environment,
      scope: id,
      mappings,
      files,
      ...(options.rejects === undefined ? {} : { rejects: resolve(options.rejects) }),
      state: 'running',
      unfinished: true,
    };
    await store.writeRun(record);
    const { endpoint, environment } = scope;
    return {
      log: store.log,
      remembers: true,
      secret: id,
      runs: store.runs,
      leftBehind: await leftBehind(store.runs, { files, scope: id }),
      audience: (audience) =>
        new AudienceStore(
          directory,
          id,
          { audience, endpoint, environment },
          store.log,
          store.run,
          store.check,
        ),
      abandon: () => store.abandon(),
      cancel: async () => {
        await store.writeRun({ ...record, state: 'stopped', unfinished: false });
        await store.close();
      },
      close: (result, early) => close(store, record, result, early),
    };
  } catch (error) {
    await store.close();
    throw error;
  }
}

/** The memory of a run that ignores earlier runs and leaves nothing behind. */
function openThrowawayMemory(): Memory {
  const index = createThrowawayIndex();
  return {
    log: new ThrowawayLog([randomUUID()], index),
    remembers: false,
    secret: 'throw-away',
    runs: [],
    leftBehind: [],
    audience: () => undefined,
    close: async () => index.close(),
    abandon: async () => index.close(),
    cancel: async () => index.close(),
  };
}

/**
 * The memory of a dry run: it knows what earlier runs delivered, and leaves nothing behind.
 *
 * @param scope its account may be unknown: then every account counts to which something went at that endpoint.
 * @throws UserError as {@link readStore} does.
 */
async function openDryMemory(
  directory: string,
  scope: Omit<Scope, 'account'> & { readonly account: string | undefined },
  rememberMs: number,
): Promise<Memory> {
  const past = await readStore(directory, oldestIn(directory, Date.now(), rememberMs));
  if (past === undefined) return openThrowawayMemory();
  const index = createThrowawayIndex();
  const { account } = scope;
  const known = past.state.scopes
    .filter(({ endpoint, environment }) => endpoint === scope.endpoint && environment === scope.environment)
    .map(({ id }) => id);
  const scopes = account === undefined ? known : [scopeId(past.state.secret, { ...scope, account })];
  const [first, ...others] = scopes;
  const close = async (): Promise<void> => {
    index.close();
    past.index.close();
  };
  const id = first ?? randomUUID();
  const log = new ThrowawayLog([id, ...others], index, past);
  const unsure: Problem = {
    code: 'ACCOUNT_UNKNOWN',
    message: `${scopes.length} accounts are known at this endpoint, and no credentials tell which one is meant: what any of them got counts as delivered. Set ROKT_CAPI_API_KEY.`,
  };
  const { endpoint, environment } = scope;
  return {
    log,
    remembers: true,
    secret: id,
    runs: { [Symbol.iterator]: () => eachRun(directory) },
    leftBehind: [],
    ...(others.length === 0 ? {} : { unsure }),
    audience: (audience) => new AudienceStore(directory, id, { audience, endpoint, environment }, log, 0),
    close,
    abandon: close,
    cancel: close,
  };
}

async function close(store: Store, record: StoredRun, result: RunResult, early: boolean): Promise<void> {
  const {
    rejections: _,
    warnings: __,
    quality: ___,
    comparison: ____,
    errors: ______,
    audiences = [],
    ...counts
  } = result;
  const ended: StoredRun = {
    ...record,
    state: isOver(result) ? 'finished' : 'stopped',
    unfinished: early && result.accepted + store.inDoubt() > 0,
    result: {
      ...counts,
      ...(audiences.length === 0
        ? {}
        : { audiences: audiences.map(({ examples: _____, ...audience }) => audience) }),
    },
  };
  try {
    // Where closing fails, the disk may have no room to say so.
    const ifUnclosed = { ...ended.result, exitCode: EXIT.pending, stopped: UNCLOSED };
    await store.writeRun(isOver(result) ? { ...ended, result: ifUnclosed } : ended);
  } catch (error) {
    // The next run makes the record of what is in the journal, which closing would remove.
    await store.abandon();
    throw error;
  }
  await store.close(isOver(result) ? ended : undefined);
}

function isOver({ exitCode }: RunResult): boolean {
  return exitCode === EXIT.ok || exitCode === EXIT.rejected;
}
