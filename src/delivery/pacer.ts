import { MAX_BATCHES_PER_REQUEST } from '../payload/limits.js';
import type { Clock } from './clock.js';

/** The share of the limit that is aimed at: what is left absorbs the jitter of timers and of the network. */
const TARGET_SHARE = 0.995;
/** From this share of a limit in use, in percent, the answer's header is heeded. */
const NEAR_LIMIT_PERCENT = 90;
/** From this share on the limit is used, and a rate that was lowered does not grow. */
const FULL_PERCENT = 97;
/** Requests that go out this many times more rarely than planned are made larger: the network is slow, not a timer. */
const SLOW_NETWORK = 1.5;
/** What was sent says something of the limit from this long a time on, in ms. */
const MIN_WINDOW_MS = 500;
/** Below this share there is room again, and a limit that was seen no longer holds. */
const ROOM_PERCENT = 75;
/** A rate that was lowered grows back by this share of the configured one a second. */
const RECOVERY_PER_SECOND = 0.05;
/** Past a limit that the server was seen to keep, growth is slower by this factor. */
const PROBING_SHARE = 0.05;
/** A request that starts this late, in ms, is made up for; a later one is not, since that would be a burst. */
const CATCH_UP_MS = 5;
/** No second holds more than the one before it and this share of the limit: the server also limits how fast a rate grows. */
const GROWTH_SHARE = 0.4;
/** How little that share may become when the server says that a rate has grown too fast. */
const LEAST_GROWTH_SHARE = 0.05;
/** A rate may always grow by this many batches a second. */
const LEAST_GROWTH = 10;
/** Of a limit that a header tells, this share is taken over at a time: one answer may be off by a request. */
const TRUST_IN_USAGE = 0.2;
/** A second, and a little for the jitter of the network: no such time may hold more batches than the limit. */
const WINDOW_MS = 1002;
/** A request is taken to have reached the server at most this long after it was sent, in ms. */
const MAX_DELAY_MS = 50;

/** What a server says with a 429. */
export interface Throttle {
  /** From `Retry-After`, in ms; absent when the header was. */
  readonly retryAfterMs?: number;
  /** From `X-mp-rate-limit-exceeded`: the limit that was hit. */
  readonly limit?: string;
}

/** A request that was let go: what {@link Pacer.acquire} gives and `onAnswer` takes. */
export interface Ticket {
  /** When it reached the server, as far as is known; on the pacer's clock, in ms. */
  at: number;
  readonly sentAt: number;
  /** 0 once the server has refused to count it. */
  batches: number;
}

/**
 * Keeps the rate in batches a second (contract.md, section 1): a token bucket that holds no more than one request, so
 * that there are no bursts. Obeys the server: slows down as the usage header nears 100, pauses on 429, and grows back.
 */
export class Pacer {
  readonly #configured: number;
  readonly #clock: Clock;
  #limit: number;
  #limitSetAt: number;
  #nextAt: number;
  #pausedUntil = 0;
  #firstSentAt = Number.POSITIVE_INFINITY;
  #growthShare = GROWTH_SHARE;
  /** A limit that the server was seen to keep; grown past only slowly. */
  #ceiling = Number.POSITIVE_INFINITY;
  /** What was sent in the last two seconds, in order. */
  readonly #sent: Ticket[] = [];
  #shortestAnswerMs = Number.POSITIVE_INFINITY;

  /** @param batchesPerSecond the account's limit. */
  constructor(batchesPerSecond: number, clock: Clock) {
    this.#configured = batchesPerSecond;
    this.#limit = batchesPerSecond;
    this.#clock = clock;
    this.#limitSetAt = clock.now();
    this.#nextAt = clock.now();
  }

  /**
   * How many batches the next request should hold, 1 to 100. Small enough that many fit into a second (a full request
   * at 270 a second would be a burst), larger when the network is slow and requests are few.
   */
  requestSize(): number {
    const now = this.#clock.now();
    const limit = this.#limitAt(now);
    const steady = steadyRequestSize(limit);
    const late = this.#sent.length === 0 ? 0 : now - Math.max(this.#nextAt, this.#pausedUntil);
    const earned = steady + Math.floor((late / 1000) * limit * TARGET_SHARE);
    if (earned < steady * SLOW_NETWORK) return steady;
    const room = Math.floor(limit) - this.#sentSince(now - WINDOW_MS);
    return Math.max(steady, Math.min(MAX_BATCHES_PER_REQUEST, earned, room));
  }

  /** Waits until `batches` more may be sent, and takes them from the limit. Returns early when `signal` aborts. */
  async acquire(batches: number, signal: AbortSignal): Promise<Ticket> {
    for (;;) {
      const wait = this.#waitFor(batches);
      if (wait <= 0 || signal.aborted) break;
      await this.#clock.sleep(wait, signal);
    }
    const now = this.#clock.now();
    this.#firstSentAt = Math.min(this.#firstSentAt, now);
    // What goes out now counts until a second from now, and what comes before that second is what went out just now.
    const last = this.#sentSince(now - WINDOW_MS);
    const before = Math.min(last, this.#sentSince(now - 2 * WINDOW_MS) - last);
    const limit = this.#limitAt(now);
    const growth = Math.max(LEAST_GROWTH, limit * this.#growthShare);
    const perMs = Math.min(limit * TARGET_SHARE, before + growth) / 1000;
    this.#nextAt = Math.max(now - CATCH_UP_MS, this.#nextAt) + batches / perMs;
    const ticket = { at: now, sentAt: now, batches };
    this.#sent.push(ticket);
    while ((this.#sent[0]?.at ?? now) <= now - 2 * WINDOW_MS) this.#sent.shift();
    return ticket;
  }

  /**
   * Must be called when the answer to a request is there: what it took longer than the quickest one, it may have been
   * on its way, and the server counts from its arrival.
   */
  onAnswer(ticket: Ticket): void {
    const tookMs = this.#clock.now() - ticket.sentAt;
    this.#shortestAnswerMs = Math.min(this.#shortestAnswerMs, tookMs);
    ticket.at = ticket.sentAt + Math.min(MAX_DELAY_MS, tookMs - this.#shortestAnswerMs);
  }

  /** Ms until the next request may start; 0 when it may now. */
  waitMs(): number {
    return this.#waitFor(this.requestSize());
  }

  /** By the pace, by what the server asked for, and so that no second holds more than the limit. */
  #waitFor(batches: number): number {
    const now = this.#clock.now();
    const limit = this.#limitAt(now);
    let until = Math.max(now, this.#nextAt, this.#pausedUntil);
    let held = this.#sentSince(now - WINDOW_MS);
    for (const entry of this.#sent) {
      if (held === 0 || held + batches <= limit) break;
      if (entry.at <= now - WINDOW_MS) continue;
      held -= entry.batches;
      until = Math.max(until, entry.at + WINDOW_MS);
    }
    return until - now;
  }

  #sentSince(time: number): number {
    return this.#sent.reduce((sum, { at, batches }) => (at > time ? sum + batches : sum), 0);
  }

  /**
   * Heeds `X-mp-rate-limit-percentage-used`. What was sent in the second up to this request, over the share that it is,
   * is the limit as the server sees it (others may be using it too).
   *
   * @param ticket of the request that was answered; {@link onAnswer} has had it.
   * @param percent the largest share, in percent, of any limit now used.
   */
  onUsage(ticket: Ticket, percent: number): void {
    const now = this.#clock.now();
    const sinceMs = ticket.at - Math.max(this.#firstSentAt, this.#pausedUntil);
    if (percent < NEAR_LIMIT_PERCENT) {
      const limit = this.#limitAt(now);
      if (percent < ROOM_PERCENT && sinceMs >= 1000) this.#ceiling = Number.POSITIVE_INFINITY;
      // What is not used says nothing of how much more there may be.
      if (this.#sentSince(now - WINDOW_MS) < limit * 0.9) this.#setLimit(this.#limit, now);
      return;
    }
    const windowMs = Math.min(1000, ticket.at - this.#firstSentAt);
    if (windowMs < MIN_WINDOW_MS) return;
    const sent = this.#sentSince(ticket.at - windowMs) - this.#sentSince(ticket.at);
    const seen = ((sent * 1000) / windowMs) * (100 / percent);
    const limit = this.#limitAt(now);
    // One request more or less in the window is no news; a limit that is clearly lower is.
    if (seen < limit * 0.95) this.#lower(seen, now);
    else if (limit < this.#configured) {
      const more = percent < FULL_PERCENT ? Math.max(0, Math.min(seen, limit * 1.1) - limit) : 0;
      this.#setLimit(this.#limit + more * TRUST_IN_USAGE, now);
    }
  }

  /**
   * Heeds a 429: nothing is sent for `Retry-After` (or `fallbackMs`). Where the last second held clearly less than the
   * limit, what it held is the limit now; where it did not, the two clocks differ by a little. Where the rate grew too
   * fast, it grows more slowly from then on.
   *
   * @param ticket of the request that was refused; it costs nothing.
   * @param fallbackMs how long to pause when the server does not say.
   */
  onThrottled(ticket: Ticket, { retryAfterMs, limit: name }: Throttle, fallbackMs: number): void {
    ticket.batches = 0;
    const now = this.#clock.now();
    const until = now + (retryAfterMs ?? fallbackMs);
    if (until <= this.#pausedUntil) return;
    // Requests that were in flight together say one thing together.
    const alreadyPaused = now < this.#pausedUntil;
    const whole = now - Math.max(this.#firstSentAt, this.#pausedUntil) >= 1000;
    this.#pausedUntil = until;
    if (alreadyPaused) return;
    const limit = this.#limitAt(now);
    const seen = this.#sentSince(now - 1000);
    if (name === 'acceleration') {
      this.#growthShare = Math.max(LEAST_GROWTH_SHARE, this.#growthShare * 0.6);
      return;
    }
    this.#lower(!whole ? limit / 2 : seen < limit * 0.9 ? seen : limit * 0.97, until);
  }

  #lower(limit: number, at: number): void {
    this.#ceiling = Math.max(limit, this.#configured * 0.02);
    this.#setLimit(this.#ceiling, at);
  }

  #setLimit(limit: number, at: number): void {
    this.#limit = limit;
    this.#limitSetAt = at;
  }

  /** Grows back to where the server was last seen to stop it, and from there on only to see whether it still does. */
  #limitAt(now: number): number {
    const step = RECOVERY_PER_SECOND * this.#configured;
    const seconds = Math.max(0, now - this.#limitSetAt) / 1000;
    const untilCeiling = Math.max(0, this.#ceiling - this.#limit) / step;
    const grown = Math.min(seconds, untilCeiling) + Math.max(0, seconds - untilCeiling) * PROBING_SHARE;
    return Math.min(this.#configured, this.#limit + grown * step);
  }
}

/** As many requests a second, at least: the smaller they are, the less is lost where one more would be too many. */
const LEAST_REQUESTS = 30;

/** The request size that divides a second into {@link LEAST_REQUESTS} or a few more equal ones with the least left over. */
export function steadyRequestSize(batchesPerSecond: number): number {
  const fewest = Math.max(LEAST_REQUESTS, Math.ceil(batchesPerSecond / MAX_BATCHES_PER_REQUEST));
  let best = { size: 1, used: 0 };
  for (let requests = fewest; requests <= fewest + 10; requests += 1) {
    const size = Math.floor(batchesPerSecond / requests);
    if (size * requests > best.used) best = { size, used: size * requests };
  }
  return best.size;
}
