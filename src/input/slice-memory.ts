/** At most so many pieces are kept that nobody uses. */
const MOST_FREE = 64;
/** What needs less than this part of a usual piece gets one of its own size: thousands of small files may be on their way. */
const SMALL_PART = 8;

/**
 * Memory for slices. All threads share it, so that a slice goes to a worker without being copied; and it is used again
 * once a slice is given back, so that a large file leaves nothing to be collected.
 */
export class SliceMemory {
  readonly #usualBytes: number;
  readonly #free: Buffer[] = [];
  readonly #lent = new WeakSet<ArrayBufferLike>();

  /** @param usualBytes how large a piece mostly has to be. */
  constructor(usualBytes: number) {
    this.#usualBytes = usualBytes;
  }

  /** A piece of `bytes` or more. */
  take(bytes: number): Buffer {
    if (bytes > this.#usualBytes || bytes * SMALL_PART < this.#usualBytes)
      return Buffer.from(new SharedArrayBuffer(bytes));
    const piece = this.#free.pop() ?? Buffer.from(new SharedArrayBuffer(this.#usualBytes));
    this.#lent.add(piece.buffer);
    return piece;
  }

  /** Gives back the piece that these bytes are in, once; what is no usual piece is left to the garbage collector. */
  giveBack({ buffer }: Uint8Array): void {
    if (!this.#lent.delete(buffer) || this.#free.length >= MOST_FREE) return;
    this.#free.push(Buffer.from(buffer));
  }
}
