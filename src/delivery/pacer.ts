import { MAX_BATCHES_PER_REQUEST } from '../payload/limits.js';
import type { Clock } from './clock.js';
import { SentTickets, type Ticket } from './sent-tickets.js';

/** The share of the limit that the pace aims at; the jitter of timers is made up for out of the rest. */
const TARGET_SHARE = 0.998;
/** From this share of a limit in use, in percent, the answer's header may lower the rate: below it there is room. */
const NEAR_LIMIT_PERCENT = 90;
/** A rate that was lowered grows back by this share of the configured one a second, where no header gives the limit. */
const RECOVERY_PER_SECOND = 0.05;
/** Past a limit that the server was seen to keep, growth is slower by this factor. */
const PROBING_SHARE = 0.05;
/** How long a limit read from a header is taken to be valid, in ms. */
const HEADER_HOLDS_MS = 2000;
/** Up to so much time that was lost is made up for, in ms. */
const CATCH_UP_MS = 300;
/** From so much lost time on, in ms, requests are made larger: the network is slow, not a timer. */
const SLOW_NETWORK_MS = 100;
/** What was lost is made up for at so many times the pace, where the limit lets it. */
const CATCH_UP_PACE = 4;
/** Timers are no more exact than this, in ms: of a pace that is finer, what was lost is made up for at once. */
const TIMER_MS = 1;
/** No second holds more than the one before it and this share of the limit: the server also limits how fast a rate grows. */
const GROWTH_SHARE = 0.4;
/** How little that share may become when the server says that a rate has grown too fast. */
const LEAST_GROWTH_SHARE = 0.05;
/** A rate may always grow by this many batches a second. */
const LEAST_GROWTH = 10;
/** A rate is never lowered below this share of the configured one. */
const LEAST_SHARE = 0.02;
/** The time in which a server counts. */
const SECOND_MS = 1000;
/** A second, and a little for the jitter of the network: no such time may hold more batches than the limit. */
const WINDOW_MS = 1002;
/** Answers that differ by this much, in ms, are no sign of a request that was held up: networks are like that. */
const USUAL_JITTER_MS = 50;
/** The share of one answer in how long they usually take. */
const USUAL_WEIGHT = 0.01;
/** An answer that took longer, in ms, says nothing of the limit: what was sent in the second before it is forgotten. */
const TELLING_MS = 1000;

/** What a server says with a 429. */
export interface Throttle {
  /** From `Retry-After`, in ms; absent when the header was. */
  readonly retryAfterMs?: number;
  /** From `X-mp-rate-limit-exceeded`: the limit that was hit. */
  readonly limit?: string;
}

/**
 * Keeps the rate in batches a second (contract.md, section 1): an even pace, and no second that holds more than the
 * limit, wherever it begins. Obeys the server: takes the limit from the usage header, pauses on 429, and grows back.
 */
export class Pacer {
  readonly #configured: number;
  readonly #clock: Clock;
  #limit: number;
  /** From when on the limit grows by itself. */
  #growsFrom: number;
  #nextAt: number;
  /** A quarter of an interval after the latest request: also what was lost is made up for without a burst. */
  #notBefore = 0;
  #pausedUntil = 0;
  #firstSentAt = Number.POSITIVE_INFINITY;
  #growthShare = GROWTH_SHARE;
  /** A limit that the server was seen to keep; grown past only slowly. */
  #ceiling = Number.POSITIVE_INFINITY;
  #tellsUsage = false;
  /** What was sent lately. */
  readonly #sent = new SentTickets();
  #requests = 0;
  #shortestAnswerMs = Number.POSITIVE_INFINITY;
  /** Rises from 0, so that a slow first answer, with the connection in it, does not count for long. */
  #usualAnswerMs = 0;

  /** @param batchesPerSecond the account's limit. */
  constructor(batchesPerSecond: number, clock: Clock) {
    this.#configured = batchesPerSecond;
    this.#limit = batchesPerSecond;
    this.#clock = clock;
    this.#growsFrom = clock.now();
    this.#nextAt = clock.now();
  }

  /**
   * How many batches the next request should hold, 1 to 100. Small enough that many fit into a second (a full request
   * at 270 a second would be a burst), larger when the network is slow and requests are few.
   */
  requestSize(): number {
    const now = this.#clock.now();
    const limit = this.#limitAt(now);
    const steady = steadyRequestSize(limit, this.#requests);
    const lostMs = this.#sent.isEmpty ? 0 : now - SLOW_NETWORK_MS - this.#earliest(steady, now);
    if (lostMs <= 0) return steady;
    const room = Math.floor(this.#roomAt(now, limit));
    const earned = steady + Math.floor((lostMs * limit) / 1000);
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
    const limit = this.#limitAt(now);
    const last = this.#sent.since(now, WINDOW_MS);
    const before = Math.min(last, this.#sent.since(now, 2 * WINDOW_MS) - last);
    const pace = Math.min(limit * TARGET_SHARE, before + this.#growth(limit));
    const intervalMs = (batches * 1000) / pace;
    this.#nextAt = Math.max(now - CATCH_UP_MS, this.#nextAt + intervalMs);
    this.#notBefore = intervalMs < TIMER_MS ? now : now + intervalMs / CATCH_UP_PACE;
    this.#requests += 1;
    const ticket = { at: now, arrivedBy: Number.POSITIVE_INFINITY, sentAt: now, batches, counted: false };
    this.#sent.add(ticket);
    this.#sent.dropUntil(now - 2 * WINDOW_MS);
    return ticket;
  }

  /**
   * Must be called when the answer to a request is there. For as long as it took longer than others, the request may have
   * been on its way, and the server counts from its arrival.
   */
  onAnswer(ticket: Ticket): void {
    const tookMs = this.#clock.now() - ticket.sentAt;
    // The first answer has no other to be held against: all of it may be the connection, before the request went out.
    const leastMs = Number.isFinite(this.#shortestAnswerMs) ? Math.min(this.#shortestAnswerMs, tookMs) : 0;
    this.#shortestAnswerMs = Math.min(this.#shortestAnswerMs, tookMs);
    this.#usualAnswerMs += (tookMs - this.#usualAnswerMs) * USUAL_WEIGHT;
    ticket.arrivedBy = ticket.sentAt + tookMs - leastMs;
    const expectedMs = Math.max(leastMs, this.#usualAnswerMs - USUAL_JITTER_MS);
    this.#sent.move(ticket, ticket.sentAt + Math.max(0, tookMs - expectedMs));
  }

  /** Ms until the next request may start; 0 when it may now. */
  waitMs(): number {
    return this.#waitFor(this.requestSize());
  }

  /** By how many batches a second may exceed the one before it. */
  #growth(limit: number): number {
    return Math.max(LEAST_GROWTH, limit * this.#growthShare);
  }

  #waitFor(batches: number): number {
    const now = this.#clock.now();
    return Math.max(0, this.#earliest(batches, now) - now);
  }

  /**
   * When so many batches may go out, which may be in the past: by the pace, by what the server asked for, and so that no
   * second holds more than the limit, nor much more than the one before it.
   */
  #earliest(batches: number, now: number): number {
    const limit = this.#limitAt(now);
    let time = Math.max(this.#nextAt, this.#notBefore);
    for (;;) {
      const at = this.#sent.at(this.#sent.firstSince(time, WINDOW_MS));
      if (at === undefined || batches <= this.#roomAt(time, limit)) return time;
      time = at + WINDOW_MS;
    }
  }

  /** How many batches may go out at a time by the limits alone. */
  #roomAt(time: number, limit: number): number {
    const held = this.#sent.since(time, WINDOW_MS);
    // Of the second before, the server may not count what is at its very beginning.
    const before = this.#sent.since(time, 2 * SECOND_MS) - held;
    return Math.min(limit, before + this.#growth(limit)) - held;
  }

  /** How many batches the server held in the second up to the arrival of a request, at least and at most. */
  #heldAt(ticket: Ticket): { readonly least: number; readonly most: number } {
    let least = ticket.batches;
    let most = ticket.batches;
    for (const other of this.#sent) {
      if (other === ticket) continue;
      const { sentAt, arrivedBy, batches } = other;
      if (sentAt <= ticket.arrivedBy && arrivedBy > ticket.sentAt - SECOND_MS) most += batches;
      const sure = other.counted && arrivedBy <= ticket.sentAt;
      if (sure && sentAt > ticket.arrivedBy - SECOND_MS) least += batches;
    }
    return { least, most };
  }

  /**
   * Heeds `X-mp-rate-limit-percentage-used`. What was sent in the second up to this request, over the share that it is,
   * is the limit as the server sees it (others may be using it too). The share is taken to be rounded up.
   *
   * @param ticket of the request that was answered; {@link onAnswer} has had it.
   * @param percent the largest share, in percent, of any limit now used.
   */
  onUsage(ticket: Ticket, percent: number): void {
    ticket.counted = true;
    const now = this.#clock.now();
    if (percent <= 0 || ticket.sentAt < Math.max(this.#pausedUntil, now - TELLING_MS)) return;
    this.#tellsUsage = true;
    const { least, most } = this.#heldAt(ticket);
    const reported = (least * 100) / percent;
    const tooHigh = percent >= NEAR_LIMIT_PERCENT && (most * 100) / (percent - 1) < this.#limit;
    // However it is rounded: the limit that the server was seen to keep is another one now.
    if ((least * 100) / (percent + 1) > this.#ceiling) this.#ceiling = Number.POSITIVE_INFINITY;
    this.#setLimit(
      tooHigh ? reported : Math.max(this.#limit, Math.min(reported, this.#ceiling)),
      now + HEADER_HOLDS_MS,
    );
  }

  /**
   * Heeds a 429: nothing is sent for `Retry-After` (or `fallbackMs`). Where the server says how much of its limit is
   * used, the rate starts from the half, and the next answers give the limit. Else, where the last second held clearly
   * less than the limit, what it held is the limit now; where it did not, the two clocks differ by a little. Where the
   * rate grew too fast, it grows more slowly from then on.
   *
   * @param ticket of the request that was refused; it costs nothing.
   * @param fallbackMs how long to pause when the server does not say.
   */
  onThrottled(ticket: Ticket, { retryAfterMs, limit: name }: Throttle, fallbackMs: number): void {
    const refusedAt = this.#heldAt(ticket).most;
    this.#sent.cancel(ticket);
    const now = this.#clock.now();
    const until = now + (retryAfterMs ?? fallbackMs);
    // Requests that were in flight together say one thing together.
    const alreadyPaused = now < this.#pausedUntil;
    const whole = now - Math.max(this.#firstSentAt, this.#pausedUntil) >= SECOND_MS;
    this.#pausedUntil = Math.max(this.#pausedUntil, until);
    this.#nextAt = Math.max(this.#nextAt, until);
    if (alreadyPaused) return;
    if (name === 'acceleration') {
      this.#growthShare = Math.max(LEAST_GROWTH_SHARE, this.#growthShare * 0.6);
      return;
    }
    const limit = this.#limitAt(now);
    if (this.#tellsUsage) {
      this.#ceiling = Math.min(this.#ceiling, refusedAt - 1);
      this.#setLimit(limit / 2, until + HEADER_HOLDS_MS);
      return;
    }
    const seen = this.#sent.since(now, SECOND_MS);
    this.#ceiling = whole ? (seen < limit * 0.9 ? seen : limit * 0.97) : limit / 2;
    this.#setLimit(this.#ceiling, until);
  }

  #setLimit(limit: number, growsFrom: number): void {
    this.#limit = Math.min(this.#configured, Math.max(limit, this.#configured * LEAST_SHARE));
    this.#growsFrom = growsFrom;
  }

  /** Grows back to where the server was last seen to stop it, and from there on only to see whether it still does. */
  #limitAt(now: number): number {
    const step = RECOVERY_PER_SECOND * this.#configured;
    const seconds = Math.max(0, now - this.#growsFrom) / 1000;
    const untilCeiling = Math.max(0, this.#ceiling - this.#limit) / step;
    const grown = Math.min(seconds, untilCeiling) + Math.max(0, seconds - untilCeiling) * PROBING_SHARE;
    return Math.min(this.#configured, this.#limit + grown * step);
  }
}

/** As many requests a second, at least: the smaller they are, the less is lost where one more would be too many. */
const LEAST_REQUESTS = 30;

/**
 * The size of one request of many, in batches, 1 to 100. Any {@link LEAST_REQUESTS} of them in a row (as many as a
 * second's batches at a time where these are fewer, full ones where they are more) hold exactly what a second may hold.
 *
 * @param index of the request, from 0.
 */
export function steadyRequestSize(batchesPerSecond: number, index: number): number {
  const batches = Math.max(1, Math.floor(batchesPerSecond));
  const requests = Math.min(batches, Math.max(LEAST_REQUESTS, Math.ceil(batches / MAX_BATCHES_PER_REQUEST)));
  const upTo = (count: number): number => Math.floor((count * batches) / requests);
  return upTo((index % requests) + 1) - upTo(index % requests);
}
