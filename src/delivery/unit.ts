import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryId, DeliveryLog, Problem, RecordSource, RecordState } from '../interfaces.js';
import type { Route } from '../payload/payload.js';
import type { OutgoingBatch, Unit } from './batching.js';
import type { StopReason } from './outcome.js';
import { HISTORICAL, type PackedSlice } from './packed-slice.js';
import type { RejectLimit } from './reject-limit.js';

/** What is known of a record of a run. */
export interface RunRecord {
  /** 1-based line on which the record starts. */
  readonly line: number;
  /** What it was; may have to be read again. */
  readonly source: RecordSource;
  /** The event's id; absent where the record could not be read. */
  readonly messageId?: string | undefined;
  /** What the record lost on the way. */
  readonly warnings: readonly Problem[];
}

/** A slice of a file after the payload station. */
export interface PreparedSlice {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly packed: PackedSlice;
  /** The record with this index. */
  readonly recordAt: (index: number) => RunRecord;
}

/** A record and the state in which it ended. */
export interface SettledRecord {
  readonly file: string;
  readonly record: RunRecord;
  readonly state: RecordState;
  /** Why, when it was rejected. */
  readonly problem?: Problem;
}

/** Where batches go: the uploader, or in a dry run a file. */
export interface Sender {
  submit(batches: readonly OutgoingBatch<RunUnit>[]): Promise<void>;
  /** Resolves when everything submitted so far is settled. */
  flush(): Promise<void>;
  /** Ends it early. */
  stop(reason: StopReason): void;
  /** Set once it stopped early. */
  readonly stopReason: StopReason | undefined;
}

/** A record of a run until it has reached its end state. */
export interface Entry {
  readonly file: string;
  readonly record: RunRecord;
  outstanding: number;
  accepted: boolean;
  pending: boolean;
  problem: Problem | undefined;
}

/** One delivery of one record of a run: a view of a packed slice. */
export class RunUnit implements Unit {
  readonly entry: Entry;
  readonly id: DeliveryId;
  /** In the log, once it was announced. */
  number: number | undefined;
  readonly #packed: PackedSlice;
  readonly #index: number;

  /** @param index of the delivery in the slice. */
  constructor(packed: PackedSlice, index: number, entry: Entry) {
    this.#packed = packed;
    this.#index = index;
    this.entry = entry;
    this.number = undefined;
    this.id = packed.ids.subarray(index * DELIVERY_ID_WORDS, (index + 1) * DELIVERY_ID_WORDS);
  }

  get body(): Uint8Array {
    const { bodies, bodyEnds } = this.#packed;
    return bodies.subarray(bodyEnds[this.#index - 1] ?? 0, bodyEnds[this.#index] ?? 0);
  }

  get events(): number {
    return (this.#packed.flags[this.#index] ?? 0) & ~HISTORICAL;
  }

  get route(): Route {
    return ((this.#packed.flags[this.#index] ?? 0) & HISTORICAL) === 0 ? 'live' : 'historical';
  }

  get userKeys(): readonly number[] {
    const { userKeys, userKeyEnds } = this.#packed;
    return [...userKeys.subarray(userKeyEnds[this.#index - 1] ?? 0, userKeyEnds[this.#index] ?? 0)];
  }

  get timestampMs(): number {
    return this.#packed.times[this.#index] ?? 0;
  }

  /** The index of the first delivery in its batch, as it was packed. */
  get group(): number {
    return this.#packed.groups[this.#index] ?? this.#index;
  }
}

/** What a `DeliveryRun` works with. */
export interface DeliveryRunOptions {
  readonly log: DeliveryLog;
  /** Whether what earlier runs delivered is delivered again. */
  readonly resend: boolean;
  /** Whether a delivery whose content has changed is another one. */
  readonly resendChanged: boolean;
  readonly rejectLimit: RejectLimit | undefined;
  /** Called exactly once for every record, in no certain order. */
  readonly onRecord: (record: SettledRecord) => void;
}
