import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputRecord } from '../../src/interfaces.js';
import { eventsOf, problemsOf, readAll } from '../helpers/read.js';

const cellsOf = (records: readonly InputRecord[]) =>
  records.map(({ source }) => (source.kind === 'row' ? source.cells : source.kind));

describe('a CSV', () => {
  it.each([',', ';', '\t', '|'])('may have %j between its cells', async (delimiter) => {
    const text = `${['Order Number', 'Email', 'Total'].join(delimiter)}\n${['1', 'a@example.com', '5'].join(delimiter)}`;
    expect(cellsOf(await readAll(text))).toEqual([['1', 'a@example.com', '5']]);
  });

  it.each([
    ['UTF-8 with a byte order mark', Buffer.from('\ufeffOrder Number,Email\n1,é@example.com\n')],
    ['UTF-16 little-endian', Buffer.from('\ufeffOrder Number,Email\n1,é@example.com\n', 'utf16le')],
    ['UTF-16 big-endian', Buffer.from('\ufeffOrder Number,Email\n1,é@example.com\n', 'utf16le').swap16()],
    ['UTF-16 without a byte order mark', Buffer.from('Order Number,Email\n1,é@example.com\n', 'utf16le')],
  ])('may be in %s', async (_, bytes) => {
    for (const chunkBytes of [1, 3, 1000]) {
      const [event] = eventsOf(await readAll(bytes, { chunkBytes }));
      expect(event).toMatchObject({ properties: { order_id: '1', email: 'é@example.com' } });
    }
  });

  it.each(['\n', '\r\n', '\r'])(
    'may end its lines with %j, and tells each record its line',
    async (newline) => {
      const text = ['Order Number,Note', '1,a', '', `2,"two${newline}lines"`, '3,c'].join(newline);
      const records = await readAll(text);
      expect(records.map(({ line }) => line)).toEqual([2, 4, 6]);
      expect(cellsOf(records)).toEqual([
        ['1', 'a'],
        ['2', `two${newline}lines`],
        ['3', 'c'],
      ]);
    },
  );

  it.each([
    ['Order Number,Email,Order Number\n1,a,2\n', 'CSV_DUPLICATE_HEADER', 'Order Number'],
    ['Order Number,,Email\n1,a,2\n', 'CSV_EMPTY_HEADER', 'column 2'],
  ])('with the header of %j is an error that names the column', async (text, code, name) => {
    await expect(readAll(text)).rejects.toMatchObject({
      code,
      place: { line: 1 },
      message: expect.stringContaining(name),
    });
  });

  it('loses only the row that is ragged, or has a quote in the wrong place', async () => {
    const text = 'a,b\n1,2\n3\n4,5,6\n7,"8"x\n9,10\n1"1,12\n13,14\n';
    const records = await readAll(text);
    expect(problemsOf(records)).toEqual([
      [3, 'CSV_RAGGED_ROW'],
      [4, 'CSV_RAGGED_ROW'],
      [5, 'CSV_QUOTE_INVALID'],
      [7, 'CSV_QUOTE_INVALID'],
    ]);
    expect(records.find(({ line }) => line === 4)?.source).toEqual({
      kind: 'text',
      text: '4,5,6',
      columns: ['a', 'b'],
      delimiter: ',',
    });
    expect(records.filter(({ content }) => content.kind === 'event').map(({ line }) => line)).toEqual([
      2, 6, 8,
    ]);
  });

  it('loses only the line in which a quote is opened and never closed', async () => {
    const rows = Array.from({ length: 50 }, (_, n) => `${n},x\n`).join('');
    const records = await readAll(`a,b\n0,"open\n${rows}`);
    expect(problemsOf(records)).toEqual([[2, 'CSV_QUOTE_NOT_CLOSED']]);
    expect(records).toHaveLength(51);
  });

  it('loses only the rows with bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,x\n2,'), Buffer.from([0xe9]), Buffer.from('\n3,z\n')]);
    const records = await readAll(bytes);
    expect(problemsOf(records)).toEqual([[3, 'INPUT_NOT_UTF8']]);
    expect(records).toHaveLength(3);
  });

  it('of nothing, or of a header alone, has no records', async () => {
    expect(await readAll('')).toEqual([]);
    expect(await readAll('a,b\n')).toEqual([]);
  });

  it('may have a column called __proto__ or constructor', async () => {
    const [event] = eventsOf(await readAll('__proto__,constructor,email\nx,y,a@example.com\n'));
    expect(event?.properties).toMatchObject({ constructor: 'y', email: 'a@example.com' });
    expect(Object.prototype).not.toHaveProperty('x');
    await expect(readAll('properties.__proto__.x\n1\n')).rejects.toMatchObject({ code: 'PLACE_INVALID' });
  });

  it('gives the same cells and lines however it is cut into chunks', async () => {
    const cell = fc.stringMatching(/^[a-z",;\n\r é']{0,8}$/);
    const quote = (text: string) => `"${text.replaceAll('"', '""')}"`;
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(cell, cell, cell), { minLength: 1, maxLength: 12 }),
        fc.constantFrom('\n', '\r\n'),
        fc.integer({ min: 1, max: 40 }),
        async (rows, newline, chunkBytes) => {
          const text = `a,b,c${newline}${rows.map((row) => row.map(quote).join(',')).join(newline)}${newline}`;
          const records = await readAll(text, { chunkBytes, format: 'csv' });
          expect(cellsOf(records)).toEqual(rows);
          let line = 2;
          for (const [index, row] of rows.entries()) {
            expect(records[index]?.line).toBe(line);
            line += 1 + row.join('').split('\n').length - 1;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
