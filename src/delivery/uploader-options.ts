import type { OutgoingBatch } from './batching.js';
import type { CircuitOptions } from './circuit.js';
import type { Client } from './client.js';
import type { UnitOutcome } from './outcome.js';
import type { Pacer } from './pacer.js';
import type { RunUnit } from './unit.js';

/** Counters of one upload. */
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
export type WaitingFor = 'rate limit' | 'retry' | 'the endpoint, which is down' | undefined;

/** What an {@link Uploader} works with. */
export interface UploaderOptions extends CircuitOptions {
  readonly client: Client;
  readonly pacer: Pacer;
  /** Requests in flight at once. */
  readonly concurrency: number;
  /** Awaited before units go out in other batches than those that they were submitted in. */
  readonly onRegrouped?: (batches: readonly OutgoingBatch[]) => Promise<void>;
  /** Called when it stops early. */
  readonly onStop?: () => void;
  /** Called once for every unit that was submitted, with those that ended together. */
  readonly onSettled: (units: readonly RunUnit[], outcome: UnitOutcome) => void;
}
