import { setMaxListeners } from 'node:events';
import pLimit, { type LimitFunction } from 'p-limit';
import { MAX_BATCHES_PER_REQUEST } from '../payload/limits.js';
import { PATHS } from '../payload/route.js';
import { backoffMs } from './backoff.js';
import { BatchQueue } from './batch-queue.js';
import { type OutgoingBatch, separate, unitsOf } from './batching.js';
import { Circuit, type CircuitOptions } from './circuit.js';
import type { Answer, Client } from './client.js';
import type { StopReason, UnitOutcome } from './outcome.js';
import type { Pacer, Throttle } from './pacer.js';
import { RequestBodies } from './request-body.js';
import { emptyCounts, type Sender, type Submitter, type WaitingFor } from './sender.js';
import type { Ticket } from './sent-tickets.js';

/**
 * How long requests in flight may take once the upload was stopped, in ms. A container has 10 seconds from SIGTERM to its
 * end; the rest is for what comes after the requests.
 */
const GRACE_MS = 7_000;

/** So long without any answer, in ms, and it is being waited for: one of a server that hangs comes never. */
const QUIET_MS = 5_000;

/** What an {@link Uploader} works with. */
export interface UploaderOptions extends CircuitOptions {
  readonly client: Client;
  readonly pacer: Pacer;
  /** Requests in flight at once. */
  readonly concurrency: number;
  readonly submitter: Submitter;
}

/**
 * Sends batches: packs them into requests within the limits, keeps the rate, retries, and splits what the server
 * refuses until the culprit stands alone. Batches that share a user key are sent in the order in which they were
 * submitted, each after the one before was settled, also when that one had to be retried.
 */
export class Uploader implements Sender {
  readonly counts = emptyCounts();
  readonly #options: UploaderOptions;
  readonly #slots: LimitFunction;
  readonly #stop = new AbortController();
  /** Wakes the dispatcher: something was queued or settled. */
  #wake: () => void = () => undefined;
  readonly #queue = new BatchQueue();
  readonly #bodies = new RequestBodies();
  #dispatcher: Promise<void> | undefined;
  #ending = false;
  #stopReason: StopReason | undefined;
  readonly #abort = new AbortController();
  readonly #circuit: Circuit;
  #retrying = 0;
  /** Requests without an answer yet. */
  #asking = 0;
  /** When the last answer came, or else the first of these requests began. */
  #quietSince = 0;
  #waiters: (() => void)[] = [];

  constructor(options: UploaderOptions) {
    this.#options = options;
    this.#slots = pLimit(options.concurrency);
    // Every request in flight may wait for it.
    setMaxListeners(0, this.#stop.signal, this.#abort.signal);
    this.#circuit = new Circuit(options);
  }

  get stopReason(): StopReason | undefined {
    return this.#stopReason;
  }

  get waitingFor(): WaitingFor {
    if (this.#circuit.isOpen) return 'the endpoint, which is down';
    if (this.#retrying > 0) return 'retry';
    const { pacer, clock } = this.#options;
    if (this.#asking > 0 && clock.now() - this.#quietSince >= QUIET_MS) return 'an answer';
    return this.#queue.length > 0 && pacer.waitMs() > 0 ? 'rate limit' : undefined;
  }

  async submit(batches: readonly OutgoingBatch[]): Promise<void> {
    if (this.#stopReason !== undefined) {
      this.#settle(batches, { kind: 'pending', arrived: false });
      return;
    }
    this.#queue.push(batches);
    this.#ending = false;
    this.#dispatcher ??= this.#dispatch().finally(() => {
      this.#dispatcher = undefined;
    });
    this.#wake();
    const room = this.#options.concurrency * MAX_BATCHES_PER_REQUEST;
    while (this.#queue.length > room) await new Promise<void>((resolve) => this.#waiters.push(resolve));
  }

  async flush(): Promise<void> {
    this.#ending = true;
    this.#wake();
    await this.#dispatcher;
  }

  /** Starts nothing more; requests in flight get a while to finish, everything else is pending. */
  stop(reason: StopReason): void {
    if (this.#stopReason !== undefined) return;
    this.#stopReason = reason;
    this.#tellFailing(this.#circuit.failing);
    this.#stop.abort();
    this.#circuit.release();
    this.#options.submitter.onStop();
    setTimeout(() => this.#abort.abort(), GRACE_MS).unref();
    this.#wake();
  }

  /** Adds to why the upload stopped, where that was from outside, why the endpoint took nothing just then. */
  #tellFailing(failing: string | undefined): void {
    const reason = this.#stopReason;
    if (failing === undefined || (reason?.kind !== 'time budget' && reason?.kind !== 'interrupted')) return;
    this.#stopReason = { failing, ...reason };
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
      const batches = free && enough ? this.#queue.take(size) : [];
      if (batches.length === 0) {
        if (this.#ending && this.#queue.length === 0 && running.size === 0) break;
        await woken;
        continue;
      }
      const ticket = await pacer.acquire(batches.length, this.#stop.signal);
      const task = this.#slots(() => this.#deliver(batches, ticket)).finally(() => {
        running.delete(task);
        this.#queue.release(batches);
        this.#wake();
      });
      running.add(task);
      for (const waiter of this.#waiters.splice(0)) waiter();
    }
    await Promise.all(running);
    this.#settle(this.#queue.takeAll(), { kind: 'pending', arrived: false });
    for (const waiter of this.#waiters.splice(0)) waiter();
  }

  /** Delivers one request, its rate already taken: the same bytes until it is accepted, refused or the upload stops. */
  async #deliver(batches: readonly OutgoingBatch[], first: Ticket, mayHaveArrived = false): Promise<void> {
    const path = PATHS[batches[0]?.route ?? 'live'];
    const { client, pacer } = this.#options;
    let ticket = first;
    let arrived = mayHaveArrived;
    let throttled = 0;
    const body = this.#bodies.make(batches);
    for (let attempt = 0; ; attempt += 1) {
      if (this.#circuit.isOpen) {
        await this.#circuit.pass(this.#stop.signal);
        ticket = await pacer.acquire(batches.length, this.#stop.signal);
      }
      if (this.#stop.signal.aborted) break;
      if (attempt > 0) this.counts.retries += 1;
      this.counts.requests += 1;
      const answer = await this.#ask(() => client.post(path, body, this.#abort.signal));
      pacer.onAnswer(ticket);
      this.#watch(answer, ticket);
      if (this.#abort.signal.aborted && answer.kind === 'failed')
        this.#tellFailing('requests in flight had no answer');
      if (answer.kind === 'accepted') {
        // A server may answer before it has read everything: then the body is still on its way.
        if (client.isFlushed) this.#bodies.giveBack(body);
        this.counts.batches += batches.length;
        this.counts.events += batches.reduce((sum, batch) => sum + batch.events, 0);
        this.#settle(batches, { kind: 'accepted' });
        return;
      }
      if (answer.kind === 'refused') return this.#split(batches, answer);
      if (answer.kind === 'failed') arrived ||= answer.arrived;
      else if (answer.kind === 'throttled') {
        throttled += 1;
        this.#onThrottled(answer.throttle, attempt, ticket);
        // It may have more batches than the server takes in a second: as it is it would never come through.
        if (throttled > 1 && batches.length > 1) return this.#inHalves(batches, arrived);
      } else {
        arrived ||= answer.kind === 'web page';
        break;
      }
      ticket = await this.#wait(answer, attempt, batches.length);
    }
    this.#settle(batches, { kind: 'pending', arrived });
  }

  async #ask(post: () => Promise<Answer>): Promise<Answer> {
    const { clock } = this.#options;
    if (this.#asking === 0) this.#quietSince = clock.now();
    this.#asking += 1;
    try {
      return await post();
    } finally {
      this.#asking -= 1;
      this.#quietSince = clock.now();
    }
  }

  /** Halves what was refused, down to single units; one half after the other, so that no user's updates change places. */
  async #split(
    batches: readonly OutgoingBatch[],
    refusal: { readonly status: number; readonly message: string },
  ): Promise<void> {
    const alone = batches.length === 1;
    const parts = alone ? batches.flatMap(separate) : batches;
    if (parts.length === 1) {
      this.#settle(parts, { kind: 'rejected', status: refusal.status, message: refusal.message });
      return;
    }
    if (alone) await this.#options.submitter.regroup(parts);
    await this.#inHalves(parts, false);
  }

  /** Delivers at least two batches in two requests, one after the other. */
  async #inHalves(batches: readonly OutgoingBatch[], mayHaveArrived: boolean): Promise<void> {
    const middle = Math.ceil(batches.length / 2);
    for (const half of [batches.slice(0, middle), batches.slice(middle)]) {
      const ticket = await this.#options.pacer.acquire(half.length, this.#stop.signal);
      await this.#deliver(half, ticket, mayHaveArrived);
    }
  }

  /** The pause is the pacer's: it holds for every request, not only for this one. */
  #onThrottled(throttle: Throttle, attempt: number, ticket: Ticket): void {
    const { pacer, random } = this.#options;
    this.counts.throttled += 1;
    pacer.onThrottled(ticket, throttle, Math.max(backoffMs(attempt, random), 50));
  }

  /** Waits until the same request may be tried again, and takes its rate. */
  async #wait(
    answer: Extract<Answer, { kind: 'failed' | 'throttled' }>,
    attempt: number,
    batches: number,
  ): Promise<Ticket> {
    const { clock, pacer, random } = this.#options;
    const signal = this.#stop.signal;
    this.#retrying += 1;
    if (answer.kind === 'failed') {
      await clock.sleep(Math.max(backoffMs(attempt, random), answer.retryAfterMs ?? 0), signal);
    }
    const next = await pacer.acquire(batches, signal);
    this.#retrying -= 1;
    return next;
  }

  /** Keeps what every answer says about the endpoint as a whole. */
  #watch(answer: Answer, ticket: Ticket): void {
    switch (answer.kind) {
      case 'accepted':
        this.#circuit.onSuccess();
        if (answer.usagePercent !== undefined) this.#options.pacer.onUsage(ticket, answer.usagePercent);
        return;
      case 'refused':
        this.#circuit.onSuccess();
        return;
      case 'unauthorized':
      case 'proxy unauthorized':
      case 'web page':
      case 'unusable':
        this.stop(answer);
        return;
      case 'failed':
        if (this.#circuit.onFailure(answer.reason)) this.stop({ kind: 'unreachable', reason: answer.reason });
        this.#stopWhereTooLong(answer.retryAfterMs);
        return;
      case 'throttled':
        if (this.#circuit.onThrottled()) {
          this.stop({ kind: 'unreachable', reason: 'the server kept answering 429' });
        }
        this.#stopWhereTooLong(answer.throttle.retryAfterMs);
    }
  }

  /** A pause longer than the endpoint may fail for is not slept through: whoever runs this again may do so then. */
  #stopWhereTooLong(retryAfterMs = 0): void {
    if (retryAfterMs > this.#options.giveUpAfterMs) this.stop({ kind: 'asked to wait', retryAfterMs });
  }

  #settle(batches: readonly OutgoingBatch[], outcome: UnitOutcome): void {
    if (batches.length > 0) this.#options.submitter.settle(unitsOf(batches), outcome);
  }
}
