import { compareIds, copyEntry, ENTRY_WORDS, type EntryWords } from './entry.js';

/** Homes of a new table, as a power of two. */
const FIRST_BITS = 10;
/** A table that is full grows by this power of two: what the smaller ones took would lie about for long. */
const GROWTH_BITS = 3;
/** Places past the last home, for entries whose home there is taken. */
const OVERFLOW = 256;

/**
 * Entries in memory: an open-addressed table by id. An id is never all zero (`keys.ts`), which marks an empty slot.
 *
 * An id's home is given by its highest bits, and nothing goes round from the last slot to the first. So the entries
 * between two empty slots come before all that follow, and the table is in order but for the order among those few.
 */
export class EntryTable {
  #slots = slotsFor(FIRST_BITS);
  #bits = FIRST_BITS;
  #size = 0;

  /** How many entries it holds. */
  get size(): number {
    return this.#size;
  }

  /** The entry of the id at `at` in `words`, or undefined; a view, valid until the next {@link set}. */
  get(words: Uint32Array, at: number): EntryWords | undefined {
    const found = this.#find(words, at);
    return isEmpty(this.#slots, found) ? undefined : this.#slots.subarray(found, found + ENTRY_WORDS);
  }

  /** Adds the entry at `at` in `words`, or puts it in the place of the one with its id. */
  set(words: Uint32Array, at: number): void {
    const place = this.#find(words, at);
    const isNew = isEmpty(this.#slots, place);
    copyEntry(words, at, this.#slots, place);
    if (!isNew) return;
    this.#size += 1;
    // The last slot stays empty: a search ends there at the latest.
    if (this.#size * 3 > 2 << this.#bits || place === this.#slots.length - ENTRY_WORDS) this.#grow();
  }

  /** Calls `take` for every entry in the order of the ids, with words that it begins in, and where. */
  forEachInOrder(take: (words: Uint32Array, at: number) => void): void {
    const slots = this.#slots;
    const run: number[] = [];
    for (let at = 0; at < slots.length; at += ENTRY_WORDS) {
      if (!isEmpty(slots, at)) {
        let place = run.push(at) - 1;
        for (; place > 0 && compareIds(slots, run[place - 1] ?? 0, slots, at) > 0; place -= 1) {
          run[place] = run[place - 1] ?? 0;
        }
        run[place] = at;
      } else if (run.length > 0) {
        for (const each of run) take(slots, each);
        run.length = 0;
      }
    }
  }

  /** Forgets everything. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  /** Where the id is, or the empty slot where it would go. */
  #find(words: Uint32Array, from: number): number {
    const slots = this.#slots;
    const first = words[from] ?? 0;
    const second = words[from + 1] ?? 0;
    const third = words[from + 2] ?? 0;
    let at = (first >>> (32 - this.#bits)) * ENTRY_WORDS;
    for (;;) {
      const isSame = slots[at] === first && slots[at + 1] === second && slots[at + 2] === third;
      if (isSame || isEmpty(slots, at)) return at;
      at += ENTRY_WORDS;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#bits += GROWTH_BITS;
    this.#slots = slotsFor(this.#bits);
    this.#size = 0;
    for (let at = 0; at < old.length; at += ENTRY_WORDS) if (!isEmpty(old, at)) this.set(old, at);
  }
}

function slotsFor(bits: number): Uint32Array {
  return new Uint32Array(((1 << bits) + OVERFLOW) * ENTRY_WORDS);
}

function isEmpty(slots: Uint32Array, at: number): boolean {
  return slots[at] === 0 && slots[at + 1] === 0 && slots[at + 2] === 0;
}
