import { MAX_TIMER_MS } from '../delivery/clock.js';
import { EXIT, UserError } from '../errors.js';

/** The time that `--max-duration` allows. Waiting for a pipe before anything is sent takes of it too. */
export class TimeBudget {
  #leftMs: number;

  /** @param allowedMs undefined: any. */
  constructor(allowedMs: number | undefined) {
    this.#leftMs = allowedMs ?? Number.POSITIVE_INFINITY;
  }

  /** Calls `onEnd` when it is over. @returns a function that takes that back. */
  watch(onEnd: () => void): () => void {
    if (this.#leftMs === Number.POSITIVE_INFINITY) return () => undefined;
    let timer: NodeJS.Timeout | undefined;
    const wait = (ms: number): void => {
      if (ms <= MAX_TIMER_MS) timer = setTimeout(onEnd, Math.max(0, ms));
      else timer = setTimeout(() => wait(ms - MAX_TIMER_MS), MAX_TIMER_MS);
    };
    wait(this.#leftMs);
    return () => clearTimeout(timer);
  }

  /**
   * What `reading` resolves to. A pipe may never give anything.
   *
   * @throws UserError `INPUT_UNREADABLE` where the time is over before that; and what `reading` throws.
   */
  async spend<T>(reading: Promise<T>): Promise<T> {
    const startedAt = performance.now();
    let release: () => void = () => undefined;
    // Nobody waits for it any more, once the time is over.
    reading.catch(() => undefined);
    const over = new Promise<never>((_, reject) => {
      release = this.watch(() => reject(timeIsOver()));
    });
    try {
      return await Promise.race([reading, over]);
    } finally {
      release();
      this.#leftMs -= performance.now() - startedAt;
    }
  }
}

function timeIsOver(): UserError {
  return new UserError(
    'INPUT_UNREADABLE',
    'The time of --max-duration is over, and the input has not ended. Nothing was sent.',
    {
      hint: 'Check whether the job that writes the input hangs, or allow more time; then run the same command again.',
      exitCode: EXIT.pending,
    },
  );
}
