import type { OutgoingBatch } from './batching.js';
import type { StopReason } from './outcome.js';

/** Where batches go: the uploader, or in a dry run a file. */
export interface Sender {
  /** Takes batches over; resolves when there is room for more. */
  submit(batches: readonly OutgoingBatch[]): Promise<void>;
  /** Resolves when everything submitted so far is settled. */
  flush(): Promise<void>;
  /** Ends it early. */
  stop(reason: StopReason): void;
  /** Set once it stopped early. */
  readonly stopReason: StopReason | undefined;
}
