import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/payload/wire.js';
import { run, temporaryDirectory } from '../helpers/program.js';

let folder: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder.remove());

const go = (...args: readonly string[]) => run(args, { cwd: folder.path });
const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);

/** A table with commas. No cell of these has one. */
const table = (...rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.join(',')).join('\n')}\n`;

async function batchesOf(file: string): Promise<Batch[]> {
  const ended = await go('send', file, '--dry-run', '--out', 'out.ndjson', '--json');
  expect(ended.code, ended.stderr).toBe(0);
  const text = readFileSync(join(folder.path, 'out.ndjson'), 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line): Batch => JSON.parse(line));
}

describe('a database writes what is nothing as a word', () => {
  const header = [
    'order_id',
    'created_at',
    'email',
    'last_name',
    'phone',
    'zip',
    'total',
    'customer_id',
    'rtid',
  ];
  const row = (n: number, none: string, lastName = none) =>
    [n, '2026-11-01 10:00:00Z', `a${n}@example.com`, lastName, none, none, '9.50', none, none] as const;

  it.each(['NULL', 'null', '\\N'])(
    '%s is no customer id that all guests share, and no phone',
    async (none) => {
      write('o.csv', table(header, row(1, none), row(2, none)));
      const batches = await batchesOf('o.csv');
      expect(batches.map(({ user_identities }) => user_identities)).toEqual([
        { email: 'a1@example.com' },
        { email: 'a2@example.com' },
      ]);
      expect(batches.map(({ user_attributes }) => user_attributes)).toEqual([{}, {}]);
    },
  );

  it('leaves the name of a person alone who is called Null', async () => {
    write('o.csv', table(header, row(1, 'NULL', 'Null')));
    expect((await batchesOf('o.csv'))[0]?.user_attributes).toEqual({ lastname: 'Null' });
  });

  it('rows without a message id are orders of their own, not one that comes again', async () => {
    const columns = ['message_id', 'order_id', 'timestamp', 'email', 'revenue', 'context_ip'];
    const rows = [1, 2].map((n) => ['\\N', n, '2026-11-01T10:00:00Z', `a${n}@example.com`, 5, '\\N']);
    write('o.csv', table(columns, ...rows));
    expect(await batchesOf('o.csv')).toHaveLength(2);
  });

  it('rows without a value to group by are no group', async () => {
    write('rokt-capi.config.yaml', 'version: 1\nsource: { groupBy: order_id }\n');
    write('o.csv', table(header, row(1, 'NULL').with(0, 'NULL'), row(2, 'NULL').with(0, 'NULL')));
    expect(await batchesOf('o.csv')).toHaveLength(2);
  });
});
