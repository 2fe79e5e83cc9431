import { KeyTable } from './key-table.js';

/** The user keys of a batch (see `grouping.ts`): those of `userKeys` from `userKeysFrom` up to `userKeysEnd`. */
export interface UserKeys {
  readonly userKeys: Uint32Array;
  readonly userKeysFrom: number;
  readonly userKeysEnd: number;
}

/** The users, by their keys, who have batches in flight, each as often as it was added. */
export class BusyUsers {
  readonly #counts = new KeyTable();

  /** Whether any of these keys is there. */
  hasAny({ userKeys, userKeysFrom, userKeysEnd }: UserKeys): boolean {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      if (this.#counts.get(userKeys[at] ?? 0) > 0) return true;
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

  #count({ userKeys, userKeysFrom, userKeysEnd }: UserKeys, by: 1 | -1): void {
    for (let at = userKeysFrom; at < userKeysEnd; at += 1) {
      const key = userKeys[at] ?? 0;
      this.#counts.set(key, this.#counts.get(key) + by);
    }
  }
}
