/** Slots of a new table, as a power of two. */
const FIRST_BITS = 11;

/**
 * A number for each of some user keys (see `grouping.ts`), as a map has it in several times the time: an open-addressed
 * table. Keys are hashes, so their low bits tell them apart.
 */
export class KeyTable {
  #keys = new Uint32Array(1 << FIRST_BITS);
  /** 0 where a slot is empty. */
  #numbers = new Uint32Array(1 << FIRST_BITS);
  #size = 0;

  /** The number of a key; 0 where it has none. */
  get(key: number): number {
    return this.#numbers[this.#slotOf(key)] ?? 0;
  }

  /** Gives a key a number; 0 takes it away. */
  set(key: number, number: number): void {
    const slot = this.#slotOf(key);
    const isNew = this.#numbers[slot] === 0;
    if (number === 0) {
      if (!isNew) this.#empty(slot);
      return;
    }
    this.#keys[slot] = key;
    this.#numbers[slot] = number;
    if (!isNew) return;
    this.#size += 1;
    if (this.#size * 2 > this.#keys.length) this.#grow();
  }

  /** Forgets everything. */
  clear(): void {
    this.#numbers.fill(0);
    this.#size = 0;
  }

  /** Where the key is, or the empty slot where it would go. */
  #slotOf(key: number): number {
    const last = this.#keys.length - 1;
    let slot = key & last;
    while (this.#numbers[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & last;
    return slot;
  }

  /** Empties a slot. What comes after it and would be found only by passing over it moves up. */
  #empty(slot: number): void {
    const last = this.#keys.length - 1;
    let gap = slot;
    for (let next = (gap + 1) & last; this.#numbers[next] !== 0; next = (next + 1) & last) {
      const fromHome = (next - (this.#keys[next] ?? 0)) & last;
      if (fromHome < ((next - gap) & last)) continue;
      this.#keys[gap] = this.#keys[next] ?? 0;
      this.#numbers[gap] = this.#numbers[next] ?? 0;
      gap = next;
    }
    this.#numbers[gap] = 0;
    this.#size -= 1;
  }

  #grow(): void {
    const [keys, numbers] = [this.#keys, this.#numbers];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#numbers = new Uint32Array(keys.length * 2);
    this.#size = 0;
    for (const [slot, number] of numbers.entries()) if (number > 0) this.set(keys[slot] ?? 0, number);
  }
}
