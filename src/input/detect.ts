import { UserError } from '../errors.js';
import type { InputFormat } from '../interfaces.js';
import { parseCsv } from './csv-parser.js';

/** How a table is written. */
export interface CsvDialect {
  readonly delimiter: ',' | ';' | '\t' | '|';
  /** What ends a line; `\n` also stands for `\r\n`. */
  readonly newline: '\n' | '\r';
}

const DELIMITERS = [',', ';', '\t', '|'] as const;

/**
 * The format of an input: told from its content, then from its name. Only an empty file, or one that begins like none
 * of them, leaves it to the name.
 *
 * @param head the beginning of the file, UTF-8.
 */
export function detectFormat(head: string, file: string): InputFormat {
  const text = head.trimStart();
  if (text.startsWith('[')) return 'json';
  if (text.startsWith('{')) {
    const [line = ''] = text.split('\n', 1);
    return isJson(line) || (line.length === text.length && line.length >= 60_000) ? 'ndjson' : 'json';
  }
  if (text === '' && /\.(?:nd)?jsonl?(?:\.\w+)?$/i.test(file)) return 'ndjson';
  return 'csv';
}

function isJson(line: string): boolean {
  try {
    JSON.parse(line);
    return true;
  } catch {
    return false;
  }
}

/**
 * How the table in `head` is written: the delimiter that its header has most of (outside quotes), and the next lines
 * agree with.
 */
export function detectDialect(head: string): CsvDialect {
  const newline = head.includes('\n') || !head.includes('\r') ? '\n' : '\r';
  const scores = DELIMITERS.map((delimiter) => {
    const [header = [], ...rows] = sample(head, { delimiter, newline });
    const agreeing = rows.filter((row) => row.length === header.length).length;
    return { delimiter, score: header.length < 2 ? 0 : header.length * (1 + agreeing) };
  });
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a));
  return { delimiter: best.delimiter, newline };
}

function sample(head: string, dialect: CsvDialect): readonly (readonly string[])[] {
  const lines = head.split(dialect.newline, 20);
  // The last line may be cut off in the middle.
  const whole = lines.length > 1 ? lines.slice(0, -1) : lines;
  try {
    return parseCsv(`${whole.join(dialect.newline)}${dialect.newline}`, dialect);
  } catch {
    return whole.slice(0, 1).map((line) => line.split(dialect.delimiter));
  }
}

/**
 * The names of a table's columns, trimmed.
 *
 * @throws UserError `CSV_EMPTY_HEADER`, `CSV_DUPLICATE_HEADER`, naming them; `CSV_HEADER_UNREADABLE`.
 */
export function checkHeader(cells: readonly string[], file: string, line: number): readonly string[] {
  const columns = cells.map((cell) => cell.trim());
  const place = { file, line };
  const empty = columns.flatMap((name, index) => (name === '' ? [index + 1] : []));
  if (empty.length > 0) {
    throw new UserError('CSV_EMPTY_HEADER', `The header has no name for column ${empty.join(', ')}.`, {
      hint: 'Name the column, or take it (or a delimiter at the end of the line) out.',
      place,
    });
  }
  const twice = [...new Set(columns.filter((name, index) => columns.indexOf(name) !== index))];
  if (twice.length > 0) {
    const names = twice.map((name) => `"${name}"`).join(', ');
    throw new UserError('CSV_DUPLICATE_HEADER', `The header has ${names} more than once.`, {
      hint: 'Give each column a name of its own.',
      place,
    });
  }
  return columns;
}
