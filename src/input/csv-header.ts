import { isUtf8 } from 'node:buffer';
import { columnKey } from '../config/column-key.js';
import { type ErrorPlace, UserError } from '../errors.js';
import type { InputOptions } from '../interfaces.js';
import { didYouMean } from '../nearest.js';
import { shortened } from '../printable.js';
import { HEAD_BYTES } from './bytes.js';
import { csvRecords } from './csv-cutter.js';
import { type CsvDialect, parseCsv } from './csv-parser.js';
import { countByte } from './cut.js';

/** The header of a table. */
export interface Header {
  readonly columns: readonly string[];
  /** 1-based. */
  readonly line: number;
  /** Its length with its line end, and with blank lines before it. */
  readonly bytes: number;
  /** 1-based line after it. */
  readonly nextLine: number;
}

/**
 * Reads the header of a table; of an empty one, no columns.
 *
 * @param head the beginning of the file from the header on, blank lines before it included.
 * @param firstLine 1-based; on which `head` begins.
 * @param goesOn whether `head` is not all of the file.
 * @throws UserError `CSV_HEADER_TOO_LONG`, `CSV_HEADER_UNREADABLE`, `CSV_EMPTY_HEADER`, `CSV_DUPLICATE_HEADER`,
 *   `INPUT_NOT_UTF8`.
 */
export function readHeader(
  head: Buffer,
  dialect: CsvDialect,
  firstLine: number,
  file: string,
  goesOn: boolean,
): Header {
  for (const { bytes, linesBefore } of csvRecords(head, dialect)) {
    const line = firstLine + linesBefore;
    const end = bytes.byteOffset - head.byteOffset + bytes.length;
    checkHeaderBytes(bytes, goesOn && end === head.length, { file, line });
    const cells = parseHeader(bytes, dialect, file, line);
    if (cells.every((cell) => cell.trim() === '') && cells.length === 1) continue;
    return {
      columns: checkHeader(cells, file, line),
      line,
      bytes: end,
      nextLine: line + countByte(bytes, dialect.newline.charCodeAt(0)),
    };
  }
  return { columns: [], line: firstLine, bytes: head.length, nextLine: firstLine };
}

/** What a row is where a table was joined of several (`cat a.csv b.csv`): the header once more, or another one. */
export type HeaderAgain = 'same' | 'other';

/**
 * Makes what tells whether a row is a header; undefined: it is a row as any. Of another table, with other columns or in
 * another order, it has the names of most of these.
 */
export function createHeaderTest(
  columns: readonly string[],
): (cells: readonly string[]) => HeaderAgain | undefined {
  const names = new Set(columns);
  return (cells) => {
    // Hardly a row begins with the name of a column.
    if (!names.has(cells[0]?.trim() ?? '')) return undefined;
    const found = cells.map((cell) => cell.trim());
    if (found.every((name, index) => name === columns[index])) return 'same';
    return found.filter((name) => names.has(name)).length * 2 > columns.length ? 'other' : undefined;
  };
}

/** What ends the reading of a table at another header: what follows cannot be read by the first one. */
export function headerChanged(place: ErrorPlace): UserError {
  return new UserError(
    'CSV_HEADER_CHANGED',
    'Here begins another table, with other columns or in another order.',
    {
      hint: 'Do not join the tables: name the files one after the other, as in send a.csv b.csv.',
      place,
    },
  );
}

function checkHeaderBytes(bytes: Buffer, cutOff: boolean, place: ErrorPlace): void {
  if (cutOff) {
    throw new UserError('CSV_HEADER_TOO_LONG', `The header has ${HEAD_BYTES >> 10} KB or more.`, {
      hint: 'Look for a quote in it that is not closed, or name the format with --format if this is not a CSV.',
      place,
    });
  }
  if (!isUtf8(bytes)) {
    throw new UserError('INPUT_NOT_UTF8', 'The header has bytes that are not UTF-8.', {
      hint: 'Export the file as UTF-8 (in Excel: CSV UTF-8). An image, a PDF or a workbook (.xlsx) cannot be read.',
      place,
    });
  }
}

function parseHeader(bytes: Buffer, dialect: CsvDialect, file: string, line: number): readonly string[] {
  try {
    return parseCsv(bytes.toString('utf8'), dialect)[0] ?? [''];
  } catch (cause) {
    throw new UserError('CSV_HEADER_UNREADABLE', 'The header has a quote in the wrong place.', {
      hint: 'Fix the header line, or name the format with --format if this is not a CSV.',
      place: { file, line },
      cause,
    });
  }
}

/** The names of a table's columns, trimmed: each has to have one of its own. */
function checkHeader(cells: readonly string[], file: string, line: number): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  const place = { file, line };
  const empty = columns.flatMap((name, index) => (name === '' ? [index + 1] : []));
  if (empty.length > 0) {
    throw new UserError('CSV_EMPTY_HEADER', `The header has no name for column ${empty.join(', ')}.`, {
      hint: 'Name the column, or remove it (or the delimiter at the end of the line).',
      place,
    });
  }
  const address = columns.findIndex(isAddress);
  if (address >= 0) {
    // Nothing of it is printed: it is somebody's.
    const what = `The first line is not a header: column ${address + 1} has an e-mail address instead of a name.`;
    throw new UserError('CSV_HEADER_UNREADABLE', what, {
      hint: 'Export the file with the column names on its first line.',
      place,
    });
  }
  checkDistinct(columns, place);
  return columns;
}

function checkDistinct(columns: readonly string[], place: ErrorPlace): void {
  const first = new Map<string, number>();
  for (const [index, name] of columns.entries()) if (!first.has(name)) first.set(name, index);
  const again = columns.findIndex((name, index) => first.get(name) !== index);
  const name = columns[again];
  if (name === undefined) return;
  if (mayBeRow(columns)) {
    const numbers = `${(first.get(name) ?? 0) + 1} and ${again + 1}`;
    throw new UserError('CSV_DUPLICATE_HEADER', `The columns ${numbers} of the header have the same name.`, {
      hint: 'The first line has numbers or times in it: is it a header? If it is, give each column its own name.',
      place,
    });
  }
  const twice = new Set(columns.filter((one, index) => first.get(one) !== index));
  const names = [...twice].map((one) => `"${shortened(one)}"`).join(', ');
  throw new UserError('CSV_DUPLICATE_HEADER', `The header has ${names} more than once.`, {
    hint: 'Give each column its own name.',
    place,
  });
}

/**
 * Whether what stands for a header may be somebody's row, of which nothing is told: a cell begins as a number, a time or a
 * phone number does, and hardly any name.
 */
export function mayBeRow(columns: readonly string[]): boolean {
  return columns.some((cell) => /^[+-]?\(?\d/.test(cell));
}

/** Whether it is an e-mail address, of which none has more than 254 characters. */
function isAddress(name: string): boolean {
  return name.length <= 254 && /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(name);
}

/**
 * The index of the column that says which rows are one record; undefined where each row is one.
 *
 * @throws UserError `GROUP_COLUMN_MISSING`.
 */
export function groupColumn(
  { columns, line }: Header,
  groupBy: InputOptions['groupBy'],
  file: string,
): number | undefined {
  if (groupBy === undefined) return undefined;
  const index = indexOfColumn(columns, groupBy.column);
  if (index >= 0) return index;
  if (!groupBy.required || columns.length === 0) return undefined;
  throw new UserError(
    'GROUP_COLUMN_MISSING',
    `There is no column "${groupBy.column}" to group the rows by.`,
    {
      hint: didYouMean(
        groupBy.column,
        mayBeRow(columns) ? [] : columns,
        'In source.groupBy, write the name as it is in the header.',
      ),
      place: { file, line },
    },
  );
}

/** The index of a column that a setting names, or -1. */
export function indexOfColumn(columns: readonly string[], name: string): number {
  const key = columnKey(name);
  return columns.findIndex((column) => columnKey(column) === key);
}
