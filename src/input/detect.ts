import type { InputFormat } from '../interfaces.js';
import { csvRecords } from './csv-cutter.js';
import { type CsvDialect, DELIMITERS, tryParse } from './csv-parser.js';
import { isBlank } from './values.js';

/** As many rows are looked at to find the delimiter. */
const SAMPLE_ROWS = 20;

/**
 * The format of an input: recognised by its content, then by its name. Any line that is an object makes it NDJSON, whose
 * first line may be damaged: no row of a table is one, since quotes in a cell are doubled. Only an empty file leaves it
 * to the name.
 *
 * @param head the beginning of the file, UTF-8.
 */
export function detectFormat(head: string, file: string): InputFormat {
  const text = head.trimStart();
  const [first = '', ...others] = text.split('\n');
  // In a list too, a line may be an object; but the list does not end before that.
  if (first.startsWith('[')) return isObject(others[0] ?? '') && isJson(first) ? 'ndjson' : 'json';
  if (isObject(first) || others.some(isObject)) return 'ndjson';
  // The first line may be longer than the head.
  if (first.startsWith('{')) return others.length === 0 && text.length >= 60_000 ? 'ndjson' : 'json';
  return text === '' && /\.(?:nd)?jsonl?(?:\.\w+)?$/i.test(file) ? 'ndjson' : 'csv';
}

/**
 * Whether the beginning of an input that pauses shows what the input is without the rest of its head: an event of NDJSON
 * in the first line, or a table's header and two rows. Lists and other encodings are not cut by a pause.
 *
 * @param head as it came, maybe compressed.
 */
export function isTelling(head: Buffer): boolean {
  if (head.includes(0)) return false;
  const [first = '', ...others] = head.toString('utf8').trimStart().split('\n');
  if (others.length === 0) return false;
  return isObject(first) || (others.length > 2 && !/^[[{]/.test(first));
}

/** Whether a line is an object, and not an empty one: that could be a cell. */
function isObject(line: string): boolean {
  return line.startsWith('{') && line.includes('"') && isJson(line);
}

/** Whether a text is JSON. */
export function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

/** The line before the header by which Excel names the delimiter (`sep=;`), and its length with its line end, in bytes. */
export function separatorLine(
  head: Buffer,
): { readonly delimiter: CsvDialect['delimiter']; readonly bytes: number } | undefined {
  const [line, named] = /^sep=(.)(?:\r?\n|\r)/i.exec(head.toString('latin1', 0, 8)) ?? [];
  const delimiter = DELIMITERS.find((known) => known === named);
  return line === undefined || delimiter === undefined ? undefined : { delimiter, bytes: line.length };
}

/**
 * How the table in `head` is written: the delimiter that its header has most of (outside quotes), and the next rows
 * agree with.
 *
 * @param head the beginning of the file from the header on, UTF-8 without a byte order mark.
 * @param named the delimiter, where the file names it.
 */
export function detectDialect(head: Buffer, named?: CsvDialect['delimiter']): CsvDialect {
  const newline = detectNewline(head.toString('latin1'));
  if (named !== undefined) return { delimiter: named, newline };
  const scores = DELIMITERS.map((delimiter) => {
    const rows = head.includes(delimiter) ? sample(head, { delimiter, newline }) : [];
    let score = 0;
    let columns: number | undefined;
    for (const { length } of rows) {
      columns ??= length;
      // The other rows need not be read: where the delimiter is the wrong one, that takes long.
      if (columns < 2) break;
      if (length === columns) score += columns;
    }
    return { delimiter, score };
  });
  const best = scores.reduce((a, b) => (b.score > a.score ? b : a));
  return { delimiter: best.delimiter, newline };
}

/** By what ends the header; line ends in quotes do not count. */
function detectNewline(head: string): CsvDialect['newline'] {
  const [, end = '\n'] = /^(?:[^"\r\n]|"[^"]*")*(\r*\n|\r)/.exec(head.trimStart()) ?? [];
  return end.endsWith('\n') ? '\n' : '\r';
}

/** The first rows, blank ones left out: they show nothing. */
function* sample(head: Buffer, dialect: CsvDialect): Generator<readonly string[]> {
  const pieces = csvRecords(head, dialect)
    .filter(({ bytes }) => !isBlank(bytes.toString('latin1')))
    .slice(0, SAMPLE_ROWS + 1);
  // The last one may be cut off in the middle.
  const whole = pieces.length > 1 ? pieces.slice(0, -1) : pieces;
  for (const { bytes } of whole) yield* tryParse(bytes.toString('utf8'), dialect) ?? [];
}
