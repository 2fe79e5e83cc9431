import type { PaceSeen } from './pace-server.js';

/** One thing that the pacing has to do, and what it did. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

/** The server lets a rate grow only so fast: the first seconds of a run, and those after the limit has changed. */
const RUN_UP_SECONDS = 3;
/** How soon after a halving the new limit has to be found, in seconds. */
const RECOVERY_SECONDS = 10;
/** How many seconds in a row have to reach the share: one alone is off by a request, which is 3 % at 270 a second. */
const IN_A_ROW = 3;
const LEAST_SHARE = 0.98;
const MOST_REFUSED = 0.005;

/**
 * Holds a run against its goals. Refusals count over all of the run, the share of the limit over the seconds that
 * `steady` names: all but the run-up, the time to recover, and the last second, which is not whole.
 *
 * @param rate the limit before it is halved, in batches a second.
 */
export function judge(seen: PaceSeen, rate: number): readonly Goal[] {
  const taken = Array.from(seen.seconds, (count) => count ?? 0);
  const end = taken.length - 1;
  const { halvedAt, refused, requests } = seen;
  const refusedShare = refused.length / requests;
  const steady = (from: number, to: number, limit: number): Goal => {
    const used = share(taken.slice(from, to), limit);
    return {
      goal: `at least ${percent(LEAST_SHARE)} of ${limit} batches a second, seconds ${from} to ${to}`,
      measured: percent(used),
      met: used >= LEAST_SHARE,
    };
  };
  const goals = [
    steady(RUN_UP_SECONDS, halvedAt ?? end, rate),
    {
      goal: `under ${percent(MOST_REFUSED)} of all requests answered 429`,
      measured: `${percent(refusedShare)} (${refused.length} of ${requests})`,
      met: refusedShare < MOST_REFUSED,
    },
  ];
  if (halvedAt === undefined) return goals;
  const recovery = recoverySeconds(taken.slice(halvedAt, end), seen, rate / 2);
  return [
    ...goals,
    {
      goal: `within ${RECOVERY_SECONDS} s of the halving ${percent(LEAST_SHARE)} of the new limit, and no 429 from then on`,
      measured: recovery === undefined ? 'never' : `${recovery} s`,
      met: recovery !== undefined && recovery <= RECOVERY_SECONDS,
    },
    steady(halvedAt + RECOVERY_SECONDS, end, rate / 2),
  ];
}

/** From which second after the halving on {@link IN_A_ROW} seconds use the new limit, and nothing is refused any more. */
function recoverySeconds(after: readonly number[], { refused, halvedAt = 0 }: PaceSeen, limit: number) {
  const lastRefused = Math.max(-1, ...refused.map(({ second }) => second - halvedAt));
  for (let from = lastRefused + 1; from + IN_A_ROW <= after.length; from += 1) {
    if (share(after.slice(from, from + IN_A_ROW), limit) >= LEAST_SHARE) return from;
  }
  return undefined;
}

function share(counts: readonly number[], limit: number): number {
  return counts.reduce((sum, count) => sum + count, 0) / (counts.length * limit);
}

function percent(value: number): string {
  return `${(value * 100).toFixed(2).replace(/\.?0+$/, '')} %`;
}
