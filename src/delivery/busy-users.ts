/** The users, by their keys, who have batches in flight: each as often as it was added. */
export class BusyUsers {
  readonly #counts = new Map<number, number>();

  /** Whether any of these keys is there. */
  hasAny(keys: readonly number[]): boolean {
    if (this.#counts.size === 0) return false;
    for (const key of keys) if (this.#counts.has(key)) return true;
    return false;
  }

  /** Adds the keys of a batch. */
  add(keys: readonly number[]): void {
    for (const key of keys) this.#counts.set(key, (this.#counts.get(key) ?? 0) + 1);
  }

  /** Takes away what {@link add} added. */
  remove(keys: readonly number[]): void {
    for (const key of keys) {
      const count = (this.#counts.get(key) ?? 1) - 1;
      if (count === 0) this.#counts.delete(key);
      else this.#counts.set(key, count);
    }
  }
}
