import type { CsvDialect } from './csv-parser.js';

const QUOTE = '"';

/**
 * Splits text into rows of cells as csv-parse does, but several times as quickly. Takes only what is plainly written:
 * cells without a quote in them, or in quotes as a whole with doubled quotes inside.
 *
 * @returns undefined where something is not plainly written: then csv-parse has the word.
 */
export function splitRows(text: string, { delimiter, newline }: CsvDialect): string[][] | undefined {
  const rows: string[][] = [];
  for (let at = 0; at < text.length; ) {
    const quote = text.indexOf(QUOTE, at);
    at = addPlainRows(text, at, quote === -1 ? text.length : quote, delimiter, newline, rows);
    if (quote === -1) return rows;
    const row: string[] = [];
    at = splitQuotedRow(text, at, delimiter, newline, row);
    if (at === -1) return undefined;
    rows.push(row);
  }
  return rows;
}

/**
 * Adds the rows that end before `until`. In a loop of their own: in one with the search for the next quote, V8 searches
 * again for each row, through all that has none.
 *
 * @returns where the row behind them begins.
 */
function addPlainRows(
  text: string,
  start: number,
  until: number,
  delimiter: string,
  newline: string,
  rows: string[][],
): number {
  let at = start;
  while (at < until) {
    const found = text.indexOf(newline, at);
    const end = found === -1 ? text.length : found;
    if (end > until) break;
    rows.push(text.slice(at, contentEnd(text, end, newline)).split(delimiter));
    at = end + 1;
  }
  return at;
}

/** Fills `row` from the row that begins at `start`. @returns where the next one begins; -1: it is not plainly written. */
function splitQuotedRow(
  text: string,
  start: number,
  delimiter: string,
  newline: string,
  row: string[],
): number {
  for (let at = start; ; ) {
    const quote = text.indexOf(QUOTE, at);
    const lineEnd = text.indexOf(newline, at);
    const end = lineEnd === -1 ? text.length : lineEnd;
    if (quote === -1 || quote > end) {
      for (const cell of text.slice(at, contentEnd(text, end, newline)).split(delimiter)) row.push(cell);
      return Math.min(end + 1, text.length);
    }
    if (quote > at) {
      if (text[quote - 1] !== delimiter) return -1;
      for (const cell of text.slice(at, quote - 1).split(delimiter)) row.push(cell);
    }
    let cell = '';
    let part = quote + 1;
    let close = text.indexOf(QUOTE, part);
    // A doubled quote stands for one.
    for (; close !== -1 && text[close + 1] === QUOTE; close = text.indexOf(QUOTE, part)) {
      cell += text.slice(part, close + 1);
      part = close + 2;
    }
    if (close === -1) return -1;
    row.push(cell + text.slice(part, close));
    let after = close + 1;
    if (newline === '\n' && text[after] === '\r' && text[after + 1] === '\n') after += 1;
    if (after >= text.length) return text.length;
    if (text[after] === newline) return after + 1;
    if (text[after] !== delimiter) return -1;
    at = after + 1;
  }
}

/** A carriage return belongs to the line end only where a line feed follows it. */
function contentEnd(text: string, end: number, newline: string): number {
  return newline === '\n' && end < text.length && text[end - 1] === '\r' ? end - 1 : end;
}
