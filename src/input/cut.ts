import type { Problem, Slice } from '../interfaces.js';
import { HeldBytes } from './held-bytes.js';
import { isPause } from './pauses.js';
import type { SliceMemory } from './slice-memory.js';

/** Finds where records end, in bytes that come piece by piece. */
export interface Cutter {
  /**
   * Looks through `bytes` from `from`, where the last call stopped.
   *
   * @param start where the record begins that is being looked through; all of it is in `bytes`.
   * @returns the end of the last whole record that this call found, or 0 where it found none.
   */
  scan(bytes: Buffer, from: number, start: number): number;
  /**
   * Looks through what comes next for the end of the record being looked through, of which nothing is wanted.
   *
   * @returns where that is in `bytes`; undefined where it is not in there.
   */
  skip(bytes: Buffer): number | undefined;
  /** Whether the record being looked through cannot end here: a quote or a bracket is open. */
  readonly unfinished: boolean;
  /** Forgets what it saw: the next call begins at the start of a record. */
  reset(): void;
}

/** What to do with a record that has no end in sight. */
export interface Oversize {
  /** From this many bytes on, without an end, a record is not read: reading goes on behind it. */
  readonly maxBytes: number;
  /** Why it is not read. */
  readonly problem: Problem;
  /**
   * From this many bytes on, or at the end of the file, an unfinished record of several lines is taken for torn: its
   * first line stands alone, and reading goes on at the next. Absent where lines do not tell records apart.
   */
  readonly tornBytes?: number;
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
  readonly memory: SliceMemory;
}

/** As much of an unreadable record as is kept for the rejects file, in bytes. */
const KEPT_BYTES = 1 << 16;

/**
 * Cuts bytes into slices of whole records. Holds no more than a slice and a record; of these no whole record where the
 * bytes pause. Each slice has memory of its own.
 */
export async function* cutSlices(
  chunks: AsyncIterable<Buffer>,
  cutter: Cutter,
  { sliceBytes, newline, line: startLine, oversize, memory }: CutOptions,
): AsyncGenerator<Slice> {
  let line = startLine;
  const held = new HeldBytes(memory);
  let end = 0;
  let skipping = false;
  const take = (length: number): Slice => {
    const slice = { bytes: held.take(length), line };
    line += countByte(slice.bytes, newline);
    return slice;
  };
  const pass = (length: number): void => {
    line += countByte(held.bytes.subarray(0, length), newline);
    held.drop(length);
  };
  const rescan = (): void => {
    cutter.reset();
    end = cutter.scan(held.bytes, 0, 0);
  };
  const firstLine = (): number => held.bytes.indexOf(newline) + 1;
  const { maxBytes, tornBytes = Number.POSITIVE_INFINITY } = oversize;
  for await (const chunk of chunks) {
    if (isPause(chunk)) {
      if (end > 0) yield take(end);
      end = 0;
      yield { bytes: chunk, line, pause: true };
      continue;
    }
    const scanned = held.bytes.length;
    held.add(chunk);
    if (skipping) {
      const recordEnd = cutter.skip(held.bytes);
      pass(recordEnd ?? held.bytes.length);
      if (recordEnd === undefined) continue;
      skipping = false;
      rescan();
    } else {
      end = Math.max(end, cutter.scan(held.bytes, scanned, end));
    }
    if (end > 0 && held.bytes.length >= sliceBytes) {
      yield take(end);
      end = 0;
    }
    while (end === 0 && held.bytes.length > Math.min(maxBytes, tornBytes)) {
      const lineEnd = firstLine();
      if (lineEnd > 0 && held.bytes.length > tornBytes) {
        yield take(lineEnd);
        rescan();
        continue;
      }
      if (held.bytes.length <= maxBytes) break;
      yield { bytes: Buffer.from(held.bytes.subarray(0, KEPT_BYTES)), line, problem: oversize.problem };
      pass(held.bytes.length);
      skipping = true;
    }
  }
  while (held.bytes.length > 0) {
    const lineEnd = firstLine();
    const torn = oversize.tornBytes !== undefined && cutter.unfinished && lineEnd > 0;
    if (end === 0) end = torn ? lineEnd : held.bytes.length;
    yield take(end);
    if (held.bytes.length > 0) rescan();
  }
}

/** The bytes of one record of several, and how many line ends stand before it. */
export interface RecordBytes {
  readonly bytes: Buffer;
  readonly linesBefore: number;
}

/** How often `byte` is in `bytes`. */
export function countByte(bytes: Uint8Array, byte: number): number {
  let count = 0;
  for (let at = bytes.indexOf(byte); at !== -1; at = bytes.indexOf(byte, at + 1)) count += 1;
  return count;
}
