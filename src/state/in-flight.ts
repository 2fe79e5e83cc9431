import { hasSameContent } from '../delivery-id.js';
import type { DeliveryStatus, InFlightGroup } from '../interfaces.js';
import { AT, type EntryWords } from './entry.js';
import type { JournalEntry } from './journal.js';

interface Group extends InFlightGroup {
  readonly entries: readonly EntryWords[];
}

/** An announced delivery that has not ended. */
interface OpenDelivery {
  readonly entry: EntryWords;
  readonly group: Group;
}

/**
 * What was sent and never answered: of earlier runs by id, and of this run by number. A delivery that is announced again
 * replaces what an earlier run left of it only when it ends: until then both may be with the server.
 */
export class InFlight {
  readonly #earlier = new Map<string, Group>();
  readonly #open = new Map<number, OpenDelivery>();

  /** Applies what a journal says. Gives the entries that were accepted, their run and time not yet set. */
  apply(event: JournalEntry): readonly EntryWords[] {
    if (event.kind === 'announced') {
      let number = event.first;
      for (const entries of event.batches) {
        const group: Group = { size: entries.length, entries };
        for (const entry of entries) {
          this.#open.set(number, { entry, group });
          number += 1;
        }
      }
      return [];
    }
    const ended: EntryWords[] = [];
    for (const number of event.numbers) {
      const open = this.#open.get(number);
      if (open === undefined) continue;
      this.#open.delete(number);
      if (event.kind === 'unsent') continue;
      if (this.#earlier.size > 0) this.#earlier.delete(keyOf(open.entry));
      ended.push(open.entry);
    }
    return event.kind === 'accepted' ? ended : [];
  }

  /**
   * Ends a run: what of it has not ended is from now on that of an earlier one.
   *
   * @returns how many deliveries those are.
   */
  endRun(): number {
    const count = this.#open.size;
    for (const { entry, group } of this.#open.values()) this.#earlier.set(keyOf(entry), group);
    this.#open.clear();
    return count;
  }

  /** What is known of a delivery of an earlier run. */
  status(entry: EntryWords): DeliveryStatus {
    const group = this.#earlier.size === 0 ? undefined : this.#earlier.get(keyOf(entry));
    if (group === undefined) return { kind: 'unknown' };
    const key = keyOf(entry);
    const position = group.entries.findIndex((other) => keyOf(other) === key);
    const sent = group.entries[position];
    const changed = sent === undefined || !hasSameContent(sent, entry);
    return { kind: 'in flight', changed, group, position };
  }

  /** As what a journal would say, to be saved; nothing where there is none. Call {@link endRun} first. */
  toJournal(oldest: number): JournalEntry[] {
    const groups = [...new Set(this.#earlier.values())];
    const batches = groups
      .map((group) => group.entries)
      .filter((entries) => (entries[0]?.[AT.seconds] ?? 0) >= oldest);
    return batches.length === 0 ? [] : [{ kind: 'announced', first: 0, batches }];
  }
}

function keyOf(entry: EntryWords): string {
  return `${entry[0]},${entry[1]},${entry[2]}`;
}
