import type { OutgoingBatch } from './batching.js';
import type { StopReason, UnitOutcome } from './outcome.js';
import type { RunUnit, Sender } from './unit.js';
import type { UploadCounts } from './uploader-options.js';

const LINE_END = Buffer.from('\n');

/**
 * Takes the place of the uploader in a dry run: every batch counts as accepted, and goes as a line to `write`, exactly
 * as it would be sent.
 */
export class DrySender implements Sender {
  readonly counts: UploadCounts = { requests: 0, batches: 0, events: 0, retries: 0, throttled: 0 };
  readonly #write: ((content: Uint8Array) => Promise<void>) | undefined;
  readonly #onSettled: (units: readonly RunUnit[], outcome: UnitOutcome) => void;
  #stopReason: StopReason | undefined;

  /** @param write takes bytes of lines; absent: batches are only counted. */
  constructor(
    write: ((content: Uint8Array) => Promise<void>) | undefined,
    onSettled: (units: readonly RunUnit[], outcome: UnitOutcome) => void,
  ) {
    this.#write = write;
    this.#onSettled = onSettled;
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  async submit(batches: readonly OutgoingBatch<RunUnit>[]): Promise<void> {
    const units = batches.flatMap((batch) => batch.units);
    if (this.#stopReason !== undefined) {
      this.#onSettled(units, { kind: 'pending', arrived: false });
      return;
    }
    if (this.#write !== undefined) {
      await this.#write(Buffer.concat(batches.flatMap((batch) => [batch.body, LINE_END])));
    }
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
  }
}
