import type { SliceMemory } from './slice-memory.js';

const NOTHING = Buffer.alloc(0);

/** Bytes that came, up to those that were taken: in one piece of memory that nobody else has. */
export class HeldBytes {
  readonly #memory: SliceMemory;
  #piece: Buffer = NOTHING;
  #bytes: Buffer = NOTHING;
  #start = 0;

  constructor(memory: SliceMemory) {
    this.#memory = memory;
  }

  /** What is held; a view, valid until the next call. */
  get bytes(): Buffer {
    return this.#bytes;
  }

  /** Adds a copy of what came next. */
  add(chunk: Buffer): void {
    const held = this.#bytes.length;
    if (this.#start + held + chunk.length > this.#piece.length) this.#makeRoom(held + chunk.length);
    chunk.copy(this.#piece, this.#start + held);
    this.#bytes = this.#piece.subarray(this.#start, this.#start + held + chunk.length);
  }

  /** Takes from the front. Of the two parts, the larger one stays where it is, and the other one moves. */
  take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    const rest = this.#bytes.subarray(length);
    if (rest.length > length) {
      const copy = this.#memory.take(length);
      taken.copy(copy);
      this.drop(length);
      return copy.subarray(0, length);
    }
    this.#piece = NOTHING;
    this.#bytes = NOTHING;
    this.#start = 0;
    if (rest.length > 0) this.add(rest);
    return taken;
  }

  /** Forgets what is at the front. */
  drop(length: number): void {
    this.#start += length;
    this.#bytes = this.#bytes.subarray(length);
  }

  #makeRoom(needed: number): void {
    const fits = needed <= this.#piece.length;
    const piece = fits ? this.#piece : this.#memory.take(Math.max(needed, this.#piece.length * 2));
    this.#bytes.copy(piece);
    if (!fits && this.#piece.length > 0) this.#memory.giveBack(this.#piece);
    this.#piece = piece;
    this.#start = 0;
  }
}
