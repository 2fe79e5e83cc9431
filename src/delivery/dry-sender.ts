import { type OutgoingBatch, unitsOf } from './batching.js';
import type { StopReason } from './outcome.js';
import { emptyCounts, type Sender, type Submitter } from './sender.js';

/**
 * Takes the place of the uploader in a dry run: every batch counts as accepted, and goes to `take`, exactly as it would
 * be sent.
 */
export class DrySender implements Sender {
  readonly counts = emptyCounts();
  readonly waitingFor = undefined;
  readonly #submitter: Submitter;
  readonly #take: (batches: readonly OutgoingBatch[]) => Promise<void>;
  #stopReason: StopReason | undefined;

  constructor(submitter: Submitter, take: (batches: readonly OutgoingBatch[]) => Promise<void>) {
    this.#submitter = submitter;
    this.#take = take;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  async submit(batches: readonly OutgoingBatch[]): Promise<void> {
    const units = unitsOf(batches);
    if (this.#stopReason !== undefined) {
      this.#submitter.settle(units, { kind: 'pending', arrived: false });
      return;
    }
    await this.#take(batches);
    this.counts.batches += batches.length;
    for (const batch of batches) this.counts.events += batch.events;
    this.#submitter.settle(units, { kind: 'accepted' });
  }

  async flush(): Promise<void> {
    // Everything was settled as it was submitted.
  }

  stop(reason: StopReason): void {
    this.#stopReason ??= reason;
    this.#submitter.onStop();
  }
}
