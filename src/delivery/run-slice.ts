import type { Problem, RecordState } from '../interfaces.js';
import { OUTCOME, type PackedSlice } from './packed-slice.js';
import type { PreparedSlice } from './prepared-slice.js';
import type { RunRecord } from './run-record.js';

const [ACCEPTED, PENDING, WARNED] = [1, 2, 4];

/** A slice on its way: what is known of its records until each has reached its end state. */
export class RunSlice {
  readonly file: string;
  readonly packed: PackedSlice;
  /** Of each delivery, the index of its record. */
  readonly recordOf: Uint32Array;
  /** The record with this index. */
  readonly recordAt: (record: number) => RunRecord;
  /** Of each record, how many of its deliveries are not closed. */
  readonly #outstanding: Uint16Array;
  /** For each record: how its closed deliveries ended, and whether it has warnings. */
  readonly #marks: Uint8Array;
  readonly #release: (() => void) | undefined;
  #unreported: number;
  #problems: Map<number, Problem> | undefined;

  constructor({ file, packed, recordAt, release }: PreparedSlice) {
    const { outcomes, flags, notes } = packed;
    this.file = file;
    this.packed = packed;
    this.recordAt = recordAt;
    this.#release = release;
    this.#unreported = outcomes.length;
    this.recordOf = new Uint32Array(flags.length);
    this.#outstanding = new Uint16Array(outcomes.length);
    this.#marks = new Uint8Array(outcomes.length);
    let delivery = 0;
    for (let record = 0; record < outcomes.length; record += 1) {
      const count = Math.max(0, (outcomes[record] ?? 0) - OUTCOME.ready);
      this.#outstanding[record] = count;
      for (const end = delivery + count; delivery < end; delivery += 1) this.recordOf[delivery] = record;
    }
    for (let at = 0; at < notes.length; at += 2) this.#mark(notes[at] ?? 0, WARNED);
  }

  /** Whether there is nothing to report of a record but its state. */
  isPlain(record: number): boolean {
    return ((this.#marks[record] ?? 0) & WARNED) === 0 && this.problemOf(record) === undefined;
  }

  /** Why a record was rejected; undefined where it was not, or by the worker. */
  problemOf(record: number): Problem | undefined {
    return this.#problems?.get(record);
  }

  /** Closes a delivery of a record. @returns the record's state, once all of them are closed. */
  close(record: number, how: 'accepted' | 'pending' | 'duplicate' | Problem): RecordState | undefined {
    if (how === 'accepted') this.#mark(record, ACCEPTED);
    else if (how === 'pending') this.#mark(record, PENDING);
    else if (how !== 'duplicate') this.#reject(record, how);
    const left = (this.#outstanding[record] ?? 0) - 1;
    this.#outstanding[record] = left;
    if (left > 0) return undefined;
    if (this.problemOf(record) !== undefined) return 'rejected';
    const marks = this.#marks[record] ?? 0;
    if ((marks & PENDING) !== 0) return 'pending';
    return (marks & ACCEPTED) === 0 ? 'duplicate' : 'accepted';
  }

  /** Must be called once for each record, when it was reported. */
  reported(): void {
    this.#unreported -= 1;
    if (this.#unreported === 0) this.#release?.();
  }

  #mark(record: number, mark: number): void {
    this.#marks[record] = (this.#marks[record] ?? 0) | mark;
  }

  #reject(record: number, problem: Problem): void {
    this.#problems ??= new Map();
    if (!this.#problems.has(record)) this.#problems.set(record, problem);
  }
}
