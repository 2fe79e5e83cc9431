import { hasSameContent, nameOf } from '../delivery-id.js';
import type { DeliveryStatus, InFlightGroup } from '../interfaces.js';
import { AT, ENTRY_WORDS, type EntryWords } from './entry.js';
import type { JournalEvent } from './journal-block.js';
import { OpenDeliveries } from './open-deliveries.js';

interface Group extends InFlightGroup {
  readonly entries: readonly EntryWords[];
}

const NONE = new Uint32Array();
const UNKNOWN: DeliveryStatus = { kind: 'unknown' };

/**
 * What was sent and never answered: of earlier runs by id, and of this run by number. A delivery that is announced again
 * replaces what an earlier run left of it only when it ends: until then both may be with the server.
 */
export class InFlight {
  /** By the deliveries' names. */
  readonly #earlier = new Map<string, Group>();
  readonly #open = new OpenDeliveries();

  /** Whether there is something of earlier runs. */
  get hasEarlier(): boolean {
    return this.#earlier.size > 0;
  }

  /** How many deliveries of this run were announced and have not ended. */
  get size(): number {
    return this.#open.size;
  }

  /** Applies what a journal says. Gives the entries that were accepted, one after the other, their time not yet set. */
  apply(event: JournalEvent): Uint32Array {
    if (event.kind === 'announced') {
      this.#open.add(event.first, event.entries, event.sizes);
      return NONE;
    }
    const ended = this.#open.end(event.numbers);
    if (this.#earlier.size > 0 && event.kind !== 'unsent') {
      for (let at = 0; at < ended.length; at += ENTRY_WORDS) this.#earlier.delete(nameOf(ended, at));
    }
    return event.kind === 'accepted' ? ended : NONE;
  }

  /**
   * Ends a run: what of it has not ended is from now on that of an earlier one.
   *
   * @returns how many deliveries those are.
   */
  endRun(): number {
    const count = this.#open.size;
    for (const { entries, open } of this.#open.takeBatches()) {
      const group: Group = { size: entries.length, entries };
      for (const entry of open) this.#earlier.set(nameOf(entry, 0), group);
    }
    return count;
  }

  /** What is known of the delivery whose entry is at `at` in `words`, from earlier runs. */
  status(words: Uint32Array, at: number): DeliveryStatus {
    if (this.#earlier.size === 0) return UNKNOWN;
    const name = nameOf(words, at);
    const group = this.#earlier.get(name);
    if (group === undefined) return UNKNOWN;
    const position = group.entries.findIndex((other) => nameOf(other, 0) === name);
    const sent = group.entries[position];
    const changed = sent === undefined || !hasSameContent(sent, words.subarray(at, at + ENTRY_WORDS));
    return { kind: 'in flight', changed, run: sent?.[AT.run] ?? 0, group, position };
  }

  /** As what a journal would say, to be saved; nothing where there is none. Call {@link endRun} first. */
  toJournal(oldest: number): JournalEvent[] {
    const groups = [...new Set(this.#earlier.values())];
    const batches = groups
      .map((group) => group.entries)
      .filter((entries) => (entries[0]?.[AT.seconds] ?? 0) >= oldest);
    if (batches.length === 0) return [];
    const entries = new Uint32Array(batches.reduce((sum, { length }) => sum + length * ENTRY_WORDS, 0));
    for (const [index, entry] of batches.flat().entries()) entries.set(entry, index * ENTRY_WORDS);
    return [
      { kind: 'announced', first: 0, entries, sizes: Uint32Array.from(batches, ({ length }) => length) },
    ];
  }
}
