import { createRequire } from 'node:module';
import { splitRows } from './csv-rows.js';

const require = createRequire(import.meta.url);

/** What may stand between cells. */
export const DELIMITERS = [',', ';', '\t', '|'] as const;

/** How a table is written. */
export interface CsvDialect {
  readonly delimiter: (typeof DELIMITERS)[number];
  /** What ends a line; `\n` also stands for `\r\n`. */
  readonly newline: '\n' | '\r';
}

/**
 * Parses whole rows as csv-parse does; what is not plainly written, with csv-parse. A blank line is a row of one blank
 * cell, so that lines can be counted.
 *
 * @throws csv-parse's `CsvError` for a quote in the wrong place.
 */
export function parseCsv(text: string, dialect: CsvDialect): string[][] {
  return splitRows(text, dialect) ?? parseUgly(text, dialect);
}

/** As `parse`, or undefined where a quote stands in the wrong place. */
export function tryParse(text: string, dialect: CsvDialect, parse = parseCsv): string[][] | undefined {
  try {
    return parse(text, dialect);
  } catch {
    return undefined;
  }
}

/**
 * As {@link parseCsv}, for the text of one record. Of files that were joined, a byte order mark may stand before its first
 * quote, which then opens a cell.
 */
export function parseRecord(text: string, dialect: CsvDialect): string[][] {
  return parseCsv(text.startsWith('\ufeff"') ? text.slice(1) : text, dialect);
}

/** csv-parse itself: what {@link parseCsv} gives is what this gives. */
export function parseUgly(text: string, { delimiter, newline }: CsvDialect): string[][] {
  // Loaded only here: most files are plainly written, and it takes 15 ms to load.
  const { parse }: typeof import('csv-parse/sync') = require('csv-parse/sync');
  return parse(text, {
    delimiter,
    record_delimiter: newline === '\n' ? ['\r\n', '\n'] : ['\r'],
    relax_column_count: true,
    columns: false,
  });
}
