import { expect, it } from 'vitest';
import { nextSteps } from '../../src/cli/next-steps.js';
import { EXIT } from '../../src/errors.js';
import type { RunResult } from '../../src/report/result.js';

/** A run that read one order and delivered it. */
const DONE: RunResult = {
  runId: '20261123T021500Z-k3x9',
  read: 1,
  accepted: 1,
  duplicate: 0,
  skipped: 0,
  rejected: 0,
  pending: 0,
  requests: 1,
  batches: 1,
  events: 1,
  retries: 0,
  throttled: 0,
  durationMs: 1,
  dryRun: false,
  exitCode: EXIT.ok,
  rejections: [],
  warnings: [],
};
const NONE_SENT = { accepted: 0, batches: 0 } as const;
const REJECTED = { ...NONE_SENT, rejected: 1, rejects: 'r.ndjson', exitCode: EXIT.rejected } as const;
const next = (command: string, result: Partial<RunResult> = {}) =>
  nextSteps(command.split(' '), { ...DONE, dryRun: command.includes('--dry-run'), ...result });

it.each([
  "--config=c.yaml '--event=Order Paid' --state=s --endpoint=https://example.com/v2",
  "--config c.yaml --event 'Order Paid' --state s --endpoint https://example.com/v2",
])('fixed rows are sent with the config, the event, the state and the endpoint of the run: %s', (options) => {
  const words = options.split(/ (?!Paid)/).map((word) => word.replaceAll("'", ''));
  const argv = ['send', 'o.csv', '--dry-run', ...words, '--rejects=r.ndjson'];
  expect(nextSteps(argv, { ...DONE, ...REJECTED, dryRun: true })).toEqual([
    `(fix the rows in that file, then)  rokt-capi send --dry-run ${options} r.ndjson`,
  ]);
});

it.each(['--strict', '--resend', '--no-state'])(
  'fixed rows are sent as strictly as the file was, again where it was, and with no state where it had none: %s',
  (option) => {
    expect(next(`send o.csv ${option}`, { ...REJECTED, read: 2 })).toEqual([
      `(fix the rows in that file, then)  rokt-capi send ${option} r.ndjson`,
    ]);
  },
);

it.each(['--out b.ndjson ', '--out=b.ndjson ', ''])(
  'after a dry run the real thing comes, without --out, which goes with that alone: %s',
  (out) => {
    expect(next(`send --dry-run ${out}o.csv --rate 5`)).toEqual(['rokt-capi send o.csv --rate 5']);
  },
);

it.each(['send o.csv --dry-run', 'send o.csv --sandbox'])('nothing comes after no record: %s', (command) => {
  expect(next(command, { ...NONE_SENT, read: 0 })).toEqual([]);
});

it('where the run was stopped by rejects, the rows that were not read are in no rejects file', () => {
  const stopped = { ...REJECTED, stopped: 'too many', read: 1_000, rejected: 60, exitCode: EXIT.pending };
  expect(next('send o.csv --max-rejects 5%', stopped)).toEqual([
    '(fix what is wrong, then)  rokt-capi send o.csv --max-rejects 5%',
  ]);
});

it('where an error ended the run, the same command would end with it again', () => {
  const errors = [{ code: 'CSV_HEADER_CHANGED' as const, message: 'Here begins another table.' }];
  const stopped = { ...NONE_SENT, read: 40, stopped: 'Here begins another table.', exitCode: EXIT.pending };
  expect(next('send joined.csv', { ...stopped, errors })).toEqual([
    '(do what the error says, then)  rokt-capi send joined.csv',
  ]);
  expect(next('send joined.csv', stopped)).toEqual(['rokt-capi send joined.csv']);
});

it('where every row was rejected a column is called otherwise, and no row is wrong', () => {
  expect(next('send o.csv', { ...REJECTED, read: 3, rejected: 3 })).toEqual([
    '(fix the header or the mapping, or else the rows, then)  rokt-capi send o.csv',
  ]);
});

it.each(['IN_FLIGHT_CHANGED', 'IN_FLIGHT_INCOMPLETE'])(
  'in a record that has to come as an earlier run sent it there is nothing to fix: %s',
  (code) => {
    const tally = { message: 'why', count: 1, places: [{ file: 'o.csv', line: 2 }] };
    const rejections = [
      { ...tally, code: 'AMOUNT_UNREADABLE' },
      { ...tally, code },
    ];
    expect(next('send o.csv', { ...REJECTED, rejected: 2, read: 2, rejections })).toEqual([
      '(put files and config back as they were in that earlier run, or see --resend, then)  rokt-capi send o.csv',
    ]);
  },
);

it('a snapshot is fixed itself: a rejects file as one would let everyone else leave', () => {
  expect(next('sync-audience vip.csv', REJECTED)).toEqual([
    '(fix the records in the input, then)  rokt-capi sync-audience vip.csv',
  ]);
});
