/** Slots of a new table, as a power of two. */
const FIRST_BITS = 11;

/** The latest group of each user: an open-addressed table of user keys (see `grouping.ts`), used again for each slice. */
export class LatestOfUser {
  #keys = new Uint32Array(1 << FIRST_BITS);
  /** One more than the group; 0 where a slot is empty. */
  #groups = new Uint32Array(1 << FIRST_BITS);
  #size = 0;

  /** The group that was last set for a key, or -1. */
  get(key: number): number {
    return (this.#groups[this.#slotOf(key)] ?? 0) - 1;
  }

  /** Sets the group of a key, as its number from 0. */
  set(key: number, group: number): void {
    const slot = this.#slotOf(key);
    if (this.#groups[slot] === 0) this.#size += 1;
    this.#keys[slot] = key;
    this.#groups[slot] = group + 1;
    if (this.#size * 2 > this.#keys.length) this.#grow();
  }

  /** Forgets everything. */
  clear(): void {
    this.#groups.fill(0);
    this.#size = 0;
  }

  /** Where the key is, or the empty slot where it would go. Keys are hashes, so their low bits tell them apart. */
  #slotOf(key: number): number {
    const last = this.#keys.length - 1;
    let slot = key & last;
    while (this.#groups[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & last;
    return slot;
  }

  #grow(): void {
    const [keys, groups] = [this.#keys, this.#groups];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#groups = new Uint32Array(keys.length * 2);
    this.#size = 0;
    for (const [slot, group] of groups.entries()) if (group > 0) this.set(keys[slot] ?? 0, group - 1);
  }
}
