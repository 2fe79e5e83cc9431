import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputRecord } from '../../src/input/input-record.js';
import { eventsOf, problemsOf, readAll } from '../helpers/read.js';

const cellsOf = (records: readonly InputRecord[]) =>
  records.map(({ source }) => (source.kind === 'row' ? source.cells : source.kind));

describe('a CSV', () => {
  it.each([',', ';', '\t', '|'])('may have %j between its cells', async (delimiter) => {
    const text = `${['Order Number', 'Email', 'Total'].join(delimiter)}\n${['1', 'a@example.com', '5'].join(delimiter)}`;
    expect(cellsOf(await readAll(text))).toEqual([['1', 'a@example.com', '5']]);
  });

  it.each([',', ';', '\t', '|'])(
    'with %j between its cells may have blank lines before its header, and between its rows',
    async (delimiter) => {
      const rows = [
        ['Order Number', 'Email', 'Note'],
        ['1', 'a@example.com', '"1,2;3|4"'],
      ].map((cells) => cells.join(delimiter));
      for (const blank of ['\n', '\r\n', ' \n', '\n'.repeat(30)]) {
        const records = await readAll(blank + rows.map((row) => `${row}\n${blank}`).join(''));
        expect(cellsOf(records)).toEqual([['1', 'a@example.com', '1,2;3|4']]);
        expect(records[0]?.line).toBe(2 + 2 * (blank.split('\n').length - 1));
      }
    },
  );

  it('may name its delimiter in a line before the header, as Excel has it', async () => {
    const rows = 'Order Number;Email;Note\r\n1;a@example.com;"1,2,3"\r\n2;b@example.com;x\r\n';
    for (const text of [`sep=;\r\n${rows}`, `\ufeffsep=;\n${rows}`]) {
      const records = await readAll(text, { chunkBytes: 7 });
      expect(cellsOf(records)).toEqual([
        ['1', 'a@example.com', '1,2,3'],
        ['2', 'b@example.com', 'x'],
      ]);
      expect(records.map(({ line }) => line)).toEqual([3, 4]);
    }
    const pipe = await readAll('sep=|\na,b|c\n1,2|3\n');
    expect(cellsOf(pipe)).toEqual([['1,2', '3']]);
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

  it('in UTF-16 that was cut off within a character: its last row is not read', async () => {
    const text = Buffer.from('\ufeffId,Email\n1,a@example.com\n2,b@example.com\n', 'utf16le');
    const records = await readAll(text.subarray(0, -1));
    expect(records.length).toBe(2);
    expect(problemsOf(records)).toEqual([[3, 'INPUT_NOT_UTF8']]);
  });

  it.each(['\n', '\r\n', '\r'])(
    'may end its lines with %j, and each record has its line',
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

  it('is told of columns of one name by their numbers, where the first line may be a row: it is somebody’s', async () => {
    const reading = readAll('1001,Ann Smith,Ann Smith,12.50\n1002,Bo,Bo,3\n');
    await expect(reading).rejects.toMatchObject({
      code: 'CSV_DUPLICATE_HEADER',
      message: 'The columns 2 and 3 of the header have the same name.',
      hint: expect.stringContaining('is it a header?'),
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
      table: { columns: ['a', 'b'], delimiter: ',' },
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

  it('loses only the row in which a quote is not closed, also where others have quotes', async () => {
    const row = fc.stringMatching(/^[a-z ]{1,8}$/);
    await fc.assert(
      fc.asyncProperty(
        fc.array(row, { minLength: 1, maxLength: 20 }),
        fc.nat(),
        fc.integer({ min: 1, max: 60 }),
        async (texts, which, chunkBytes) => {
          const damaged = which % texts.length;
          const rows = texts.map((text, n) => `${n},"${text}${n === damaged ? '' : '"'}`);
          const records = await readAll(`a,b\n${rows.join('\n')}\n`, { chunkBytes, format: 'csv' });
          expect(problemsOf(records)).toEqual([[damaged + 2, 'CSV_QUOTE_NOT_CLOSED']]);
          expect(cellsOf(records)).toEqual(texts.map((text, n) => (n === damaged ? 'text' : [`${n}`, text])));
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has the same records and lines however it is cut, damaged or not', async () => {
    const ugly = fc
      .array(
        fc.constantFrom(
          ...['"', '""', ',', '\n', '\r\n', '\r', 'a', ' ', '",', ',"', '"\n', '\n"'],
          ...['\ufeff', '\ufeff"', 'é', '\u2028', 'a,b\n', '"a","b"\n', '1,"x\ny"\r\n', '"1"" ",2\n'],
        ),
        { maxLength: 40 },
      )
      .map((parts) => `a,b\n${parts.join('')}`);
    await fc.assert(
      fc.asyncProperty(ugly, fc.integer({ min: 1, max: 20 }), async (text, chunkBytes) => {
        expect(await readAll(text, { chunkBytes, format: 'csv' })).toEqual(
          await readAll(text, { format: 'csv' }),
        );
      }),
      {
        numRuns: 600,
        examples: [
          ['a,b\na\r\r\na"\n', 1],
          ['a,b\n"\n,\n" "\n', 1],
        ],
      },
    );
  });

  it('may end in a row of several lines, without a line end', async () => {
    expect(cellsOf(await readAll('a,b\n1,"x\ny"'))).toEqual([['1', 'x\ny']]);
  });

  it('may have line ends of another kind in quotes, also in the header', async () => {
    expect(cellsOf(await readAll('a,"b\nc"\r1,"x\ny"\r2,z\r'))).toEqual([
      ['1', 'x\ny'],
      ['2', 'z'],
    ]);
  });

  it('may have other delimiters in the names of its columns', async () => {
    expect(cellsOf(await readAll('"Net, gross, tax, total";Email\n"1,5";a@example.com\n'))).toEqual([
      ['1,5', 'a@example.com'],
    ]);
  });

  it('passes over a row of over 8 MB without holding it', async () => {
    const text = `a,b\n1,x\n2,${'y'.repeat(9 << 20)}\n3,z\n`;
    const records = await readAll(text, { chunkBytes: 1 << 16 });
    expect(problemsOf(records)).toEqual([[3, 'RECORD_TOO_LARGE']]);
    expect(records.map(({ line }) => line)).toEqual([2, 3, 4]);
    expect(records[1]?.source, 'its beginning').toEqual({ kind: 'text', text: `2,${'y'.repeat(65_534)}` });
  });

  it('reads a row of 2 MB in one line', async () => {
    const cell = 'y'.repeat(2 << 20);
    const records = await readAll(`a,b\n1,${cell}\n3,z\n`, { chunkBytes: 1 << 16 });
    expect(cellsOf(records).map(([, second]) => second?.length)).toEqual([cell.length, 1]);
  });

  it('gives up on a quote after 1 MB, and only its line is lost', async () => {
    const text = `a,b\n1,"open\n${`2,${'x'.repeat(60)}\n`.repeat(40_000)}`;
    const records = await readAll(text, { chunkBytes: 1 << 16 });
    expect(problemsOf(records)).toEqual([[2, 'CSV_QUOTE_NOT_CLOSED']]);
    expect(records).toHaveLength(40_001);
  });

  it.each([
    ['is longer than 64 KB', Buffer.from(`a,${'b'.repeat(70_000)}\n1,2\n`), 'CSV_HEADER_TOO_LONG'],
    ['is no UTF-8', Buffer.from('a,Pr\xe9nom\n1,2\n', 'latin1'), 'INPUT_NOT_UTF8'],
  ])('whose header %s is an error, and not read as something else', async (_, bytes, code) => {
    await expect(readAll(bytes)).rejects.toMatchObject({ code, place: { line: 1 } });
  });

  it('loses only the rows with bytes that are no UTF-8', async () => {
    const bytes = Buffer.concat([Buffer.from('a,b\n1,x\n2,'), Buffer.from([0xe9]), Buffer.from('\n3,z\n')]);
    const records = await readAll(bytes);
    expect(problemsOf(records)).toEqual([[3, 'INPUT_NOT_UTF8']]);
    expect(records).toHaveLength(3);
  });

  it('may have rows of empty cells, as spreadsheets leave them below a table and between its parts: they are no records', async () => {
    const text = 'a,b,c\n,,\n1,,\n , ,\r\n"","",""\n2,x,y\n,\n,,,,\n,,NULL\n,,';
    for (const chunkBytes of [1, 5, 1_000]) {
      const records = await readAll(text, { chunkBytes });
      expect(problemsOf(records)).toEqual([]);
      expect(records.map(({ line }) => line)).toEqual([3, 6, 9]);
    }
  });

  it('may have its header again in the middle, as several have it that were joined (zcat *.csv.gz)', async () => {
    const header = '\ufeffOrder Number ,E-mail\n';
    const text = `${header}1,a\n${header}2,b\nOrder Number,c\nOrder Number,E-mail\n3,d\n`;
    for (const chunkBytes of [16, 1_000]) {
      const records = await readAll(text, { chunkBytes });
      expect(records.map(({ line }) => line)).toEqual([2, 4, 5, 7]);
      expect(problemsOf(records)).toEqual([]);
    }
  });

  it('may have its header again in the middle, in quotes behind a byte order mark', async () => {
    const header = '\ufeff"Order Number","E-mail"\r\n';
    const text = `${header}"1","a"\r\n${header}"2","b"\r\n\ufeff"3","c"\r\n\ufeff"4"x,"d"\r\n`;
    for (const chunkBytes of [1, 16, 1_000]) {
      const records = await readAll(text, { chunkBytes });
      expect(problemsOf(records)).toEqual([[6, 'CSV_QUOTE_INVALID']]);
      expect(cellsOf(records)).toEqual([['1', 'a'], ['2', 'b'], ['3', 'c'], 'text']);
      expect(records.map(({ line }) => line)).toEqual([2, 4, 5, 6]);
    }
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
          const full = rows.filter((row) => row.join('').trim() !== '');
          expect(cellsOf(records)).toEqual(full);
          let line = 2;
          for (const row of rows) {
            if (full.includes(row)) expect(records[full.indexOf(row)]?.line).toBe(line);
            line += 1 + row.join('').split('\n').length - 1;
          }
        },
      ),
      { numRuns: 150 },
    );
  });
});
