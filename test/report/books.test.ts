import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DrySender } from '../../src/delivery/dry-sender.js';
import type { PreparedSlice } from '../../src/delivery/prepared-slice.js';
import { DeliveryRun } from '../../src/delivery/run.js';
import type { PreparedRecord } from '../../src/payload/prepare.js';
import { Books } from '../../src/report/books.js';
import { createThrowawayIndex } from '../../src/state/delivered-index.js';
import { ThrowawayLog } from '../../src/state/delivery-log.js';
import { conversion, packRecords } from '../helpers/units.js';

const nobody = { line: 0, source: { kind: 'text', text: '' }, warnings: [] } as const;
const common = { source: { kind: 'object', value: {} }, warnings: [] } as const;
const record = fc.oneof(
  fc.constant<PreparedRecord>({ ...common, line: 1, outcome: { kind: 'skipped' } }),
  fc.constant<PreparedRecord>({
    ...common,
    line: 1,
    outcome: { kind: 'rejected', problem: { code: 'IP_UNUSABLE', message: 'x' } },
  }),
  fc.integer({ min: 0, max: 20 }).map(
    (n): PreparedRecord => ({
      ...common,
      line: 1,
      messageId: `m${n}`,
      outcome: { kind: 'ready', messageId: `m${n}`, deliveries: [conversion(`m${n}`)] },
    }),
  ),
);

it('the books balance: every record read ends in exactly one state, and each id is accepted once', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.array(record, { maxLength: 30 }), { maxLength: 6 }), async (slices) => {
      const books = new Books();
      const run = new DeliveryRun({
        log: new ThrowawayLog(['test'], createThrowawayIndex()),
        resend: false,
        resendChanged: false,
        rejectLimit: undefined,
        onRecord: (settled) => books.settle(settled),
      });
      const sender = new DrySender(run, async () => {});
      async function* prepared(): AsyncGenerator<PreparedSlice> {
        for (const records of slices) {
          books.read += records.length;
          yield { file: 'f', packed: packRecords(records), recordAt: (index) => records[index] ?? nobody };
        }
      }
      await run.run(prepared(), sender);
      books.balance();
      const ids = slices.flat().flatMap(({ messageId }) => (messageId === undefined ? [] : [messageId]));
      expect(books.states.accepted).toBe(new Set(ids).size);
      expect(books.states.duplicate).toBe(ids.length - new Set(ids).size);
      expect(books.states.pending).toBe(0);
    }),
  );
});

it('books that do not balance are a bug, and say so', () => {
  const books = new Books();
  books.read = 1;
  expect(() => books.balance()).toThrow('do not balance');
});

it('one reason on 10,000 records is one line with a count and the first three places', () => {
  const books = new Books();
  for (let line = 2; line < 10_002; line += 1) {
    const prepared: PreparedRecord = { ...common, line, outcome: { kind: 'skipped' } };
    books.settle({
      file: 'f',
      record: prepared,
      state: 'rejected',
      problem: { code: 'IP_UNUSABLE', message: 'x', field: 'a' },
    });
  }
  expect(books.rejections()).toEqual([
    {
      code: 'IP_UNUSABLE',
      message: 'x',
      field: 'a',
      count: 10_000,
      places: [2, 3, 4].map((line) => ({ file: 'f', line })),
    },
  ]);
});

it('reasons that the data names are reported one by one up to a hundred, and counted by their codes from there on', () => {
  const books = new Books();
  const settle = (line: number, code: 'ATTRIBUTE_NOT_SCALAR' | 'IP_UNUSABLE', field: string): void =>
    books.settle({
      file: 'f',
      record: {
        line,
        source: { kind: 'text', text: '' },
        warnings: [{ code, message: 'It is left out.', field }],
      },
      state: 'accepted',
    });
  for (let n = 0; n < 1_000; n += 1) settle(n, 'ATTRIBUTE_NOT_SCALAR', `eventProperties.k${n}`);
  settle(1_000, 'IP_UNUSABLE', 'ip');
  settle(1_001, 'ATTRIBUTE_NOT_SCALAR', 'eventProperties.k7');
  const [first, second, ...others] = books.warnings();
  expect(first).toEqual({
    code: 'ATTRIBUTE_NOT_SCALAR',
    message: 'An attribute, or an entry of a list, is an object, which the API does not take.',
    count: 900,
    places: [100, 101, 102].map((line) => ({ file: 'f', line })),
  });
  expect(second).toMatchObject({ field: 'eventProperties.k7', count: 2 });
  expect(others).toHaveLength(100);
  expect(others.find(({ code }) => code === 'IP_UNUSABLE')).toMatchObject({ count: 1 });
});
