import type { CsvDialect } from './csv-parser.js';
import { type Cutter, countByte, type RecordBytes } from './cut.js';

const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

/**
 * Where in a record the next byte stands: outside quotes; inside them; after a quote that may have closed them; after
 * that and a carriage return; or in a line with a misplaced quote, which ends at its line end whatever it holds.
 */
type State = 'outside' | 'quoted' | 'closing' | 'closing-cr' | 'broken';

/**
 * CSV: a record ends with a line end outside quotes. A quote opens only at the start of a cell, and two in a row are
 * one that belongs to the text, as csv-parse has it.
 *
 * A closing quote that something else follows than a delimiter or a line end was meant to open a cell: some quote
 * before it was not closed. Then the record's first line stands alone, and the next one begins a record, so that one
 * bad line does not take the good ones after it along.
 */
export class CsvCutter implements Cutter {
  readonly #delimiter: number;
  readonly #newline: number;
  readonly #onEnd: ((end: number) => void) | undefined;
  #state: State = 'outside';

  /** @param onEnd called with the end of each record, as an offset into the bytes being scanned. */
  constructor({ delimiter, newline }: CsvDialect, onEnd?: (end: number) => void) {
    this.#delimiter = delimiter.charCodeAt(0);
    this.#newline = newline.charCodeAt(0);
    this.#onEnd = onEnd;
  }

  get unfinished(): boolean {
    return this.#state === 'quoted';
  }

  scan(bytes: Buffer, from: number, start: number): number {
    let end = start;
    let at = from;
    while (at < bytes.length) {
      switch (this.#state) {
        case 'outside': {
          const quote = bytes.indexOf(QUOTE, at);
          const until = quote === -1 ? bytes.length : quote;
          end = this.#lastEnd(bytes, at, until) ?? end;
          at = until + 1;
          if (quote !== -1 && this.#opens(bytes, quote)) this.#state = 'quoted';
          break;
        }
        case 'quoted': {
          const quote = bytes.indexOf(QUOTE, at);
          at = quote === -1 ? bytes.length : quote + 1;
          if (quote !== -1) this.#state = 'closing';
          break;
        }
        case 'broken': {
          const lineEnd = bytes.indexOf(this.#newline, at);
          at = lineEnd === -1 ? bytes.length : lineEnd;
          if (lineEnd !== -1) this.#state = 'outside';
          break;
        }
        default: {
          const byte = bytes[at];
          const closing = this.#state === 'closing';
          if (closing && byte === QUOTE) {
            this.#state = 'quoted';
            at += 1;
          } else if (closing && byte === CR && this.#newline === LF) {
            this.#state = 'closing-cr';
            at += 1;
          } else if (byte === this.#newline || (closing && byte === this.#delimiter)) {
            this.#state = 'outside';
          } else {
            const lineEnd = bytes.indexOf(this.#newline, end);
            const several = lineEnd !== -1 && lineEnd < at;
            this.#state = several ? 'outside' : 'broken';
            if (several) {
              at = lineEnd + 1;
              end = at;
              this.#onEnd?.(end);
            }
          }
        }
      }
    }
    return end > start ? end : 0;
  }

  /** To the end of the line: one of several lines was cut before it was so long. */
  skip(bytes: Buffer): number | undefined {
    const lineEnd = bytes.indexOf(this.#newline);
    return lineEnd === -1 ? undefined : lineEnd + 1;
  }

  reset(): void {
    this.#state = 'outside';
  }

  #opens(bytes: Buffer, quote: number): boolean {
    const before = quote === 0 ? this.#newline : bytes[quote - 1];
    return before === this.#delimiter || before === this.#newline;
  }

  #lastEnd(bytes: Buffer, at: number, until: number): number | undefined {
    if (at >= until) return undefined;
    if (this.#onEnd === undefined) {
      const lineEnd = bytes.lastIndexOf(this.#newline, until - 1);
      return lineEnd < at ? undefined : lineEnd + 1;
    }
    let end: number | undefined;
    for (;;) {
      const lineEnd = bytes.indexOf(this.#newline, end ?? at);
      if (lineEnd === -1 || lineEnd >= until) return end;
      end = lineEnd + 1;
      this.#onEnd(end);
    }
  }
}

/**
 * The records of `bytes`, one by one, with their line ends; the last one may be without its end. Where that one has
 * several lines, a quote in it is not closed, and its first line stands alone.
 */
export function csvRecords(bytes: Buffer, dialect: CsvDialect): RecordBytes[] {
  const newline = dialect.newline.charCodeAt(0);
  const found: RecordBytes[] = [];
  let start = 0;
  let linesBefore = 0;
  const add = (end: number): void => {
    const one = bytes.subarray(start, end);
    found.push({ bytes: one, linesBefore });
    linesBefore += countByte(one, newline);
    start = end;
  };
  const cutter = new CsvCutter(dialect, add);
  cutter.scan(bytes, 0, 0);
  while (start < bytes.length) {
    const lineEnd = cutter.unfinished ? bytes.indexOf(newline, start) + 1 : 0;
    add(lineEnd === 0 ? bytes.length : lineEnd);
    cutter.reset();
    cutter.scan(bytes, start, start);
  }
  return found;
}
