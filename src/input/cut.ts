import type { Problem, Slice } from '../interfaces.js';

/** Finds where records end, in bytes that come piece by piece. */
export interface Cutter {
  /**
   * Looks through `bytes` from `from`, where the last call stopped.
   *
   * @returns the end of the last whole record in `bytes`, or 0 where there is none yet.
   */
  scan(bytes: Buffer, from: number): number;
  /** Forgets what it saw: the next call begins at the start of a record. */
  reset(): void;
}

/** What to do with a record that has no end in sight. */
export interface Oversize {
  /** From this many bytes on, without an end. */
  readonly maxBytes: number;
  /**
   * `first-line`: its first line stands alone, and reading goes on at the next. `skip-line`: the line is passed over as
   * one unreadable record. `stop`: the rest of the file is one unreadable record.
   */
  readonly policy: 'first-line' | 'skip-line' | 'stop';
  readonly problem: Problem;
}

/** How to cut. */
export interface CutOptions {
  /** How large slices should be; one is larger only for a record that is. */
  readonly sliceBytes: number;
  /** The byte that ends a line. */
  readonly newline: number;
  /** 1-based line on which the bytes begin. */
  readonly line: number;
  readonly oversize: Oversize;
}

/** As much of an unreadable record as is kept for the rejects file, in bytes. */
const KEPT_BYTES = 1 << 16;

/** Cuts bytes into slices of whole records. Holds no more than a slice and a record. */
export async function* cutSlices(
  chunks: AsyncIterable<Buffer>,
  cutter: Cutter,
  { sliceBytes, newline, line: firstLine, oversize }: CutOptions,
): AsyncGenerator<Slice> {
  let line = firstLine;
  let held: Buffer = Buffer.alloc(0);
  let scanned = 0;
  let end = 0;
  let skipping = false;
  const take = (length: number): Slice => {
    const slice = { bytes: held.subarray(0, length), line };
    line += countByte(slice.bytes, newline);
    held = held.subarray(length);
    return slice;
  };
  const rescan = (): void => {
    cutter.reset();
    end = cutter.scan(held, 0);
    scanned = held.length;
  };
  for await (const chunk of chunks) {
    held = held.length === 0 ? chunk : Buffer.concat([held, chunk]);
    if (skipping) {
      const lineEnd = held.indexOf(newline) + 1;
      held = held.subarray(lineEnd === 0 ? held.length : lineEnd);
      if (lineEnd === 0) continue;
      skipping = false;
      line += 1;
      rescan();
    }
    end = Math.max(end, cutter.scan(held, scanned));
    scanned = held.length;
    if (end > 0 && (held.length >= sliceBytes || end === held.length)) {
      yield take(end);
      scanned = held.length;
      end = 0;
    }
    while (end === 0 && held.length > oversize.maxBytes) {
      const lineEnd = held.indexOf(newline) + 1;
      if (oversize.policy === 'first-line') {
        if (lineEnd === 0) break;
        yield take(lineEnd);
        rescan();
        continue;
      }
      yield { bytes: held.subarray(0, KEPT_BYTES), line, problem: oversize.problem };
      if (oversize.policy === 'stop') return;
      skipping = lineEnd === 0;
      take(skipping ? held.length : lineEnd);
      rescan();
    }
  }
  while (held.length > 0) {
    const lineEnd = held.indexOf(newline) + 1;
    if (end === 0) end = oversize.policy === 'first-line' && lineEnd > 0 ? lineEnd : held.length;
    yield take(end);
    if (held.length > 0) rescan();
  }
}

/** How often `byte` is in `bytes`. */
export function countByte(bytes: Uint8Array, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}
