import type { Clock } from './clock.js';

/** As many failures in a row, of whatever requests, and the endpoint is taken to be down. */
const FAILURES = 5;
/** The first pause, in ms; each further one is twice as long. */
const FIRST_PAUSE_MS = 1_000;
/** No pause is longer than this, in ms. */
const LONGEST_PAUSE_MS = 60_000;

/** A pause that begins now. */
export interface Pause {
  /** How often in a row requests have failed. */
  readonly failures: number;
  readonly reason: string;
  readonly waitMs: number;
  /** When the run will be given up, in ms from now, if nothing gets better. */
  readonly giveUpInMs: number;
}

/** What a {@link Circuit} works with. */
export interface CircuitOptions {
  readonly clock: Clock;
  /** A number in [0, 1). */
  readonly random: () => number;
  /** How long the endpoint may fail without a break, in ms. */
  readonly giveUpAfterMs: number;
  /** Called when the endpoint is taken to be down, and each time that it still is. */
  readonly onPause?: (pause: Pause) => void;
}

/**
 * Keeps an endpoint that is down from being hammered: after five failures in a row everything pauses, then one request
 * alone tries, and each time that it fails the next pause is longer.
 */
export class Circuit {
  readonly #options: CircuitOptions;
  #failures = 0;
  #pauses = 0;
  #failingSince: number | undefined;
  #failing: string | undefined;
  #pausedUntil = 0;
  #trying = false;
  #changed: (() => void)[] = [];

  constructor(options: CircuitOptions) {
    this.#options = options;
  }

  /** Whether the endpoint is taken to be down. */
  get isOpen(): boolean {
    return this.#failures >= FAILURES;
  }

  /** Why the last request failed; undefined where it did not. */
  get failing(): string | undefined {
    return this.#failing;
  }

  /** Resolves when the caller may try a request: at once, or after a pause and then for one at a time. */
  async pass(signal: AbortSignal): Promise<void> {
    while (this.isOpen && !signal.aborted) {
      const wait = this.#pausedUntil - this.#options.clock.now();
      if (wait > 0) {
        await this.#options.clock.sleep(wait, signal);
      } else if (this.#trying) {
        await new Promise<void>((resolve) => this.#changed.push(resolve));
      } else {
        this.#trying = true;
        return;
      }
    }
  }

  /** Wakes those who wait to pass: to be called when their signal aborts. */
  release(): void {
    for (const resolve of this.#changed.splice(0)) resolve();
  }

  /** The endpoint answered as it should. */
  onSuccess(): void {
    this.#failures = 0;
    this.#pauses = 0;
    this.#failingSince = undefined;
    this.#failing = undefined;
    this.#done();
  }

  /** The endpoint lives but takes nothing just now. @returns whether that has gone on for too long. */
  onThrottled(): boolean {
    this.#failures = 0;
    this.#failing = 'the server answered 429';
    this.#done();
    return this.#isTooLong();
  }

  /** A request failed. @returns whether that has gone on for too long. */
  onFailure(reason: string): boolean {
    const now = this.#options.clock.now();
    const tooLong = this.#isTooLong();
    this.#failures += 1;
    this.#failing = reason;
    // Requests that were in flight together fail together: one pause for all of them.
    if (this.isOpen && now >= this.#pausedUntil) {
      const deadline = (this.#failingSince ?? now) + this.#options.giveUpAfterMs;
      const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#pauses, 16));
      const jittered = longest * (0.5 + this.#options.random() / 2);
      const waitMs = Math.max(0, Math.min(jittered, deadline - now));
      this.#pauses += 1;
      this.#pausedUntil = now + waitMs;
      if (!tooLong) {
        this.#options.onPause?.({ failures: this.#failures, reason, waitMs, giveUpInMs: deadline - now });
      }
    }
    this.#done();
    return tooLong;
  }

  #isTooLong(): boolean {
    const now = this.#options.clock.now();
    this.#failingSince ??= now;
    return now - this.#failingSince >= this.#options.giveUpAfterMs;
  }

  #done(): void {
    this.#trying = false;
    this.release();
  }
}
