import type { CaseName } from './cases.js';
import type { Measured } from './process.js';

/** How one case did. */
export interface Result extends Measured {
  readonly name: CaseName;
  /** Records that it went through; 0 for what has none. */
  readonly rows: number;
}

/** What is asked of a run, and whether it is so. */
export interface Goal {
  readonly goal: string;
  readonly measured: string;
  readonly met: boolean;
}

const MOST_MEGABYTES = 250;
/** Of `sync-audience` nothing is asked. */
const FLAT: readonly CaseName[] = [
  'send --dry-run, CSV, no hashes',
  'send --dry-run, CSV, five hashes',
  'send --dry-run, NDJSON, five hashes',
  'send, unthrottled, --no-state',
  'send, unthrottled, state on',
  'send again: all duplicate',
];

/** The goals that these results can say something of. Ratios alone: seconds differ from machine to machine. */
export function goalsOf(results: readonly Result[]): readonly Goal[] {
  const found = new Map(results.map((result) => [result.name, result]));
  const goals: Goal[] = [];
  const compare = (names: readonly [CaseName, CaseName], tell: (a: Result, b: Result) => Goal): void => {
    const [a, b] = [found.get(names[0]), found.get(names[1])];
    if (a !== undefined && b !== undefined) goals.push(tell(a, b));
  };
  compare(['bare csv-parse, arrays', 'send --dry-run, CSV, five hashes'], (bare, dry) =>
    ratio(
      'dry run of CSV: as many rows a second as bare csv-parse into arrays',
      bare.seconds / dry.seconds,
      1,
    ),
  );
  compare(['bare JSON.parse by line', 'send --dry-run, NDJSON, five hashes'], (bare, dry) =>
    ratio('dry run of NDJSON: 60 % of bare JSON.parse, per core used', bare.seconds / dry.cpuSeconds, 0.6),
  );
  compare(['send --dry-run, CSV, five hashes', 'send, unthrottled, state on'], (dry, send) =>
    ratio('send with its state: 50 % of the rate of the dry run', dry.seconds / send.seconds, 0.5),
  );
  compare(
    ['send --dry-run, CSV, five hashes', 'send --dry-run, CSV, five hashes, five times the rows'],
    (once, fiveTimes) => {
      const grown = fiveTimes.megabytes / once.megabytes;
      return {
        goal: 'memory at five times the rows: not over 110 %',
        measured: percent(grown),
        met: grown <= 1.1,
      };
    },
  );
  const largest = Math.max(0, ...FLAT.map((name) => found.get(name)?.megabytes ?? 0));
  goals.push({
    goal: `peak memory of every send: under ${MOST_MEGABYTES} MB`,
    measured: `${Math.round(largest)} MB`,
    met: largest < MOST_MEGABYTES,
  });
  const small = found.get('send --dry-run, 500 rows');
  if (small !== undefined) {
    const ms = Math.round(small.seconds * 1000);
    goals.push({ goal: '500 rows: under 400 ms', measured: `${ms} ms`, met: ms < 400 });
  }
  compare(['node -e 0', '--help'], (node, help) => {
    const times = help.seconds / node.seconds;
    return { goal: '--help: under 2.5 times node -e 0', measured: times.toFixed(2), met: times < 2.5 };
  });
  return goals;
}

function ratio(goal: string, share: number, least: number): Goal {
  return { goal, measured: percent(share), met: share >= least };
}

function percent(share: number): string {
  return `${Math.round(share * 100)} %`;
}
