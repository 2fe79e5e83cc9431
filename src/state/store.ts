import { join } from 'node:path';
import type { DeliveryLog } from '../interfaces.js';
import { makeDirectory } from '../make-directory.js';
import { oldestIn, reachedIn } from './clock.js';
import { type IndexPlace, TEMPORARY } from './delivered-index.js';
import { StoredLog } from './delivery-log.js';
import { putBack, unwritable } from './errors.js';
import { Journal } from './journal.js';
import { type Scope, scopeId } from './keys.js';
import { journalName, newSegmentPath, STATE_FILE } from './layout.js';
import { type Lock, type LockHolder, takeLock } from './lock.js';
import { bringIn, type KilledRun, openPast, type Past, removeLeftovers, save, settleRuns } from './past.js';
import { eachRun, runNames, type StoredRun, writeRun } from './runs.js';
import { type KnownScope, newState, readState, type StateFile } from './state-file.js';

const READ_ATTEMPTS = 3;

/** What {@link openStore} needs to know of the run. */
export interface StoreOptions {
  readonly directory: string;
  readonly runId: string;
  readonly scope: Scope;
  /** The names of the mappings that deliver. */
  readonly mappings: readonly string[];
  /** How long deliveries are remembered, in ms. */
  readonly rememberMs: number;
  /** How long to wait for another run to end, in ms. */
  readonly waitMs: number;
  /** Called once where it waits. */
  readonly onWait: (holder: LockHolder) => void;
  /** Unix time in ms. */
  readonly now: () => number;
}

/** The state directory, held by one run. */
export interface Store {
  readonly log: DeliveryLog;
  /** The number of this run. */
  readonly run: number;
  /** Where this run delivers to; its id is a keyed hash. */
  readonly scope: KnownScope;
  /** All earlier runs, oldest first; read anew each time. */
  readonly runs: Iterable<StoredRun>;
  /** How many deliveries of this run may be with the server. */
  inDoubt(): number;
  /** See `Lock`: to be awaited before what was written elsewhere in the directory gets its name. */
  check(): Promise<void>;
  /**
   * Writes the record of this run, or replaces it.
   *
   * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`, and as {@link check} does.
   */
  writeRun(record: StoredRun): Promise<void>;
  /**
   * Brings what the run did into its final form and releases the lock. Without it, as after a kill, the next run does
   * that.
   *
   * @param ended the record of this run, written once that is done.
   * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`, and as {@link check} does; nothing is lost then either.
   */
  close(ended?: StoredRun): Promise<void>;
  /** Lets go of the lock only. */
  abandon(): Promise<void>;
}

/**
 * Opens the state of a directory for one run, making it if need be, and brings in what a killed run left.
 *
 * The store is a journal for each run and sorted files of fixed-size entries, and no database: with 10 million entries LMDB
 * took 1.25 GB of memory for 100,000 look-ups (it maps its file, and has no checksums), and LevelDB 18 us an entry.
 *
 * @throws UserError with a `STATE_…` code.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory } = options;
  try {
    makeDirectory(directory, 0o700);
  } catch (cause) {
    throw unwritable(directory, cause);
  }
  const lock = await takeLock(directory, options.runId, options.waitMs, options.onWait);
  try {
    return await openLocked(options, lock);
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What earlier runs left, to be looked at: a dry run reads it while another run may write. */
export interface StoredPast extends Past {
  readonly state: StateFile;
  /** Runs that were killed and that no run has found so yet, by their numbers; and one that is running. */
  readonly killed: ReadonlyMap<number, KilledRun>;
}

/**
 * Reads the state of a directory without changing it. What a killed run left in its journal goes, if it is much, into
 * temporary files.
 *
 * @param oldest what was accepted before, in Unix seconds, is forgotten.
 * @returns undefined where there is none.
 * @throws UserError `STATE_DAMAGED`, `STATE_TOO_NEW`, `STATE_UNREADABLE`, `TEMPORARY_UNWRITABLE`.
 */
export async function readStore(directory: string, oldest: number): Promise<StoredPast | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const state = readState(directory);
    if (state === undefined) return undefined;
    try {
      checkIsLatest(directory, state);
      const past = openPast(directory, state, oldest, TEMPORARY);
      const killed = await bringIn(directory, past);
      return { state, killed, ...past };
    } catch (error) {
      // A run that ends just now replaces files.
      if (attempt === READ_ATTEMPTS) throw error;
    }
  }
}

/** A run is recorded only once `state.json` knows of it. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
function checkIsLatest(directory: string, { lastRun }: StateFile): void {
  const later = runNames(directory).find(({ number }) => number > lastRun);
  if (later !== undefined) throw putBack(join(directory, STATE_FILE), later.id);
}

async function openLocked(
  { directory, scope, mappings, now, rememberMs }: StoreOptions,
  lock: Lock,
): Promise<Store> {
  const saved = readState(directory) ?? newState();
  checkIsLatest(directory, saved);
  const place: IndexPlace = {
    newPath: () => newSegmentPath(directory),
    unwritable: (cause) => unwritable(directory, cause),
  };
  const oldest = oldestIn(directory, now(), rememberMs);
  const reached = reachedIn(directory) ?? 0;
  const past = openPast(directory, saved, oldest, place);
  removeLeftovers(directory, saved);
  const killed = await bringIn(directory, past);
  await settleRuns(directory, killed, past.oldest);
  const known = scopeOf(saved, scope, mappings);
  const scopes = [...saved.scopes.filter(({ id }) => id !== known.id), known];
  const state = { ...saved, lastRun: saved.lastRun + 1, scopes };
  await save(directory, state, past, [...killed.keys()].map(journalName));
  const name = journalName(state.lastRun);
  const journal = await Journal.create(join(directory, name), lock.check);
  const { index, inFlight } = past;
  const end = async (): Promise<void> => {
    await journal.close();
    inFlight.endRun();
    await lock.check();
    await save(directory, state, past, [name]);
    index.close();
  };
  const write = async (record: StoredRun): Promise<void> => {
    await lock.check();
    await writeRun(directory, record);
  };
  const letGo = async (): Promise<void> => {
    await journal.close();
    index.close();
  };
  return {
    log: new StoredLog({
      scope: known.id,
      index,
      inFlight,
      journal,
      run: state.lastRun,
      // Of a clock that is behind, the next run would find it too old.
      now: () => Math.floor(Math.max(now(), reached) / 1000),
    }),
    run: state.lastRun,
    scope: known,
    runs: { [Symbol.iterator]: () => runsBefore(directory, state.lastRun) },
    inDoubt: () => inFlight.size,
    check: lock.check,
    writeRun: write,
    close: async (ended) => {
      try {
        await end();
        if (ended !== undefined) await write(ended);
      } finally {
        await lock.release();
      }
    },
    abandon: () => letGo().finally(() => lock.release()),
  };
}

function* runsBefore(directory: string, run: number): Generator<StoredRun> {
  for (const record of eachRun(directory)) if (record.number < run) yield record;
}

function scopeOf(state: StateFile, scope: Scope, mappings: readonly string[]): KnownScope {
  const id = scopeId(state.secret, scope);
  const known = state.scopes.find((other) => other.id === id);
  const { endpoint, environment } = scope;
  const names = [...new Set([...(known?.mappings ?? []), ...mappings])];
  return { id, endpoint, environment, mappings: names };
}
