import { CODES } from '../codes.js';
import type { SettledRecord } from '../delivery/run-record.js';
import type { Problem, RecordState } from '../interfaces.js';
import type { ColumnOf } from '../mapping/field-columns.js';
import { enter, type Group, groupOf, mostFrequentFirst } from './group.js';

/** The states in which records end, as they are reported. */
export const STATES = [
  'accepted',
  'duplicate',
  'skipped',
  'rejected',
  'pending',
] as const satisfies readonly RecordState[];

/** Fields may be named by the data: past so many reasons, further ones of a code are counted as one. */
const MOST_REASONS = 100;

/** One reason, for rejections or warnings, with how often and where it came up. */
export interface Tally extends Group {
  readonly code: string;
  readonly message: string;
  readonly field?: string;
}

/**
 * The books of one run: every record read ends in exactly one state, and the five add up to the records read
 * (design.md, promise 1).
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
  /** Of the skipped ones, profiles of people who are no members. */
  nonMembers = 0;
  readonly #columnOf: ColumnOf;
  readonly #rejections = new Map<string, Tally>();
  readonly #warnings = new Map<string, Tally>();

  /** @param columnOf tells which column a field of a record was read from; absent: nobody asks. */
  constructor(columnOf: ColumnOf = () => undefined) {
    this.#columnOf = columnOf;
  }

  /** Enters a record that has reached its end state. */
  settle({ file, record, state, problem, isNonMember }: SettledRecord): void {
    this.states[state] += 1;
    if (isNonMember === true) this.nonMembers += 1;
    const { line, source } = record;
    const columnOf = (field: string): string | undefined => this.#columnOf(source, field);
    if (problem !== undefined) tally(this.#rejections, problem, file, line, columnOf);
    // What a warning says is of what is sent, or of why it is not.
    if (state === 'duplicate' || state === 'rejected') return;
    for (const warning of record.warnings) tally(this.#warnings, warning, file, line, columnOf);
  }

  /** Enters a record of which there is nothing to report but its end state. */
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

function tally(
  tallies: Map<string, Tally>,
  problem: Problem,
  file: string,
  line: number,
  columnOf: (field: string) => string | undefined = () => undefined,
): void {
  const { code, message, field } = problem;
  const key = `${code}\0${field ?? ''}\0${message}`;
  const isTold = tallies.has(key) || tallies.size < MOST_REASONS;
  const about: Pick<Tally, 'code' | 'message' | 'field'> = isTold
    ? { code, message, ...(field === undefined ? {} : { field }) }
    : { code, message: CODES[code].meaning };
  const column = (): string | undefined => (field === undefined ? undefined : columnOf(field));
  enter(groupOf(tallies, isTold ? key : code, about), file, line, column);
}
