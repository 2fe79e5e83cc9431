import pLimit, { type LimitFunction } from 'p-limit';
import { MAX_BATCHES_PER_REQUEST, MAX_EVENTS_PER_REQUEST, MAX_REQUEST_BYTES } from '../payload/limits.js';
import { backoffMs } from './backoff.js';
import { type OutgoingBatch, separate, type Unit } from './batching.js';
import type { Answer, Client } from './client.js';
import type { Clock } from './clock.js';
import type { Pacer, Ticket } from './pacer.js';

/** What became of a unit. */
export type UnitOutcome =
  | { readonly kind: 'accepted' }
  /** The server refused it, standing alone, with this status and these words. */
  | { readonly kind: 'rejected'; readonly status: number; readonly message: string }
  /** The run stopped before it was settled. */
  | { readonly kind: 'pending' };

/** Why an upload ended before its time. */
export type StopReason =
  | { readonly kind: 'unauthorized'; readonly status: number }
  | { readonly kind: 'unusable'; readonly status: number }
  | { readonly kind: 'unreachable'; readonly reason: string }
  | { readonly kind: 'too many rejects'; readonly allowed: number }
  | { readonly kind: 'interrupted'; readonly signal: 'SIGINT' | 'SIGTERM' };

/** Counters of one upload. */
export interface UploadCounts {
  /** HTTP requests that were tried, retries included. */
  requests: number;
  /** Batches that were accepted. */
  batches: number;
  /** Event data items that were accepted. */
  events: number;
  /** Tries after the first of the same bytes. */
  retries: number;
  /** Answers with 429. */
  throttled: number;
}

/** What the upload is waiting for, for the progress line. */
export type WaitingFor = 'rate limit' | 'retry' | undefined;

/** What an {@link Uploader} works with. */
export interface UploaderOptions<U extends Unit> {
  readonly client: Client;
  readonly pacer: Pacer;
  /** Requests in flight at once. */
  readonly concurrency: number;
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** How long the endpoint may fail without a break, in ms, before the upload stops. */
  readonly giveUpAfterMs: number;
  /** Called once for every unit that was submitted. */
  readonly onSettled: (unit: U, outcome: UnitOutcome) => void;
}

const PATHS = { live: '/bulkevents', historical: '/bulkevents/historical' } as const;

/**
 * Sends batches: packs them into requests within the limits, keeps the rate, retries, and splits what the server
 * refuses until the culprit stands alone. Batches that share a user key are sent in the order in which they were
 * submitted, each after the one before was settled, also when that one had to be retried.
 */
export class Uploader<U extends Unit> {
  readonly counts: UploadCounts = { requests: 0, batches: 0, events: 0, retries: 0, throttled: 0 };
  readonly #options: UploaderOptions<U>;
  readonly #slots: LimitFunction;
  readonly #stop = new AbortController();
  /** Wakes the dispatcher: something was queued or settled. */
  #wake: () => void = () => undefined;
  #queue: OutgoingBatch<U>[] = [];
  readonly #busyUsers = new Map<string, number>();
  #dispatcher: Promise<void> | undefined;
  #ending = false;
  #stopReason: StopReason | undefined;
  #failingSince: number | undefined;
  #retrying = 0;
  #waiters: (() => void)[] = [];

  constructor(options: UploaderOptions<U>) {
    this.#options = options;
    this.#slots = pLimit(options.concurrency);
  }

  /** Why the upload stopped early, once it has. */
  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  /** What is being waited for just now. */
  get waitingFor(): WaitingFor {
    if (this.#retrying > 0) return 'retry';
    return this.#queue.length > 0 && this.#options.pacer.waitMs() > 0 ? 'rate limit' : undefined;
  }

  /** Takes batches over; resolves when there is room for more. */
  async submit(batches: readonly OutgoingBatch<U>[]): Promise<void> {
    if (this.#stopReason !== undefined) {
      for (const batch of batches) this.#settle(batch, { kind: 'pending' });
      return;
    }
    this.#queue.push(...batches);
    this.#ending = false;
    this.#dispatcher ??= this.#dispatch().finally(() => {
      this.#dispatcher = undefined;
    });
    this.#wake();
    const room = this.#options.concurrency * MAX_BATCHES_PER_REQUEST;
    while (this.#queue.length > room) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  /** Resolves when everything submitted so far is settled. */
  async flush(): Promise<void> {
    this.#ending = true;
    this.#wake();
    await this.#dispatcher;
  }

  /** Starts nothing more; requests in flight are finished and settled, everything else is pending. */
  stop(reason: StopReason): void {
    if (this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#stop.abort();
    this.#wake();
  }

  async #dispatch(): Promise<void> {
    const { pacer, concurrency } = this.#options;
    const running = new Set<Promise<void>>();
    for (;;) {
      if (this.#stop.signal.aborted) break;
      const woken = new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
      const free = this.#slots.activeCount + this.#slots.pendingCount < concurrency;
      const size = pacer.requestSize();
      const wait = pacer.waitMs();
      if (free && wait > 0 && this.#queue.length > 0) {
        await this.#options.clock.sleep(wait, this.#stop.signal);
        continue;
      }
      const enough = this.#ending || this.#queue.length >= size;
      const batches = free && enough ? this.#take(size) : [];
      if (batches.length === 0) {
        if (this.#ending && this.#queue.length === 0 && running.size === 0) break;
        await woken;
        continue;
      }
      const ticket = await pacer.acquire(batches.length, this.#stop.signal);
      const task = this.#slots(() => this.#deliver(batches, ticket)).finally(() => {
        running.delete(task);
        this.#release(batches);
        this.#wake();
      });
      running.add(task);
      for (const waiter of this.#waiters.splice(0)) waiter();
    }
    await Promise.all(running);
    for (const batch of this.#queue.splice(0)) this.#settle(batch, { kind: 'pending' });
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** Takes up to `size` batches of one route, in order, passing over users who have a batch in flight. */
  #take(size: number): OutgoingBatch<U>[] {
    const taken: OutgoingBatch<U>[] = [];
    const left: OutgoingBatch<U>[] = [];
    const passedOver = new Set<string>();
    let events = 0;
    let bytes = 2;
    let full = false;
    let looked = 0;
    for (const batch of this.#queue) {
      looked += 1;
      const blocked = batch.userKeys.some((key) => this.#busyUsers.has(key) || passedOver.has(key));
      const otherRoute = taken[0] !== undefined && taken[0].route !== batch.route;
      const tooMuch =
        events + batch.events > MAX_EVENTS_PER_REQUEST || bytes + batch.bytes + 1 >= MAX_REQUEST_BYTES;
      if (blocked || otherRoute || tooMuch) {
        left.push(batch);
        for (const key of batch.userKeys) passedOver.add(key);
        full ||= tooMuch;
      } else {
        taken.push(batch);
        events += batch.events;
        bytes += batch.bytes + 1;
        full ||= taken.length === size;
      }
      if (full) break;
    }
    this.#queue = left.concat(this.#queue.slice(looked));
    for (const batch of taken) {
      for (const key of batch.userKeys) this.#busyUsers.set(key, (this.#busyUsers.get(key) ?? 0) + 1);
    }
    return taken;
  }

  #release(batches: readonly OutgoingBatch<U>[]): void {
    for (const batch of batches) {
      for (const key of batch.userKeys) {
        const count = (this.#busyUsers.get(key) ?? 1) - 1;
        if (count === 0) this.#busyUsers.delete(key);
        else this.#busyUsers.set(key, count);
      }
    }
  }

  /** Delivers one request, its rate already taken: the same bytes until it is accepted, refused or the upload stops. */
  async #deliver(batches: readonly OutgoingBatch<U>[], first: Ticket): Promise<void> {
    const path = PATHS[batches[0]?.route ?? 'live'];
    let ticket = first;
    const body = `[${batches.map((batch) => batch.json).join(',')}]`;
    for (let attempt = 0; ; attempt += 1) {
      if (this.#stop.signal.aborted) break;
      if (attempt > 0) this.counts.retries += 1;
      this.counts.requests += 1;
      const answer = await this.#options.client.post(path, body);
      this.#options.pacer.onAnswer(ticket);
      this.#watch(answer);
      if (answer.kind === 'accepted') {
        this.counts.batches += batches.length;
        this.counts.events += batches.reduce((sum, batch) => sum + batch.events, 0);
        for (const batch of batches) this.#settle(batch, { kind: 'accepted' });
        return;
      }
      if (answer.kind === 'refused') return this.#split(batches, answer);
      if (answer.kind === 'unauthorized' || answer.kind === 'unusable') break;
      ticket = await this.#wait(answer, attempt, ticket, batches.length);
    }
    for (const batch of batches) this.#settle(batch, { kind: 'pending' });
  }

  /** Halves what was refused, down to single units; one half after the other, so that no user's updates change places. */
  async #split(
    batches: readonly OutgoingBatch<U>[],
    refusal: { readonly status: number; readonly message: string },
  ): Promise<void> {
    const parts = batches.length === 1 ? batches.flatMap(separate) : batches;
    if (parts.length === 1) {
      for (const batch of parts) {
        this.#settle(batch, { kind: 'rejected', status: refusal.status, message: refusal.message });
      }
      return;
    }
    const middle = Math.ceil(parts.length / 2);
    for (const half of [parts.slice(0, middle), parts.slice(middle)]) {
      const ticket = await this.#options.pacer.acquire(half.length, this.#stop.signal);
      await this.#deliver(half, ticket);
    }
  }

  async #wait(
    answer: Extract<Answer, { kind: 'failed' | 'throttled' }>,
    attempt: number,
    ticket: Ticket,
    batches: number,
  ): Promise<Ticket> {
    const { clock, pacer, random } = this.#options;
    const signal = this.#stop.signal;
    const backoff = backoffMs(attempt, random);
    this.#retrying += 1;
    if (answer.kind === 'throttled') {
      this.counts.throttled += 1;
      // The pause is the pacer's: it holds for every request, not only for this one.
      pacer.onThrottled(ticket, answer.throttle, Math.max(backoff, 50));
    } else {
      await clock.sleep(Math.max(backoff, answer.retryAfterMs ?? 0), signal);
    }
    const next = await pacer.acquire(batches, signal);
    this.#retrying -= 1;
    return next;
  }

  /** Keeps what every answer tells about the endpoint as a whole. */
  #watch(answer: Answer): void {
    const now = this.#options.clock.now();
    switch (answer.kind) {
      case 'accepted':
        this.#failingSince = undefined;
        if (answer.usagePercent !== undefined) this.#options.pacer.onUsage(answer.usagePercent);
        return;
      case 'refused':
        this.#failingSince = undefined;
        return;
      case 'unauthorized':
      case 'unusable':
        this.stop(answer);
        return;
      case 'failed':
      case 'throttled':
        this.#failingSince ??= now;
        if (now - this.#failingSince >= this.#options.giveUpAfterMs) {
          const reason = answer.kind === 'failed' ? answer.reason : 'the server went on answering 429';
          this.stop({ kind: 'unreachable', reason });
        }
    }
  }

  #settle(batch: OutgoingBatch<U>, outcome: UnitOutcome): void {
    for (const unit of batch.units) this.#options.onSettled(unit, outcome);
  }
}
