import type { Cutter } from './cut.js';

/** NDJSON: a record ends with its line. */
export class LineCutter implements Cutter {
  scan(bytes: Buffer): number {
    return bytes.lastIndexOf(0x0a) + 1;
  }

  reset(): void {
    // A line needs no memory of the one before.
  }
}
