import type { Clock } from '../../src/delivery/clock.js';
import type { Pacer } from '../../src/delivery/pacer.js';
import type { Ticket } from '../../src/delivery/sent-tickets.js';
import type { RateLimit } from './rate-limit.js';

/** A server with a rate limit, and the network before it, in simulated time: sleeping is what lets time pass. */
export class SimulatedServer implements Clock {
  /** In ms. */
  time = 0;
  /** Batches taken so far. */
  taken = 0;
  /** The limits that were hit, one for each refusal. */
  readonly refused: string[] = [];
  readonly #limit: RateLimit;
  readonly #delayMs: () => number;
  readonly #usage: 'up' | 'down' | 'none';
  /** What is to happen, in order. */
  readonly #events: { readonly at: number; readonly run: () => void }[] = [];
  readonly #log: { readonly at: number; readonly batches: number }[] = [];
  #refusesNext = false;

  /**
   * @param options.delayMs how long the next request is on its way; answers take 1 ms.
   * @param options.usage how answers say how much of the limit is used: in percent, rounded up or down, or not at all.
   */
  constructor(
    limit: RateLimit,
    options: { readonly delayMs: () => number; readonly usage: 'up' | 'down' | 'none' },
  ) {
    this.#limit = limit;
    this.#delayMs = options.delayMs;
    this.#usage = options.usage;
  }

  now(): number {
    return this.time;
  }

  async sleep(ms: number): Promise<void> {
    const end = this.time + ms;
    for (;;) {
      const [next] = this.#events;
      if (next === undefined || next.at > end) break;
      this.#events.shift();
      this.time = next.at;
      next.run();
    }
    this.time = end;
  }

  /** Sends a request, and informs the pacer of its answer when that is there. */
  send(pacer: Pacer, ticket: Ticket): void {
    this.#at(this.time + this.#delayMs(), () => this.#arrive(pacer, ticket));
  }

  /** Refuses the next request whatever the limit. */
  refuseNext(): void {
    this.#refusesNext = true;
  }

  /** Batches taken in a span of simulated time, in seconds. */
  takenBetween(from: number, to: number): number {
    return this.#log.reduce(
      (sum, { at, batches }) => (at > from * 1000 && at <= to * 1000 ? sum + batches : sum),
      0,
    );
  }

  #arrive(pacer: Pacer, ticket: Ticket): void {
    const { batches } = ticket;
    const verdict = this.#limit.take(this.#refusesNext ? Number.POSITIVE_INFINITY : batches, this.time);
    this.#refusesNext = false;
    if (verdict.kind === 'over') this.refused.push(verdict.limit);
    else {
      this.taken += batches;
      this.#log.push({ at: this.time, batches });
    }
    this.#at(this.time + 1, () => {
      pacer.onAnswer(ticket);
      if (verdict.kind === 'over') {
        const retryAfterMs = verdict.retryAfterSeconds * 1000;
        pacer.onThrottled(ticket, { retryAfterMs, limit: verdict.limit }, 0);
      } else if (this.#usage !== 'none') {
        pacer.onUsage(ticket, verdict.percentUsed - (this.#usage === 'down' ? 1 : 0));
      }
    });
  }

  #at(at: number, run: () => void): void {
    this.#events.push({ at, run });
    this.#events.sort((a, b) => a.at - b.at);
  }
}
