/** What the limiter says of a request. */
export type Verdict =
  | { readonly kind: 'allowed'; readonly percentUsed: number }
  | { readonly kind: 'over'; readonly limit: 'org' | 'acceleration'; readonly retryAfterSeconds: number };

const WINDOW_MS = 1000;

/**
 * The rate limits of contract.md, section 1, as strict as they can be read: no second, wherever it begins, may hold
 * more batches than the limit, nor so many more than the one before it. Unlike the sandbox's it can be changed.
 */
export class RateLimit {
  #perSecond: number;
  #growth: number;
  #window: { readonly at: number; readonly batches: number }[] = [];

  /**
   * @param perSecond batches a second; 0 for no limit.
   * @param growth by how many batches a second may exceed the one before it; 0 for no limit.
   */
  constructor(perSecond: number, growth: number) {
    this.#perSecond = perSecond;
    this.#growth = growth;
  }

  /** Sets other limits; see the constructor. What was taken still counts. */
  change(perSecond: number, growth: number): void {
    this.#perSecond = perSecond;
    this.#growth = growth;
  }

  /** Takes `batches` from the limit, or refuses them at no cost. `now` is monotonic, in ms. */
  take(batches: number, now: number): Verdict {
    this.#window = this.#window.filter(({ at }) => at > now - 2 * WINDOW_MS);
    const used = this.#sum(now - WINDOW_MS) + batches;
    if (this.#perSecond > 0 && used > Math.max(1, this.#perSecond)) {
      return { kind: 'over', limit: 'org', retryAfterSeconds: 1 };
    }
    const before = this.#sum(now - 2 * WINDOW_MS) + batches - used;
    if (this.#growth > 0 && used > before + this.#growth) {
      return { kind: 'over', limit: 'acceleration', retryAfterSeconds: 1 };
    }
    this.#window.push({ at: now, batches });
    return {
      kind: 'allowed',
      percentUsed: this.#perSecond === 0 ? 0 : Math.ceil((used * 100) / this.#perSecond),
    };
  }

  #sum(since: number): number {
    return this.#window.reduce((sum, { at, batches }) => (at > since ? sum + batches : sum), 0);
  }
}
