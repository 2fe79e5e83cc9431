import { DELIVERY_NAME_WORDS } from '../delivery-id.js';

const FIRST_CAPACITY = 1024;

/** A set of deliveries by their names, whatever their content: an open-addressed table. No name is all zero. */
export class IdSet {
  #slots = new Uint32Array(FIRST_CAPACITY * DELIVERY_NAME_WORDS);
  #capacity = FIRST_CAPACITY;
  #size = 0;

  /** Adds the id at `at` in `ids`. @returns whether it was not there. */
  add(ids: Uint32Array, at: number): boolean {
    const slot = this.#find(ids, at);
    if (!this.#isEmpty(slot)) return false;
    this.#copy(ids, at, slot);
    this.#size += 1;
    if (this.#size * 2 > this.#capacity) this.#grow();
    return true;
  }

  /** Removes the id at `at` in `ids`, if it is there. */
  delete(ids: Uint32Array, at: number): void {
    let gap = this.#find(ids, at);
    if (this.#isEmpty(gap)) return;
    this.#size -= 1;
    // What comes after it and would be found only by passing over it moves up.
    for (let slot = this.#after(gap); !this.#isEmpty(slot); slot = this.#after(slot)) {
      const home = this.#home(this.#slots[slot * DELIVERY_NAME_WORDS + 1] ?? 0);
      const fromHome = (slot - home) & (this.#capacity - 1);
      if (fromHome < ((slot - gap) & (this.#capacity - 1))) continue;
      this.#copy(this.#slots, slot * DELIVERY_NAME_WORDS, gap);
      gap = slot;
    }
    const empty = gap * DELIVERY_NAME_WORDS;
    for (let word = 0; word < DELIVERY_NAME_WORDS; word += 1) this.#slots[empty + word] = 0;
  }

  #after(slot: number): number {
    return (slot + 1) & (this.#capacity - 1);
  }

  #home(secondWord: number): number {
    return secondWord & (this.#capacity - 1);
  }

  #isEmpty(slot: number): boolean {
    const at = slot * DELIVERY_NAME_WORDS;
    return this.#slots[at] === 0 && this.#slots[at + 1] === 0 && this.#slots[at + 2] === 0;
  }

  #copy(words: Uint32Array, from: number, slot: number): void {
    const at = slot * DELIVERY_NAME_WORDS;
    for (let word = 0; word < DELIVERY_NAME_WORDS; word += 1)
      this.#slots[at + word] = words[from + word] ?? 0;
  }

  /** The slot that the id is in, or the empty one where it would go. */
  #find(ids: Uint32Array, from: number): number {
    const slots = this.#slots;
    const first = ids[from] ?? 0;
    const second = ids[from + 1] ?? 0;
    const third = ids[from + 2] ?? 0;
    for (let slot = this.#home(second); ; slot = this.#after(slot)) {
      const at = slot * DELIVERY_NAME_WORDS;
      const isSame = slots[at] === first && slots[at + 1] === second && slots[at + 2] === third;
      if (isSame || this.#isEmpty(slot)) return slot;
    }
  }

  #grow(): void {
    const old = this.#slots;
    this.#capacity *= 2;
    this.#slots = new Uint32Array(this.#capacity * DELIVERY_NAME_WORDS);
    this.#size = 0;
    for (let at = 0; at < old.length; at += DELIVERY_NAME_WORDS) {
      if (old[at] !== 0 || old[at + 1] !== 0 || old[at + 2] !== 0) this.add(old, at);
    }
  }
}
