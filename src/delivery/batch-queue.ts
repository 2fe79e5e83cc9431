import { MAX_EVENTS_PER_REQUEST, MAX_REQUEST_BYTES } from '../payload/limits.js';
import type { OutgoingBatch } from './batching.js';
import { KeyTable } from './key-table.js';
import type { RunUnit } from './unit.js';

/**
 * Batches that wait to be sent. Batches that share a user key leave in the order in which they came, each after the one
 * before was released.
 */
export class BatchQueue {
  #batches: OutgoingBatch[] = [];
  /** 1 for each key of a user who has a batch in flight: by one {@link take} alone, all of which is released together. */
  readonly #busy = new KeyTable();

  /** How many wait. */
  get length(): number {
    return this.#batches.length;
  }

  /** Adds batches at the end. */
  push(batches: readonly OutgoingBatch[]): void {
    for (const batch of batches) this.#batches.push(batch);
  }

  /**
   * Takes up to `size` batches of one route that fit into one request, in order, passing over users who have a batch in
   * flight. Their users have one until they are released.
   */
  take(size: number): OutgoingBatch[] {
    const taken: OutgoingBatch[] = [];
    const left: OutgoingBatch[] = [];
    const passedOver = new Set<number>();
    let events = 0;
    let bytes = 1;
    let full = false;
    let looked = 0;
    for (const batch of this.#batches) {
      looked += 1;
      const { first, bodyLength } = batch;
      const blocked = this.#isBusy(first) || isAmong(first, passedOver);
      const otherRoute = taken[0] !== undefined && taken[0].route !== batch.route;
      const tooMuch =
        events + batch.events > MAX_EVENTS_PER_REQUEST || bytes + bodyLength + 1 >= MAX_REQUEST_BYTES;
      if (blocked || otherRoute || tooMuch) {
        left.push(batch);
        addTo(first, passedOver);
        full ||= tooMuch;
      } else {
        taken.push(batch);
        events += batch.events;
        bytes += bodyLength + 1;
        full ||= taken.length === size;
      }
      if (full) break;
    }
    if (left.length === 0) this.#batches.splice(0, looked);
    else this.#batches = left.concat(this.#batches.slice(looked));
    for (const { first } of taken) this.#setBusy(first, 1);
    return taken;
  }

  /** Must be called with what {@link take} gave, once it is settled. */
  release(taken: readonly OutgoingBatch[]): void {
    for (const { first } of taken) this.#setBusy(first, 0);
  }

  /** Takes all that wait, whoever they are of. */
  takeAll(): OutgoingBatch[] {
    return this.#batches.splice(0);
  }

  #isBusy({ userKeys, userKeysFrom, userKeysEnd }: RunUnit): boolean {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      if (this.#busy.get(userKeys[at] ?? 0) > 0) return true;
    }
    return false;
  }

  #setBusy({ userKeys, userKeysFrom, userKeysEnd }: RunUnit, busy: 0 | 1): void {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) this.#busy.set(userKeys[at] ?? 0, busy);
  }
}

function isAmong({ userKeys, userKeysFrom, userKeysEnd }: RunUnit, keys: ReadonlySet<number>): boolean {
  if (keys.size === 0) return false;
  for (let at = userKeysFrom; at < userKeysEnd; at += 1) if (keys.has(userKeys[at] ?? 0)) return true;
  return false;
}

function addTo({ userKeys, userKeysFrom, userKeysEnd }: RunUnit, keys: Set<number>): void {
  for (let at = userKeysFrom; at < userKeysEnd; at += 1) keys.add(userKeys[at] ?? 0);
}
