const PLACES = 1 << 20;

/**
 * The users, by their keys, who have batches in flight, each as often as it was added. Counts by 20 bits of a key: where
 * two users share a count, they only wait for each other.
 */
export class BusyUsers {
  readonly #counts = new Uint16Array(PLACES);

  /** Whether any of these keys is there. */
  hasAny(keys: readonly number[]): boolean {
    for (const key of keys) if (this.#counts[placeOf(key)] !== 0) return true;
    return false;
  }

  /** Adds the keys of a batch. */
  add(keys: readonly number[]): void {
    for (const key of keys) this.#count(key, 1);
  }

  /** Takes away what {@link add} added. */
  remove(keys: readonly number[]): void {
    for (const key of keys) this.#count(key, -1);
  }

  #count(key: number, by: number): void {
    const place = placeOf(key);
    this.#counts[place] = (this.#counts[place] ?? 0) + by;
  }
}

function placeOf(key: number): number {
  return key & (PLACES - 1);
}
