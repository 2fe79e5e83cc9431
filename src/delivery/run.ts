import type { DeliveredLog, Problem, RecordState } from '../interfaces.js';
import type { Delivery, PreparedRecord } from '../payload/prepare.js';
import { groupIntoBatches, type OutgoingBatch, type Unit } from './batching.js';
import type { StopReason, UnitOutcome } from './uploader.js';

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
  /** Set once it stopped early. */
  readonly stopReason: StopReason | undefined;
}

/** One delivery of one record of a run. */
export interface RunUnit extends Unit {
  readonly messageId: string;
  readonly entry: Entry;
}

interface Entry {
  readonly file: string;
  readonly record: PreparedRecord;
  outstanding: number;
  accepted: boolean;
  pending: boolean;
  problem: Problem | undefined;
}

/**
 * Takes prepared records to their one end state each: passes over what was delivered before, sends the rest, and
 * reports each record once, when all its deliveries are settled.
 *
 * Two records with the same id are one delivery. The second waits for the first: it is a duplicate when that is
 * accepted, and is tried itself when that is rejected.
 */
export class DeliveryRun {
  readonly #delivered: DeliveredLog;
  readonly #onRecord: (record: SettledRecord) => void;
  /** Units in flight, each with those that have the same key and wait for it. */
  readonly #inFlight = new Map<string, RunUnit[]>();
  #again: RunUnit[] = [];

  /** @param onRecord called exactly once for every record, in no certain order. */
  constructor(delivered: DeliveredLog, onRecord: (record: SettledRecord) => void) {
    this.#delivered = delivered;
    this.#onRecord = onRecord;
  }

  /**
   * Runs until the slices end or `sender` stops. Everything taken from `slices` is reported before it resolves, also
   * when reading fails, which is thrown afterwards.
   */
  async run(slices: AsyncIterable<PreparedSlice>, sender: Sender): Promise<void> {
    let failure: { readonly error: unknown } | undefined;
    try {
      for await (const slice of slices) {
        await this.#send(this.#admit(slice), sender);
        if (sender.stopReason !== undefined) break;
      }
    } catch (error) {
      failure = { error };
    }
    await this.#finish(sender);
    if (failure !== undefined && sender.stopReason === undefined) throw failure.error;
  }

  /** Must be called by the sender for every unit submitted. */
  settle(unit: RunUnit, outcome: UnitOutcome): void {
    const key = keyOf(unit);
    const followers = this.#inFlight.get(key) ?? [];
    this.#inFlight.delete(key);
    if (outcome.kind === 'accepted') {
      this.#delivered.add({ messageId: unit.messageId, mapping: unit.delivery.mapping });
      for (const follower of followers) this.#close(follower.entry);
      unit.entry.accepted = true;
    } else if (outcome.kind === 'pending') {
      for (const { entry } of [unit, ...followers]) entry.pending = true;
      for (const follower of followers) this.#close(follower.entry);
    } else {
      unit.entry.problem ??= {
        code: 'SERVER_REFUSED',
        message: `The server refused it with ${outcome.status}; its words are in the rejects file.`,
        ...(outcome.message === '' ? {} : { detail: outcome.message }),
      };
      this.#again.push(...followers);
    }
    this.#close(unit.entry);
  }

  #admit({ file, records }: PreparedSlice): RunUnit[] {
    const units: RunUnit[] = [];
    for (const record of records) {
      const { outcome } = record;
      if (outcome.kind === 'rejected') {
        this.#onRecord({ file, record, state: 'rejected', problem: outcome.problem });
      } else if (outcome.kind === 'skipped') {
        this.#onRecord({ file, record, state: 'skipped' });
      } else {
        const { messageId } = outcome;
        const fresh = outcome.deliveries.filter(
          ({ mapping }) => !this.#delivered.has({ messageId, mapping }),
        );
        const entry: Entry = {
          file,
          record,
          outstanding: fresh.length,
          accepted: false,
          pending: false,
          problem: undefined,
        };
        if (fresh.length === 0) this.#onRecord({ file, record, state: 'duplicate' });
        units.push(...fresh.map((delivery: Delivery) => ({ messageId, delivery, entry })));
      }
    }
    return units;
  }

  async #send(units: readonly RunUnit[], sender: Sender): Promise<void> {
    const first: RunUnit[] = [];
    for (const unit of units.concat(this.#again.splice(0))) {
      const key = keyOf(unit);
      const followers = this.#inFlight.get(key);
      if (followers !== undefined) {
        followers.push(unit);
      } else {
        this.#inFlight.set(key, []);
        first.push(unit);
      }
    }
    if (first.length > 0) await sender.submit(groupIntoBatches(first));
  }

  async #finish(sender: Sender): Promise<void> {
    await sender.flush();
    while (this.#again.length > 0) {
      await this.#send([], sender);
      await sender.flush();
    }
  }

  #close(entry: Entry): void {
    entry.outstanding -= 1;
    if (entry.outstanding > 0) return;
    const { file, record, problem } = entry;
    if (problem !== undefined) this.#onRecord({ file, record, state: 'rejected', problem });
    else if (entry.pending) this.#onRecord({ file, record, state: 'pending' });
    else this.#onRecord({ file, record, state: entry.accepted ? 'accepted' : 'duplicate' });
  }
}

function keyOf(unit: RunUnit): string {
  return `${unit.delivery.mapping}\0${unit.messageId}`;
}
