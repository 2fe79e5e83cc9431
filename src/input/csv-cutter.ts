import { type Cutter, countByte } from './cut.js';
import type { CsvDialect } from './detect.js';

const QUOTE = 0x22;

/**
 * CSV: a record ends with a line end outside quotes. A quote opens only at the start of a cell, and two in a row are
 * one that belongs to the text, as csv-parse has it.
 */
export class CsvCutter implements Cutter {
  readonly #delimiter: number;
  readonly #newline: number;
  #inQuotes = false;
  /** The last byte was a quote inside quotes: the next one tells whether it closed. */
  #afterQuote = false;
  /** The byte before the next one; a line end at the start. */
  #previous: number;

  constructor({ delimiter, newline }: CsvDialect) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = newline.charCodeAt(0);
    this.#previous = this.#newline;
  }

  scan(bytes: Buffer, from: number): number {
    if (from >= bytes.length) return 0;
    let end = 0;
    let at = from;
    if (this.#afterQuote) {
      this.#afterQuote = false;
      if (bytes[at] === QUOTE) at += 1;
      else this.#inQuotes = false;
    }
    while (at < bytes.length) {
      const quote = bytes.indexOf(QUOTE, at);
      if (this.#inQuotes) {
        if (quote === -1) break;
        at = quote + 1;
        if (at === bytes.length) this.#afterQuote = true;
        else if (bytes[at] === QUOTE) at += 1;
        else this.#inQuotes = false;
      } else {
        const until = quote === -1 ? bytes.length : quote;
        // An offset below 0 would count from the end.
        const lineEnd = until > at ? bytes.lastIndexOf(this.#newline, until - 1) : -1;
        if (lineEnd >= at) end = lineEnd + 1;
        if (quote === -1) break;
        const before = quote === from ? this.#previous : bytes[quote - 1];
        this.#inQuotes = before === this.#delimiter || before === this.#newline;
        at = quote + 1;
      }
    }
    this.#previous = bytes[bytes.length - 1] ?? this.#newline;
    return end;
  }

  reset(): void {
    this.#inQuotes = false;
    this.#afterQuote = false;
    this.#previous = this.#newline;
  }
}

/** One record's bytes, its line end included, and how many line ends stand before it. */
export interface CsvPiece {
  readonly bytes: Buffer;
  readonly linesBefore: number;
}

/** The records of `bytes`, one by one; the last one is without its end where a quote is not closed. */
export function csvRecords(bytes: Buffer, dialect: CsvDialect): CsvPiece[] {
  const newline = dialect.newline.charCodeAt(0);
  const cutter = new CsvCutter(dialect);
  const found: CsvPiece[] = [];
  let start = 0;
  let linesBefore = 0;
  const add = (end: number): void => {
    const one = bytes.subarray(start, end);
    found.push({ bytes: one, linesBefore });
    linesBefore += countByte(one, newline);
    start = end;
  };
  for (let at = 0; at < bytes.length; ) {
    const next = bytes.indexOf(newline, at);
    const until = next === -1 ? bytes.length : next + 1;
    if (cutter.scan(bytes.subarray(0, until), at) > 0) add(until);
    at = until;
  }
  if (start < bytes.length) add(bytes.length);
  return found;
}
