import { setTimeout as delay } from 'node:timers/promises';

/** Time as the delivery station sees it, passed in so that tests can set it. */
export interface Clock {
  /** Monotonic time in ms. */
  now(): number;
  /** Resolves after `ms`, or as soon as `signal` aborts; never rejects. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: async (ms, signal) => {
    if (ms <= 0 || signal.aborted) return;
    await delay(ms, undefined, { signal }).catch(() => undefined);
  },
};
