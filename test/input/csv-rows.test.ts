import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCsv, parseUgly } from '../../src/input/csv-parser.js';
import { splitRows } from '../../src/input/csv-rows.js';

const dialect = fc.record({
  delimiter: fc.constantFrom(',' as const, ';' as const, '\t' as const, '|' as const),
  newline: fc.constantFrom('\n' as const, '\r' as const),
});
/** Text made of what matters to a CSV, in any order. */
const ugly = fc
  .array(fc.constantFrom('"', '""', ',', ';', '\t', '|', '\n', '\r', '\r\n', 'a', ' ', 'é', '\0', '€'), {
    maxLength: 40,
  })
  .map((parts) => parts.join(''));

function outcome(parse: () => string[][]): unknown {
  try {
    return parse();
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

describe('the quick way to split rows', () => {
  it('gives what csv-parse gives, or the same error, for any text', () => {
    fc.assert(
      fc.property(ugly, dialect, (text, how) => {
        expect(outcome(() => parseCsv(text, how))).toEqual(outcome(() => parseUgly(text, how)));
      }),
      { numRuns: 20_000 },
    );
  });

  it('takes any table that is written as RFC 4180 says', () => {
    const cell = fc.string({ unit: fc.constantFrom('"', ',', '\n', '\r\n', 'a', ' ', 'ü') });
    const table = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(table, fc.constantFrom('\n', '\r\n'), (rows, lineEnd) => {
        const quote = (text: string): string =>
          /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
        const text = rows.map((row) => row.map(quote).join(',') + lineEnd).join('');
        expect(splitRows(text, { delimiter: ',', newline: '\n' })).toEqual(rows);
      }),
    );
  });
});
