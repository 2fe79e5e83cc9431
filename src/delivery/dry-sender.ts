import { type OutgoingBatch, unitsOf } from './batching.js';
import type { StopReason, UnitOutcome } from './outcome.js';
import type { Sender } from './sender.js';
import type { RunUnit } from './unit.js';
import type { UploadCounts } from './uploader-options.js';

/**
 * Takes the place of the uploader in a dry run: every batch counts as accepted, and goes to `take`, exactly as it would
 * be sent.
 */
export class DrySender implements Sender {
  readonly counts: UploadCounts = { requests: 0, batches: 0, events: 0, retries: 0, throttled: 0 };
  readonly #take: (batches: readonly OutgoingBatch[]) => Promise<void>;
  readonly #onSettled: (units: readonly RunUnit[], outcome: UnitOutcome) => void;
  readonly #onStop: () => void;
  #stopReason: StopReason | undefined;

  constructor(
    take: (batches: readonly OutgoingBatch[]) => Promise<void>,
    onSettled: (units: readonly RunUnit[], outcome: UnitOutcome) => void,
    onStop: () => void,
  ) {
    this.#take = take;
    this.#onSettled = onSettled;
    this.#onStop = onStop;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  async submit(batches: readonly OutgoingBatch[]): Promise<void> {
    const units = unitsOf(batches);
    if (this.#stopReason !== undefined) {
      this.#onSettled(units, { kind: 'pending', arrived: false });
      return;
    }
    await this.#take(batches);
    this.counts.batches += batches.length;
    for (const batch of batches) this.counts.events += batch.events;
    this.#onSettled(units, { kind: 'accepted' });
  }

  async flush(): Promise<void> {
    // Everything was settled as it was submitted.
  }

  /** Takes no more slices. */
  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#onStop();
  }
}
