import type { DeliveryLog, Problem, RecordState } from '../interfaces.js';
import type { PreparedRecord } from '../payload/prepare.js';
import type { OutgoingBatch, Unit } from './batching.js';
import type { StopReason } from './outcome.js';
import type { RejectLimit } from './reject-limit.js';

/** A slice of a file after the payload station. */
export interface PreparedSlice {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly records: readonly PreparedRecord[];
}

/** A record and the state in which it ended. */
export interface SettledRecord {
  readonly file: string;
  readonly record: PreparedRecord;
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

/** One delivery of one record of a run. */
export interface RunUnit extends Unit {
  readonly messageId: string;
  readonly entry: Entry;
  /** In the log, once it was announced. */
  number: number | undefined;
}

/** A record of a run until it has reached its end state. */
export interface Entry {
  readonly file: string;
  readonly record: PreparedRecord;
  outstanding: number;
  accepted: boolean;
  pending: boolean;
  problem: Problem | undefined;
}

/** What a `DeliveryRun` works with. */
export interface DeliveryRunOptions {
  readonly log: DeliveryLog;
  /** Whether what earlier runs delivered is delivered again. */
  readonly resend: boolean;
  /** Whether a delivery whose content has changed is another one. */
  readonly resendChanged: boolean;
  /** Whether each unit is a batch of its own; else those of one user share batches. */
  readonly separate: boolean;
  readonly rejectLimit: RejectLimit | undefined;
  /** Called exactly once for every record, in no certain order. */
  readonly onRecord: (record: SettledRecord) => void;
}
