import { basename, join } from 'node:path';
import { removePartial, syncDirectory } from '../atomic-file.js';
import { UserError } from '../errors.js';
import { DeliveredIndex, type IndexPlace } from './delivered-index.js';
import { unwritable } from './errors.js';
import { InFlight } from './in-flight.js';
import { encodeJournal, readJournal } from './journal.js';
import {
  AUDIENCES_FOLDER,
  IN_FLIGHT_FILE,
  isSegment,
  journalName,
  RUNS_FOLDER,
  rejectsPath,
  runOfJournal,
} from './layout.js';
import { isThere, namesIn, remove } from './on-disk.js';
import { PageCache } from './page-cache.js';
import { eachRun, removeRun, writeRun } from './runs.js';
import { Segment } from './segment.js';
import { type StateFile, writeState } from './state-file.js';
import { writeWhole } from './whole-file.js';

/** What earlier runs left. */
export interface Past {
  readonly index: DeliveredIndex;
  readonly inFlight: InFlight;
  /** What is older, in Unix seconds, is forgotten. */
  readonly oldest: number;
}

/** Opens what was saved; the rest comes with {@link bringIn}. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
export function openPast(directory: string, state: StateFile, oldest: number, place: IndexPlace): Past {
  const cache = new PageCache();
  const segments = state.segments.map((name) => Segment.open(join(directory, name), cache));
  const kept = segments.filter((segment) => segment.newest >= oldest);
  for (const segment of segments) if (segment.newest < oldest) segment.close();
  const index = new DeliveredIndex(place, kept, oldest, cache);
  return { index, inFlight: new InFlight(), oldest };
}

/** What a killed run had done. */
export interface KilledRun {
  /** Deliveries that were accepted. */
  readonly accepted: number;
  /** Deliveries that may be with the server. */
  readonly inFlight: number;
}

/**
 * Brings in what was in flight, and the journals of killed runs.
 *
 * @returns what each of those had done, by its number.
 * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`, and where what is much cannot be written down.
 */
export async function bringIn(directory: string, { index, inFlight }: Past): Promise<Map<number, KilledRun>> {
  const path = join(directory, IN_FLIGHT_FILE);
  if (isThere(path)) {
    for await (const event of readJournal(path, true)) inFlight.apply(event);
    inFlight.endRun();
  }
  const killed = new Map<number, KilledRun>();
  const runs = namesIn(directory).flatMap((name) => runOfJournal(name) ?? []);
  for (const run of runs.sort((a, b) => a - b)) {
    let accepted = 0;
    for await (const event of readJournal(join(directory, journalName(run)))) {
      const entries = inFlight.apply(event);
      if (event.kind === 'accepted') accepted += index.addAll(entries, event.seconds);
    }
    killed.set(run, { accepted, inFlight: inFlight.endRun() });
  }
  return killed;
}

/**
 * Removes the records of runs that began before `oldest` (Unix seconds). Of the others, those that are said to be running
 * are dead: whoever asks holds the lock. Of a rejects file that one was writing nothing is left.
 *
 * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`, `STATE_UNWRITABLE`, `STATE_DISK_FULL`.
 */
export async function settleRuns(
  directory: string,
  killed: ReadonlyMap<number, KilledRun>,
  oldest: number,
): Promise<void> {
  for (const record of eachRun(directory)) {
    const isForgotten = Date.parse(record.startedAt) / 1000 < oldest;
    if (isForgotten) removeRun(directory, record);
    if (record.state !== 'running') continue;
    await removePartial(record.rejects ?? rejectsPath(directory, record.id), record.id);
    if (isForgotten) continue;
    const { accepted, inFlight } = killed.get(record.number) ?? { accepted: 0, inFlight: 0 };
    const unfinished = accepted + inFlight > 0;
    await writeRun(directory, { ...record, state: 'killed', unfinished, result: { accepted } });
  }
}

/**
 * Saves what is known: everything new first, then what names it, and only then away with what is no longer named.
 *
 * @param journals names of those whose runs are in it.
 * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`, `STATE_DAMAGED`, `STATE_UNREADABLE`.
 */
export async function save(
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
      await writeWhole(join(directory, IN_FLIGHT_FILE), encodeJournal(open));
    }
    await writeState(directory, { ...state, segments });
    if (open.length === 0) remove(join(directory, IN_FLIGHT_FILE));
    for (const name of journals) remove(join(directory, name));
    removeLeftovers(directory, { segments });
  } catch (cause) {
    throw cause instanceof UserError ? cause : unwritable(directory, cause);
  }
}

/** Removes what a killed run did not come to name or to remove. @throws UserError `STATE_UNREADABLE`, `STATE_UNWRITABLE`. */
export function removeLeftovers(directory: string, { segments }: Pick<StateFile, 'segments'>): void {
  for (const name of namesIn(directory)) {
    if (isSegment(name) && !segments.includes(name)) remove(join(directory, name));
  }
  // Only who holds the lock writes there; to the rejects a dry run does, too.
  for (const folder of ['.', AUDIENCES_FOLDER, RUNS_FOLDER]) removePartials(join(directory, folder));
}

function removePartials(folder: string): void {
  for (const name of namesIn(folder)) {
    if (name.endsWith('.partial')) remove(join(folder, name));
  }
}
