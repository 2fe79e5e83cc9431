import { CODES } from '../codes.js';
import type { SettledRecord } from '../delivery/unit.js';
import type { Problem, RecordState } from '../interfaces.js';

/** How many places are kept of records that share a reason. */
const PLACES_KEPT = 3;

/** Fields may be named by the data: past so many reasons, further ones of a code are counted as one. */
const MOST_REASONS = 100;

/** One reason, for rejections or warnings, with how often and where it came up. */
export interface Tally {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
  count: number;
  /** The first few: file and 1-based line. */
  readonly places: { readonly file: string; readonly line: number }[];
}

/**
 * The books of one run: every record read ends in exactly one state, and the five add up to the records read.
 */
export class Books {
  /** Records read, whether settled or not. */
  read = 0;
  readonly states: Record<RecordState, number> = {
    accepted: 0,
    duplicate: 0,
    skipped: 0,
    rejected: 0,
    pending: 0,
  };
  readonly #rejections = new Map<string, Tally>();
  readonly #warnings = new Map<string, Tally>();

  /** Enters a record that has reached its end state. */
  settle({ file, record, state, problem }: SettledRecord): void {
    this.states[state] += 1;
    if (problem !== undefined) tally(this.#rejections, problem, file, record.line);
    for (const warning of record.warnings) tally(this.#warnings, warning, file, record.line);
  }

  /** Enters a record of which there is nothing to tell but its end state. */
  settlePlain(state: RecordState): void {
    this.states[state] += 1;
  }

  /** Enters everything that was read and not settled as pending: of a run that ended before it came to that. */
  leaveRest(): void {
    this.states.pending += this.read - this.#settled;
  }

  /** Enters a warning that is about no record. */
  warn(problem: Problem, file: string, line: number): void {
    tally(this.#warnings, problem, file, line);
  }

  /** Reasons of rejected records, most frequent first. */
  rejections(): readonly Tally[] {
    return mostFrequentFirst(this.#rejections);
  }

  /** Warnings, most frequent first. */
  warnings(): readonly Tally[] {
    return mostFrequentFirst(this.#warnings);
  }

  /** Throws where the five states do not add up to the records read: a bug, never the user's doing. */
  balance(): void {
    if (this.#settled !== this.read)
      throw new Error(`The books do not balance: ${this.read} read, ${this.#settled} settled.`);
  }

  get #settled(): number {
    return Object.values(this.states).reduce((sum, count) => sum + count, 0);
  }
}

function tally(tallies: Map<string, Tally>, problem: Problem, file: string, line: number): void {
  const { code, message, field } = problem;
  const key = `${code}\0${field ?? ''}\0${message}`;
  const isTold = tallies.has(key) || tallies.size < MOST_REASONS;
  const entry = isTold
    ? entryOf(tallies, key, { code, message, ...(field === undefined ? {} : { field }) })
    : entryOf(tallies, code, { code, message: CODES[code].meaning });
  entry.count += 1;
  if (entry.places.length < PLACES_KEPT) entry.places.push({ file, line });
}

function entryOf(
  tallies: Map<string, Tally>,
  key: string,
  about: Pick<Tally, 'code' | 'message' | 'field'>,
): Tally {
  let entry = tallies.get(key);
  if (entry === undefined) {
    entry = { ...about, count: 0, places: [] };
    tallies.set(key, entry);
  }
  return entry;
}

function mostFrequentFirst(tallies: Map<string, Tally>): readonly Tally[] {
  return [...tallies.values()].sort((a, b) => b.count - a.count);
}
