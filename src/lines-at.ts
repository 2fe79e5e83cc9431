import { readSync } from 'node:fs';

const NEWLINE = 0x0a;
const FIRST_BYTES = 1 << 12;

/** Finds lines of an open file again by where they begin. */
export class LinesAt {
  readonly #descriptor: number;
  /** More where a line is longer. */
  #piece = Buffer.alloc(FIRST_BYTES);

  constructor(descriptor: number) {
    this.#descriptor = descriptor;
  }

  /** The line that begins at `start`, in bytes; undefined where it has no end. Throws what the file system throws. */
  at(start: number): string | undefined {
    for (;;) {
      const read = readSync(this.#descriptor, this.#piece, 0, this.#piece.length, start);
      const end = this.#piece.subarray(0, read).indexOf(NEWLINE);
      if (end !== -1) return this.#piece.toString('utf8', 0, end);
      if (read < this.#piece.length) return undefined;
      this.#piece = Buffer.alloc(this.#piece.length * 2);
    }
  }
}
