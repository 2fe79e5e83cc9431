/** Slots of a new table. */
const FIRST_SLOTS = 1 << 10;

/** The user keys of a batch (see `grouping.ts`): those of `userKeys` from `userKeysFrom` up to `userKeysEnd`. */
export interface UserKeys {
  readonly userKeys: Uint32Array;
  readonly userKeysFrom: number;
  readonly userKeysEnd: number;
}

/** The users, by their keys, who have batches in flight, each as often as it was added: an open-addressed table. */
export class BusyUsers {
  #keys = new Uint32Array(FIRST_SLOTS);
  /** How often the key of a slot is there; 0 where the slot is empty. */
  #counts = new Uint32Array(FIRST_SLOTS);
  #size = 0;

  /** Whether any of these keys is there. */
  hasAny({ userKeys, userKeysFrom, userKeysEnd }: UserKeys): boolean {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      if (this.#counts[this.#slotOf(userKeys[at] ?? 0)] !== 0) return true;
    }
    return false;
  }

  /** Adds the keys of a batch. */
  add({ userKeys, userKeysFrom, userKeysEnd }: UserKeys): void {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) this.#add(userKeys[at] ?? 0, 1);
  }

  /** Takes away what {@link add} added. */
  remove({ userKeys, userKeysFrom, userKeysEnd }: UserKeys): void {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      const slot = this.#slotOf(userKeys[at] ?? 0);
      const count = this.#counts[slot] ?? 0;
      if (count > 1) this.#counts[slot] = count - 1;
      else if (count === 1) this.#empty(slot);
    }
  }

  #add(key: number, count: number): void {
    const slot = this.#slotOf(key);
    const known = this.#counts[slot] ?? 0;
    this.#keys[slot] = key;
    this.#counts[slot] = known + count;
    if (known > 0) return;
    this.#size += 1;
    if (this.#size * 2 > this.#keys.length) this.#grow();
  }

  /** Where the key is, or the empty slot where it would go. Keys are hashes, so their low bits tell them apart. */
  #slotOf(key: number): number {
    const last = this.#keys.length - 1;
    let slot = key & last;
    while (this.#counts[slot] !== 0 && this.#keys[slot] !== key) slot = (slot + 1) & last;
    return slot;
  }

  /** Empties a slot. What comes after it and would be found only by passing over it moves up. */
  #empty(slot: number): void {
    const last = this.#keys.length - 1;
    let gap = slot;
    for (let next = (gap + 1) & last; this.#counts[next] !== 0; next = (next + 1) & last) {
      const fromHome = (next - (this.#keys[next] ?? 0)) & last;
      if (fromHome < ((next - gap) & last)) continue;
      this.#keys[gap] = this.#keys[next] ?? 0;
      this.#counts[gap] = this.#counts[next] ?? 0;
      gap = next;
    }
    this.#counts[gap] = 0;
    this.#size -= 1;
  }

  #grow(): void {
    const [keys, counts] = [this.#keys, this.#counts];
    this.#keys = new Uint32Array(keys.length * 2);
    this.#counts = new Uint32Array(keys.length * 2);
    this.#size = 0;
    for (const [slot, count] of counts.entries()) if (count > 0) this.#add(keys[slot] ?? 0, count);
  }
}
