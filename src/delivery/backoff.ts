/** The first wait is at most this long, in ms. */
const BACKOFF_BASE_MS = 200;
/** No wait is longer than this, in ms. */
const BACKOFF_CAP_MS = 30_000;

/**
 * Exponential backoff with full jitter: evenly spread between nothing and the base doubled with each attempt, so that
 * requests that failed together do not come back together.
 *
 * @param attempt 0 for the wait after the first try.
 * @param random a number in [0, 1).
 * @returns ms to wait.
 */
export function backoffMs(attempt: number, random: () => number): number {
  return random() * Math.min(BACKOFF_CAP_MS, BACKOFF_BASE_MS * 2 ** Math.min(attempt, 30));
}
