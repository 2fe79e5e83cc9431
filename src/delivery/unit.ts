import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryId, DeliveryLog, Problem, RecordSource, RecordState } from '../interfaces.js';
import type { Route } from '../payload/payload.js';
import type { OutgoingBatch, Unit } from './batching.js';
import type { StopReason } from './outcome.js';
import { HISTORICAL, type PackedSlice } from './packed-slice.js';
import type { RejectLimit } from './reject-limit.js';
import type { RunSlice } from './run-slice.js';

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
  /** Called when the run takes it over: from then on every record of it will be reported. */
  readonly onTaken?: () => void;
  /** Called once every record of it was reported: from then on nobody reads its bytes or its bodies. */
  readonly release?: () => void;
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

/** One delivery of one record of a run: a view of a packed slice. */
export class RunUnit implements Unit {
  readonly slice: RunSlice;
  /** Of the delivery in its slice. */
  readonly index: number;
  /** In the log, once it was announced. */
  number: number | undefined;

  constructor(slice: RunSlice, index: number) {
    this.slice = slice;
    this.index = index;
    this.number = undefined;
  }

  /** The index of its record in the slice. */
  get record(): number {
    return this.slice.recordOf[this.index] ?? 0;
  }

  /** Where its id begins in the slice's. */
  get idAt(): number {
    return this.index * DELIVERY_ID_WORDS;
  }

  get id(): DeliveryId {
    return this.slice.packed.ids.subarray(this.idAt, this.idAt + DELIVERY_ID_WORDS);
  }

  get bodies(): Uint8Array {
    return this.slice.packed.bodies;
  }

  get bodyStart(): number {
    // A comma stands between two bodies.
    return this.index === 0 ? 0 : (this.slice.packed.bodyEnds[this.index - 1] ?? 0) + 1;
  }

  get bodyEnd(): number {
    return this.slice.packed.bodyEnds[this.index] ?? 0;
  }

  get events(): number {
    return (this.slice.packed.flags[this.index] ?? 0) & ~HISTORICAL;
  }

  get route(): Route {
    return ((this.slice.packed.flags[this.index] ?? 0) & HISTORICAL) === 0 ? 'live' : 'historical';
  }

  get userKeys(): Uint32Array {
    return this.slice.packed.userKeys;
  }

  get userKeysFrom(): number {
    return this.slice.packed.userKeyEnds[this.index - 1] ?? 0;
  }

  get userKeysEnd(): number {
    return this.slice.packed.userKeyEnds[this.index] ?? 0;
  }

  get timestampMs(): number {
    return this.slice.packed.times[this.index] ?? 0;
  }

  /** The index of the first delivery in its batch, as it was packed. */
  get group(): number {
    return this.slice.packed.groups[this.index] ?? this.index;
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
  /** Called exactly once for every record, in no certain order, unless `onPlain` was. */
  readonly onRecord: (record: SettledRecord) => void;
  /** Where given, called instead for a record of which there is nothing to tell but its state. */
  readonly onPlain?: ((state: RecordState) => void) | undefined;
}
