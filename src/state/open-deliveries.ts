import { copyEntry, ENTRY_WORDS, type EntryWords } from './entry.js';

/** Deliveries that were announced together. */
interface Announcement {
  /** The number of the first one. */
  readonly first: number;
  /** Their entries, one after the other. */
  readonly entries: Uint32Array;
  /** How many deliveries each batch holds. */
  readonly sizes: Uint32Array;
  /** Of each delivery, 1 once it has ended. */
  readonly ended: Uint8Array;
  /** How many have not ended. */
  left: number;
}

/** Deliveries that were announced and have not ended, by their numbers. */
export class OpenDeliveries {
  /** In the order of their numbers. */
  #announcements: Announcement[] = [];

  /** How many they are. */
  get size(): number {
    return this.#announcements.reduce((sum, { left }) => sum + left, 0);
  }

  /** Adds deliveries, numbered from `first` on, which is higher than all numbers before. It keeps the arrays. */
  add(first: number, entries: Uint32Array, sizes: Uint32Array): void {
    const left = entries.length / ENTRY_WORDS;
    if (left > 0) this.#announcements.push({ first, entries, sizes, ended: new Uint8Array(left), left });
  }

  /** Ends deliveries. @returns the entries of those of them that were open, one after the other. */
  end(numbers: Uint32Array): Uint32Array {
    const ended = new Uint32Array(numbers.length * ENTRY_WORDS);
    let length = 0;
    let announcement: Announcement | undefined;
    for (const number of numbers) {
      if (announcement === undefined || !holds(announcement, number)) announcement = this.#find(number);
      const index = number - (announcement?.first ?? 0);
      if (announcement === undefined || announcement.ended[index] === 1) continue;
      announcement.ended[index] = 1;
      announcement.left -= 1;
      copyEntry(announcement.entries, index * ENTRY_WORDS, ended, length);
      length += ENTRY_WORDS;
      if (announcement.left === 0) this.#announcements.splice(this.#announcements.indexOf(announcement), 1);
    }
    return ended.subarray(0, length);
  }

  /** Forgets all, and gives the batches in which some were open, with all their entries. */
  takeBatches(): { readonly entries: readonly EntryWords[]; readonly open: readonly EntryWords[] }[] {
    return this.#announcements.splice(0).flatMap(({ entries, sizes, ended }) => {
      let at = 0;
      return Array.from(sizes, (size) => {
        const batch = Array.from({ length: size }, (_, index) => ({
          entry: entries.slice((at + index) * ENTRY_WORDS, (at + index + 1) * ENTRY_WORDS),
          isOpen: ended[at + index] === 0,
        }));
        at += size;
        return {
          entries: batch.map(({ entry }) => entry),
          open: batch.filter(({ isOpen }) => isOpen).map(({ entry }) => entry),
        };
      }).filter(({ open }) => open.length > 0);
    });
  }

  #find(number: number): Announcement | undefined {
    return this.#announcements.find((announcement) => holds(announcement, number));
  }
}

function holds({ first, ended }: Announcement, number: number): boolean {
  return number >= first && number < first + ended.length;
}
