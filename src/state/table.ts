import { compareIds, ENTRY_WORDS, type EntryWords } from './entry.js';

/** Entries in memory: an open-addressed table by id. An id is never all zero (`keys.ts`), which marks an empty slot. */
export class EntryTable {
  #slots = new Uint32Array(1024 * ENTRY_WORDS);
  #capacity = 1024;
  #size = 0;

  /** How many entries it holds. */
  get size(): number {
    return this.#size;
  }

  /** The entry of an id, or undefined; a view, valid until the next {@link set}. */
  get(id: EntryWords): EntryWords | undefined {
    const at = this.#find(id, 0);
    return this.#isEmpty(at) ? undefined : this.#slots.subarray(at, at + ENTRY_WORDS);
  }

  /** Adds an entry, or replaces the one with its id. */
  set(entry: EntryWords): void {
    const at = this.#find(entry, 0);
    if (this.#isEmpty(at)) this.#size += 1;
    this.#slots.set(entry, at);
    if (this.#size * 3 > this.#capacity * 2) this.#grow();
  }

  /** All entries, one after the other, in the order of their ids. */
  sorted(): Uint32Array {
    const slots = this.#slots;
    const keys = new Float64Array(this.#size);
    let count = 0;
    for (let slot = 0; slot < this.#capacity; slot += 1) {
      const at = slot * ENTRY_WORDS;
      if (this.#isEmpty(at)) continue;
      // The first word before the slot in one exact number: sorted natively, without a call for each comparison.
      keys[count] = (slots[at] ?? 0) * this.#capacity + slot;
      count += 1;
    }
    keys.sort();
    const places = Array.from(keys, (key) => (key % this.#capacity) * ENTRY_WORDS);
    // Those of one first word are in the order of their slots; there are hardly any.
    for (let index = 1; index < places.length; index += 1) {
      for (let back = index; back > 0; back -= 1) {
        const [before = 0, at = 0] = [places[back - 1], places[back]];
        if (slots[before] !== slots[at] || compareIds(slots, before, slots, at) < 0) break;
        places[back - 1] = at;
        places[back] = before;
      }
    }
    const result = new Uint32Array(places.length * ENTRY_WORDS);
    for (const [index, at] of places.entries()) {
      for (let word = 0; word < ENTRY_WORDS; word += 1) {
        result[index * ENTRY_WORDS + word] = slots[at + word] ?? 0;
      }
    }
    return result;
  }

  /** Forgets everything. */
  clear(): void {
    this.#slots.fill(0);
    this.#size = 0;
  }

  #isEmpty(at: number): boolean {
    return this.#slots[at] === 0 && this.#slots[at + 1] === 0 && this.#slots[at + 2] === 0;
  }

  /** Where the id is, or the empty slot where it would go. */
  #find(words: Uint32Array, from: number): number {
    const slots = this.#slots;
    let slot = (words[from] ?? 0) & (this.#capacity - 1);
    for (;;) {
      const at = slot * ENTRY_WORDS;
      if (this.#isEmpty(at) || compareIds(slots, at, words, from) === 0) return at;
      slot = (slot + 1) & (this.#capacity - 1);
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * ENTRY_WORDS);
    for (let at = 0; at < old.length; at += ENTRY_WORDS) {
      if (old[at] === 0 && old[at + 1] === 0 && old[at + 2] === 0) continue;
      this.#slots.set(old.subarray(at, at + ENTRY_WORDS), this.#find(old, at));
    }
  }
}
