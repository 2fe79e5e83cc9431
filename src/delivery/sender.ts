import type { OutgoingBatch } from './batching.js';
import type { StopReason, UnitOutcome } from './outcome.js';
import type { RunUnit } from './unit.js';

/** Counters of one upload; in a dry run, of what would be accepted. */
export interface UploadCounts {
  /** HTTP requests that were tried, retries included. */
  requests: number;
  /** Batches that were accepted. */
  batches: number;
  /** Event data items that were accepted. */
  events: number;
  /** Tries after the first of the same bytes. */
  retries: number;
  /** Answers with 429. */
  throttled: number;
}

/** What the upload is waiting for, for the progress line. */
export type WaitingFor = 'rate limit' | 'retry' | 'an answer' | 'the endpoint, which is down' | undefined;

/** Where batches go: the uploader, or in a dry run a file. */
export interface Sender {
  readonly counts: Readonly<UploadCounts>;
  /** What is being waited for just now. */
  readonly waitingFor: WaitingFor;
  /** Why it stopped early, once it has. */
  readonly stopReason: StopReason | undefined;
  /** Takes batches over; resolves when there is room for more. */
  submit(batches: readonly OutgoingBatch[]): Promise<void>;
  /** Resolves when everything submitted so far is settled. */
  flush(): Promise<void>;
  /** Ends it early. */
  stop(reason: StopReason): void;
}

/** Who submits batches, and is told by the sender what becomes of them: a run. */
export interface Submitter {
  /** Must be called once for every unit that was submitted, with those that ended together. */
  settle(units: readonly RunUnit[], outcome: UnitOutcome): void;
  /**
   * Must be awaited before units are sent in other batches than they were submitted in, which may be done only where the
   * server has refused those.
   */
  regroup(batches: readonly OutgoingBatch[]): Promise<void>;
  /** Must be called when the sender stops early. */
  onStop(): void;
}

/** Nothing sent yet. */
export function emptyCounts(): UploadCounts {
  return { requests: 0, batches: 0, events: 0, retries: 0, throttled: 0 };
}
