import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { InputRecord } from '../../src/input/input-record.js';
import { openInputs } from '../../src/input/open.js';
import { temporaryDirectory } from '../helpers/folder.js';
import { problemsOf } from '../helpers/read.js';

let folder: ReturnType<typeof temporaryDirectory>;
beforeAll(() => {
  folder = temporaryDirectory();
});
afterAll(() => folder.remove());

async function readGroups(text: string, sliceBytes: number): Promise<InputRecord[]> {
  const file = join(folder.path, 'o.csv');
  writeFileSync(file, text);
  const options = {
    columns: new Map(),
    groupBy: { column: 'order', required: true },
  };
  const [input] = await openInputs([file], Readable.from([]), options, sliceBytes);
  const records: InputRecord[] = [];
  if (input !== undefined) for await (const slice of input.slices) records.push(...input.read(slice));
  return records;
}

const cell = fc.constantFrom('', 'x', '"a\nb"', '"q ""q"""', ' ');
/** What may stand before a row. */
const blank = fc.constantFrom('', '', '', '\n', ' \r\n\n');
const order = fc.record({
  rows: fc.array(fc.tuple(cell, cell, blank), { minLength: 1, maxLength: 6 }),
  damage: fc.constantFrom('', '', '', 'ragged\n', '"torn" x,y,z\n', '\n'),
});

it('consecutive rows with one key are one record wherever the file is cut: line, and first values that are not blank', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(order, { maxLength: 25 }),
      fc.integer({ min: 16, max: 400 }),
      async (orders, size) => {
        let text = 'order,a,b\n';
        const expected: { line: number; a: string; b: string }[] = [];
        let line = 2;
        for (const [index, { rows, damage }] of orders.entries()) {
          const first = (column: 0 | 1): string =>
            rows.map((row) => row[column]).find((value) => value.trim() !== '') ?? rows[0]?.[column] ?? '';
          const before = rows[0]?.[2] ?? '';
          expected.push({ line: line + before.split('\n').length - 1, a: first(0), b: first(1) });
          const own = rows.map(([a, b, gap]) => `${gap}o${index},${a},${b}\n`).join('');
          text += own;
          line += own.split('\n').length - 1;
          text += damage;
          line += damage === '' ? 0 : 1;
        }
        const records = await readGroups(text, size);
        const found = records.flatMap((record) =>
          record.source.kind === 'row' ? [{ line: record.line, cells: record.source.cells }] : [],
        );
        const plain = (value: string): string =>
          value.startsWith('"') ? value.slice(1, -1).replaceAll('""', '"') : value;
        expect(found.map(({ line: at }) => at)).toEqual(expected.map(({ line: at }) => at));
        expect(found.map(({ cells }) => cells.slice(1))).toEqual(
          expected.map(({ a, b }) => [plain(a), plain(b)]),
        );
      },
    ),
    { numRuns: 200 },
  );
});

it('of any file, damaged or not, the records are the same wherever it is cut', async () => {
  const rows = [
    '1,x,y\n',
    '1,,\n',
    '2,"q\nr",\n',
    ' 1 ,x,\r\n',
    ',x,y\n',
    'NULL,x,y\n',
    'order,a,b\n',
    '\ufeff"1",x,y\n',
    '1,x,y,z\n',
    'x,2,x,y\n',
    '2,"x"y,\n',
    '1\n',
  ];
  const ugly = ['"', '""', ',', '\n', '\r\n', '\r', ' ', '",', ',"', '"\n', '\n"', '\ufeff', '\u2028'];
  const file = fc.array(fc.constantFrom(...rows, ...rows, ...ugly), { maxLength: 30, size: 'max' });
  await fc.assert(
    fc.asyncProperty(file, fc.integer({ min: 1, max: 60 }), async (parts, size) => {
      const text = `order,a,b\n${parts.join('')}`;
      expect(await readGroups(text, size)).toEqual(await readGroups(text, 1 << 20));
    }),
    { numRuns: 300 },
  );
});

it('rows without a key are records of their own', async () => {
  const records = await readGroups('order,a\n,1\n,2\n7,3\n7,\n', 1000);
  expect(records.map(({ line }) => line)).toEqual([2, 3, 4]);
});

it('rows whose key stands for none are of several orders', async () => {
  const records = await readGroups('order,a\nN/A,1\nN/A,2\n-,3\n-,4\n7,5\n7,\n', 1000);
  expect(records.map(({ line }) => line)).toEqual([2, 3, 4, 5, 6]);
});

it('a row of empty cells ends no group', async () => {
  for (const size of [4, 16, 1_000]) {
    const records = await readGroups('order,a,b\n1,x,\n,,\n1,,y\n , ,\n2,z,\n,,\n,,\n', size);
    expect(records.map(({ source }) => source.kind === 'row' && source.cells)).toEqual([
      ['1', 'x', 'y'],
      ['2', 'z', ''],
    ]);
  }
});

it('a header in the middle, as of files that were joined, is no record, and ends a group', async () => {
  const text = 'order,a\n1,x\n1,y\norder,a\n1,z\n2,\norder,a\n2,w\n';
  for (const size of [8, 16, 24, 1_000]) {
    const records = await readGroups(text, size);
    expect(records.map(({ line }) => line)).toEqual([2, 5, 6, 8]);
  }
});

it('a row of over 8 MB ends a group, and stays alone', async () => {
  const records = await readGroups(`order,a\n1,\n1,x\n1,${'y'.repeat(9 << 20)}\n1,z\n`, 1 << 16);
  expect(problemsOf(records)).toEqual([[4, 'RECORD_TOO_LARGE']]);
  expect(records.map(({ line }) => line)).toEqual([2, 4, 5]);
});

it('a group of over 4 MB is cut, so that it does not fill the memory', async () => {
  const records = await readGroups(`order,a\n${`1,${'y'.repeat(1_000)}\n`.repeat(9_000)}`, 1 << 20);
  expect(records.length).toBe(2);
  expect(records[0]?.line).toBe(2);
});
