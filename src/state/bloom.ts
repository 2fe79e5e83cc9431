const HASHES = 7;
/** A larger one would be asked in vain less often, but is kept in memory as a whole: 12 MB of 10 million ids. */
const BITS_PER_ENTRY = 10;

/**
 * Tells of ids that are not in a segment that they are not, without reading it (a Bloom filter). Of 0.8 % of them it
 * does not know.
 */
export class Bloom {
  readonly bytes: Uint8Array;

  /** @param bytes all 0, or those of one that was saved. */
  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** An empty one for up to `count` ids. */
  static forCount(count: number): Bloom {
    return new Bloom(new Uint8Array(Math.max(8, Math.ceil((count * BITS_PER_ENTRY) / 8))));
  }

  /** @param words begins with an id, at `at`. */
  add(words: Uint32Array, at: number): void {
    const bits = this.bytes.length * 8;
    let hash = words[at + 1] ?? 0;
    const step = (words[at + 2] ?? 0) | 1;
    for (let index = 0; index < HASHES; index += 1) {
      const bit = (hash >>> 0) % bits;
      this.bytes[bit >>> 3] = (this.bytes[bit >>> 3] ?? 0) | (1 << (bit & 7));
      hash = (hash + step) | 0;
    }
  }

  /** False where the id is certainly not there. */
  mayHave(words: Uint32Array, at: number): boolean {
    const bits = this.bytes.length * 8;
    let hash = words[at + 1] ?? 0;
    const step = (words[at + 2] ?? 0) | 1;
    for (let index = 0; index < HASHES; index += 1) {
      const bit = (hash >>> 0) % bits;
      if (((this.bytes[bit >>> 3] ?? 0) & (1 << (bit & 7))) === 0) return false;
      hash = (hash + step) | 0;
    }
    return true;
  }
}
