/** A frame with content begins with it (RFC 8878). */
const MAGIC = 0xfd2fb528;
/** A frame for other programs begins with it, but for the last of its eight digits, which may be any. */
const SKIPPABLE_MAGIC = 0x184d2a5;
const CHECKSUM_BYTES = 4;
/** How long the number of a dictionary is, and how long the size of the content, by the two bits that say it. */
const DICTIONARY_BYTES = [0, 1, 2, 4];
const SIZE_BYTES = [0, 2, 4, 8];
/** The two bits of a block that is one byte, repeated. */
const REPEATED = 1;

/** The next bytes of a frame: whether they are a number (little-endian, up to 4 bytes), or are passed over. */
interface Step {
  readonly kind: 'read' | 'pass';
  readonly bytes: number;
}

/** Whether data that begins so is zstd. */
export function isZstd(head: Buffer): boolean {
  if (head.length < 4) return false;
  const magic = head.readUInt32LE(0);
  return magic === MAGIC || magic >>> 4 === SKIPPABLE_MAGIC;
}

/** Goes through one frame, and is handed the numbers that it asks for. @throws Error where there is no frame. */
function* throughFrame(): Generator<Step, void, number> {
  const magic = yield { kind: 'read', bytes: 4 };
  if (magic >>> 4 === SKIPPABLE_MAGIC) {
    yield { kind: 'pass', bytes: yield { kind: 'read', bytes: 4 } };
    return;
  }
  if (magic !== MAGIC) throw new Error('What follows a frame is none.');
  const descriptor = yield { kind: 'read', bytes: 1 };
  const isSingle = (descriptor & 0x20) !== 0;
  const size = SIZE_BYTES[descriptor >>> 6] || (isSingle ? 1 : 0);
  yield { kind: 'pass', bytes: (isSingle ? 0 : 1) + (DICTIONARY_BYTES[descriptor & 3] ?? 0) + size };
  for (let isLast = false; !isLast; ) {
    const block = yield { kind: 'read', bytes: 3 };
    isLast = (block & 1) !== 0;
    yield { kind: 'pass', bytes: ((block >>> 1) & 3) === REPEATED ? 1 : block >>> 3 };
  }
  if ((descriptor & 4) !== 0) yield { kind: 'pass', bytes: CHECKSUM_BYTES };
}

/**
 * Tells where the frames of zstd data end, which may be several (`cat a.zst b.zst`). Node does not: 22 to 25 read
 * the first one only, and 22 and 25 take one that breaks off for whole.
 */
export class ZstdFrames {
  #frame = throughFrame();
  /** Undefined between frames. */
  #step: Step | undefined;
  /** How many bytes of the step were there, and the number that they make. */
  #taken = 0;
  #value = 0;

  /** Whether what there was so far ends where a frame does. */
  get isBetween(): boolean {
    return this.#step === undefined;
  }

  /**
   * Where the frame ends that `chunk` goes on with, or begins, at `start`; the chunk's length where it is not in it. Must
   * be called with all of the data, in order.
   *
   * @throws Error where that is no frame.
   */
  endOf(chunk: Uint8Array, start: number): number {
    let at = start;
    this.#step ??= this.#begin();
    while (this.#step !== undefined) {
      const { kind, bytes }: Step = this.#step;
      const end = Math.min(chunk.length, at + bytes - this.#taken);
      for (; kind === 'read' && at < end; at += 1, this.#taken += 1) {
        this.#value += (chunk[at] ?? 0) * 2 ** (8 * this.#taken);
      }
      this.#taken += end - at;
      at = end;
      if (this.#taken < bytes) break;
      const next = this.#frame.next(this.#value);
      this.#step = next.done === true ? undefined : next.value;
      this.#taken = 0;
      this.#value = 0;
    }
    return at;
  }

  #begin(): Step | undefined {
    this.#frame = throughFrame();
    return this.#frame.next(0).value ?? undefined;
  }
}
