const WINDOW_MS = 1000;

/**
 * The rate limit of contract.md, section 1, as strict as it can be read: no second, wherever it begins, may hold more
 * batches than the limit.
 */
export class RateLimit {
  readonly #perSecond: number;
  #window: { readonly at: number; readonly batches: number }[] = [];
  /** The most batches that any second held. */
  peak = 0;

  /** @param perSecond batches a second; 0 for no limit. */
  constructor(perSecond: number) {
    this.#perSecond = perSecond;
  }

  /**
   * Takes `batches` from the limit.
   *
   * @param now monotonic, in ms.
   * @returns how much of it is used then, in percent; undefined where it refuses them, at no cost.
   */
  take(batches: number, now: number): number | undefined {
    this.#window = this.#window.filter(({ at }) => at > now - WINDOW_MS);
    const used = this.#window.reduce((sum, taken) => sum + taken.batches, batches);
    if (this.#perSecond > 0 && used > Math.max(1, this.#perSecond)) return undefined;
    this.#window.push({ at: now, batches });
    this.peak = Math.max(this.peak, used);
    return this.#perSecond === 0 ? 0 : Math.ceil((used * 100) / this.#perSecond);
  }
}
