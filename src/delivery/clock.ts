import { setTimeout as delay } from 'node:timers/promises';

/** Time as the delivery station sees it, passed in so that tests can set it. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number;
  /**
   * Resolves after `ms`, or as soon as `signal` aborts; never rejects. May resolve early where `ms` is more than 24 days:
   * whoever waits for longer looks again.
   */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The longest time of a timer, in ms; a longer one goes off at once, with a warning. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    if (ms <= 0 || signal.aborted) return;
    await delay(Math.min(ms, MAX_TIMER_MS), undefined, { signal }).catch(() => undefined);
  },
};
