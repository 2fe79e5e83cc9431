import type { Slice } from '../interfaces.js';
import { type Cutter, countByte, type RecordBytes } from './cut.js';
import { toBuffer } from './input-record.js';
import { JsonNesting } from './json-nesting.js';

const NEWLINE = 0x0a;

/**
 * JSON: the elements of the top-level array (whose opening bracket was taken off), or values one after the other. A
 * record ends with the bracket that closes it.
 */
export class JsonCutter implements Cutter {
  #nesting = new JsonNesting();
  #closed = false;
  readonly #onEnd: ((end: number) => void) | undefined;

  /** @param onEnd called with the end of each record, as an offset into the bytes being scanned. */
  constructor(onEnd?: (end: number) => void) {
    this.#onEnd = onEnd;
  }

  /** Whether the bracket was seen that closes the top-level array. */
  get closed(): boolean {
    return this.#closed;
  }

  get unfinished(): boolean {
    return this.#nesting.depth > 0 || this.#nesting.inString;
  }

  scan(bytes: Buffer, from: number): number {
    const nesting = this.#nesting;
    let end = 0;
    for (let at = from; at < bytes.length; ) {
      const before = nesting.depth;
      at = nesting.next(bytes, at);
      if (nesting.depth >= before) continue;
      if (nesting.depth === 0) {
        end = at;
        this.#onEnd?.(end);
      } else if (nesting.depth < 0) {
        this.#closed = true;
        nesting.depth = 0;
      }
    }
    return end;
  }

  skip(bytes: Buffer): number | undefined {
    const nesting = this.#nesting;
    for (let at = 0; at < bytes.length; ) {
      const before = nesting.depth;
      at = nesting.next(bytes, at);
      if (nesting.depth === before) continue;
      // What is no object or list ends before the next bracket.
      if (before === 0) return at - 1;
      if (nesting.depth === 0) return at;
    }
    return undefined;
  }

  reset(): void {
    this.#nesting = new JsonNesting();
  }
}

/** What may stand between records, a closing bracket of the array included. */
const BETWEEN = /[\s,\]]*/y;
/** What is no object or list, and so no record. */
const SCALAR = /"(?:[^"\\]|\\.)*"|[^\s,\]{["]+/sy;

function betweenAt(text: string, at: number): string {
  BETWEEN.lastIndex = at;
  return BETWEEN.exec(text)?.[0] ?? '';
}

/** A slice that is the beginning of one record, without what stands before that. */
export function fromRecordOn(slice: Slice): Slice {
  const { length } = betweenAt(toBuffer(slice.bytes).toString('latin1'), 0);
  const line = slice.line + countByte(slice.bytes.subarray(0, length), NEWLINE);
  return { ...slice, bytes: slice.bytes.subarray(length), line };
}

/** The records of a slice that a {@link JsonCutter} cut; the last one is without its end where the file ends early. */
export function splitJson(slice: Uint8Array): RecordBytes[] {
  const bytes = toBuffer(slice);
  const pieces: RecordBytes[] = [];
  let at = 0;
  let linesBefore = 0;
  const pass = (length: number): Buffer => {
    const passed = bytes.subarray(at, at + length);
    linesBefore += countByte(passed, NEWLINE);
    at += length;
    return passed;
  };
  const add = (end: number): void => {
    const from = at;
    // One character a byte: brackets, quotes and blanks are ASCII.
    const text = bytes.toString('latin1', from, end);
    for (;;) {
      pass(betweenAt(text, at - from).length);
      if (at >= end) return;
      SCALAR.lastIndex = at - from;
      const length = SCALAR.exec(text)?.[0].length ?? end - at;
      pieces.push({ linesBefore, bytes: pass(length) });
    }
  };
  new JsonCutter(add).scan(bytes, 0);
  add(bytes.length);
  return pieces;
}
