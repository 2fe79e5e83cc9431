import { runNames } from './runs.js';

/** So many days' runs are believed: a clock that is wrong for a night or two makes no difference. */
const DAYS_AGREEING = 3;
const DAY_MS = 86_400_000;

/**
 * The time, in Unix seconds, before which what was accepted is forgotten: by the clocks of runs on {@link DAYS_AGREEING}
 * days, the one that begins at `nowMs` included, it is too old. Runs that began later than that do not count, since their
 * clock was wrong. Where `rememberMs` is less than so many days, the clock of this run alone decides.
 *
 * @throws UserError `STATE_UNREADABLE`.
 */
export function oldestIn(directory: string, nowMs: number, rememberMs: number): number {
  if (rememberMs < DAYS_AGREEING * DAY_MS) return Math.floor((nowMs - rememberMs) / 1000);
  const agreed = agreedOn([...startsIn(directory).filter((start) => start <= nowMs), nowMs]);
  return agreed === undefined ? 0 : Math.floor((agreed - rememberMs) / 1000);
}

/**
 * A time, in Unix ms, that has come by the clocks of earlier runs on several days: a clock that is before it is behind.
 *
 * @returns undefined where there are not so many: then nothing tells.
 * @throws UserError `STATE_UNREADABLE`.
 */
export function reachedIn(directory: string): number | undefined {
  return agreedOn(startsIn(directory));
}

function startsIn(directory: string): number[] {
  return runNames(directory).flatMap(({ startedAtMs }) => startedAtMs ?? []);
}

/** The latest time that is reached on so many days. */
function agreedOn(timesMs: readonly number[]): number | undefined {
  const days = new Set<number>();
  for (const time of timesMs.toSorted((a, b) => b - a)) {
    days.add(Math.floor(time / DAY_MS));
    if (days.size === DAYS_AGREEING) return time;
  }
  return undefined;
}
