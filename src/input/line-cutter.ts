import type { Cutter } from './cut.js';

/** NDJSON: a record ends with its line. */
export class LineCutter implements Cutter {
  readonly unfinished = false;

  scan(bytes: Buffer, from: number): number {
    const end = bytes.lastIndexOf(0x0a) + 1;
    return end > from ? end : 0;
  }

  skip(bytes: Buffer): number | undefined {
    const lineEnd = bytes.indexOf(0x0a);
    return lineEnd === -1 ? undefined : lineEnd + 1;
  }

  reset(): void {
    // A line needs no memory of the one before.
  }
}
