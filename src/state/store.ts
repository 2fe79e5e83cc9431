import { randomUUID } from 'node:crypto';
import { existsSync, readdirSync, rmSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { syncDirectory, writeAtomically } from '../atomic-file.js';
import { UserError } from '../errors.js';
import type { DeliveryLog } from '../interfaces.js';
import { DeliveredIndex, type IndexPlace } from './delivered-index.js';
import { StoredLog } from './delivery-log.js';
import { AT } from './entry.js';
import { unwritable } from './errors.js';
import { InFlight } from './in-flight.js';
import { encodeJournal, Journal, readJournal } from './journal.js';
import { type Scope, scopeId } from './keys.js';
import { type LockHolder, takeLock } from './lock.js';
import { forgetRuns, type RunRecord, readRuns, writeRun } from './runs.js';
import { Segment } from './segment.js';
import {
  isJournal,
  isSegment,
  type KnownScope,
  newState,
  readState,
  type StateFile,
  writeState,
} from './state-file.js';

/** How long a delivery is remembered: longer than the server remembers batches (30 to 60 days, contract.md). */
export const REMEMBERED_DAYS = 90;
const DAY_SECONDS = 86_400;
const IN_FLIGHT = 'in-flight';
const READ_ATTEMPTS = 3;

/** What {@link openStore} needs to know of the run. */
export interface StoreOptions {
  readonly directory: string;
  readonly runId: string;
  readonly scope: Scope;
  /** The names of the mappings that deliver. */
  readonly mappings: readonly string[];
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
  /** All earlier runs, oldest first. */
  readonly runs: readonly RunRecord[];
  writeRun(record: RunRecord): Promise<void>;
  /**
   * Brings what the run did into its final form and lets go of the lock. Without it, as after a kill, the next run does
   * that.
   *
   * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`; nothing is lost then either.
   */
  close(): Promise<void>;
  /** Lets go of the lock only. */
  abandon(): Promise<void>;
}

/**
 * Opens the state of a directory for one run, making it if need be, and brings in what a killed run left.
 *
 * The store is a journal a run and sorted files of fixed-size entries, and no database: with 10 million entries LMDB
 * takes 1.25 GB of memory for 100,000 look-ups and LevelDB 3.6 s, and neither tells when its files were damaged.
 *
 * @throws UserError with a `STATE_…` code.
 */
export async function openStore(options: StoreOptions): Promise<Store> {
  const { directory } = options;
  try {
    await mkdir(directory, { recursive: true, mode: 0o700 });
  } catch (cause) {
    throw unwritable(directory, cause);
  }
  const lock = await takeLock(directory, options.runId, options.waitMs, options.onWait);
  try {
    const store = await OpenStore.open(options);
    const thenUnlock = (step: Promise<void>): Promise<void> => step.finally(() => lock.release());
    return {
      log: store.log,
      run: store.run,
      scope: store.scope,
      runs: store.runs,
      writeRun: (record) => writeRun(directory, record),
      close: () => thenUnlock(store.close()),
      abandon: () => thenUnlock(store.abandon()),
    };
  } catch (error) {
    await lock.release();
    throw error;
  }
}

/** What earlier runs left, to be looked at: a dry run reads it while another run may write. */
export interface StoredPast {
  readonly state: StateFile;
  readonly index: DeliveredIndex;
  readonly inFlight: InFlight;
}

/**
 * Reads the state of a directory without changing it.
 *
 * @param newPath where what a killed run left in its journal may be put, if it is much.
 * @returns undefined where there is none.
 * @throws UserError `STATE_DAMAGED`, `STATE_TOO_NEW`.
 */
export async function readStore(
  directory: string,
  nowMs: number,
  newPath: () => string,
): Promise<StoredPast | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    const state = readState(directory);
    if (state === undefined) return undefined;
    try {
      const past = openPast(directory, state, nowMs, { newPath, nameless: true });
      await bringIn(directory, past);
      return { state, ...past };
    } catch (error) {
      // A run that ends just now replaces files.
      if (attempt === READ_ATTEMPTS) throw error;
    }
  }
}

class OpenStore {
  readonly run: number;
  readonly scope: KnownScope;
  readonly runs: readonly RunRecord[];
  readonly log: DeliveryLog;
  readonly #directory: string;
  readonly #state: StateFile;
  readonly #index: DeliveredIndex;
  readonly #inFlight: InFlight;
  readonly #journal: Journal;
  readonly #oldest: number;

  private constructor(
    directory: string,
    state: StateFile,
    past: Past,
    parts: {
      readonly log: DeliveryLog;
      readonly journal: Journal;
      readonly runs: readonly RunRecord[];
      readonly scope: KnownScope;
    },
  ) {
    this.#directory = directory;
    this.#state = state;
    this.#index = past.index;
    this.#inFlight = past.inFlight;
    this.#oldest = past.oldest;
    this.#journal = parts.journal;
    this.log = parts.log;
    this.run = state.lastRun;
    this.scope = parts.scope;
    this.runs = parts.runs;
  }

  static async open({ directory, scope, mappings, now }: StoreOptions): Promise<OpenStore> {
    const found = readState(directory);
    const saved = found ?? newState();
    const newPath = (): string => join(directory, `${randomUUID()}.segment`);
    const past = openPast(directory, saved, now(), { newPath, nameless: false });
    removeLeftovers(directory, saved);
    const killed = await bringIn(directory, past);
    await noteKilled(directory, killed);
    forgetRuns(directory, past.oldest);
    const known = scopeOf(saved, scope, mappings);
    const scopes = [...saved.scopes.filter(({ id }) => id !== known.id), known];
    const state = { ...saved, lastRun: saved.lastRun + 1, scopes };
    await save(directory, state, past, [...killed.keys()].map(journalName));
    const journal = await Journal.create(join(directory, journalName(state.lastRun)));
    const log = new StoredLog({
      scope: known.id,
      index: past.index,
      inFlight: past.inFlight,
      journal,
      run: state.lastRun,
      now: () => Math.floor(now() / 1000),
    });
    return new OpenStore(directory, state, past, {
      log,
      journal,
      runs: readRuns(directory),
      scope: known,
    });
  }

  async abandon(): Promise<void> {
    await this.#journal.close();
    this.#index.close();
  }

  async close(): Promise<void> {
    await this.#journal.close();
    this.#inFlight.endRun();
    const past = { index: this.#index, inFlight: this.#inFlight, oldest: this.#oldest };
    await save(this.#directory, this.#state, past, [basename(this.#journal.path)]);
    this.#index.close();
  }
}

interface Past {
  readonly index: DeliveredIndex;
  readonly inFlight: InFlight;
  /** What is older, in Unix seconds, is forgotten. */
  readonly oldest: number;
}

function openPast(
  directory: string,
  state: StateFile,
  nowMs: number,
  place: Pick<IndexPlace, 'newPath' | 'nameless'>,
): Past {
  const oldest = Math.floor(nowMs / 1000) - REMEMBERED_DAYS * DAY_SECONDS;
  const segments = state.segments.map((name) => Segment.open(join(directory, name)));
  const kept = segments.filter((segment) => segment.newest >= oldest);
  for (const segment of segments) if (segment.newest < oldest) segment.close();
  const saved = new Set(state.segments);
  const index = new DeliveredIndex({ ...place, isSaved: (path) => saved.has(basename(path)) }, kept, oldest);
  return { index, inFlight: new InFlight(), oldest };
}

/** Brings in what was in flight, and the journals of killed runs. Gives how many deliveries each of those made. */
async function bringIn(directory: string, { index, inFlight }: Past): Promise<Map<number, number>> {
  const path = join(directory, IN_FLIGHT);
  if (existsSync(path)) {
    for await (const event of readJournal(path)) inFlight.apply(event);
    inFlight.endRun();
  }
  const killed = new Map<number, number>();
  for (const name of readdirSync(directory).filter(isJournal).sort(byNumber)) {
    let accepted = 0;
    for await (const event of readJournal(join(directory, name))) {
      for (const entry of inFlight.apply(event)) {
        if (event.kind === 'accepted') entry[AT.seconds] = event.seconds;
        index.add(entry);
        accepted += 1;
      }
    }
    inFlight.endRun();
    killed.set(numberOf(name), accepted);
  }
  return killed;
}

async function noteKilled(directory: string, killed: ReadonlyMap<number, number>): Promise<void> {
  for (const record of readRuns(directory)) {
    if (record.state !== 'running') continue;
    const accepted = killed.get(record.number) ?? 0;
    await writeRun(directory, { ...record, state: 'killed', result: { accepted } });
  }
}

/** Everything new first, then what names it, and only then away with what is no longer named. */
async function save(
  directory: string,
  state: StateFile,
  { index, inFlight, oldest }: Past,
  journals: readonly string[],
): Promise<void> {
  try {
    const segments = index.save().map((path) => basename(path));
    await syncDirectory(directory);
    const open = inFlight.toJournal(oldest);
    if (open.length > 0) {
      await writeAtomically(join(directory, IN_FLIGHT), encodeJournal(open), 'STATE_UNWRITABLE');
    }
    await writeState(directory, { ...state, segments });
    if (open.length === 0) await rm(join(directory, IN_FLIGHT), { force: true });
    for (const name of journals) await rm(join(directory, name), { force: true });
    removeLeftovers(directory, { segments });
  } catch (cause) {
    throw cause instanceof UserError ? cause : unwritable(directory, cause);
  }
}

/** Removes what a killed run did not come to name or to remove. */
function removeLeftovers(directory: string, { segments }: Pick<StateFile, 'segments'>): void {
  for (const name of readdirSync(directory)) {
    if ((isSegment(name) && !segments.includes(name)) || name.endsWith('.partial'))
      rmSync(join(directory, name));
  }
}

function scopeOf(state: StateFile, scope: Scope, mappings: readonly string[]): KnownScope {
  const id = scopeId(state.secret, scope);
  const known = state.scopes.find((other) => other.id === id);
  const { endpoint, environment } = scope;
  const names = [...new Set([...(known?.mappings ?? []), ...mappings])];
  return { id, endpoint, environment, mappings: names };
}

function journalName(run: number): string {
  return `journal-${run}`;
}

function numberOf(name: string): number {
  return Number(name.slice('journal-'.length));
}

function byNumber(a: string, b: string): number {
  return numberOf(a) - numberOf(b);
}
