const PLACES = 1 << 20;

/** The user keys of a batch (see `grouping.ts`): those of `userKeys` from `userKeysFrom` up to `userKeysEnd`. */
export interface UserKeys {
  readonly userKeys: Uint32Array;
  readonly userKeysFrom: number;
  readonly userKeysEnd: number;
}

/**
 * The users, by their keys, who have batches in flight, each as often as it was added. Counts by 20 bits of a key: where
 * two users share a count, they only wait for each other.
 */
export class BusyUsers {
  readonly #counts = new Uint16Array(PLACES);

  /** Whether any of these keys is there. */
  hasAny({ userKeys, userKeysFrom, userKeysEnd }: UserKeys): boolean {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      if (this.#counts[placeOf(userKeys[at] ?? 0)] !== 0) return true;
    }
    return false;
  }

  /** Adds the keys of a batch. */
  add(keys: UserKeys): void {
    this.#count(keys, 1);
  }

  /** Takes away what {@link add} added. */
  remove(keys: UserKeys): void {
    this.#count(keys, -1);
  }

  #count({ userKeys, userKeysFrom, userKeysEnd }: UserKeys, by: number): void {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      const place = placeOf(userKeys[at] ?? 0);
      this.#counts[place] = (this.#counts[place] ?? 0) + by;
    }
  }
}

function placeOf(key: number): number {
  return key & (PLACES - 1);
}
