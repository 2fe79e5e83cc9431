import type { DeliveryId } from '../interfaces.js';
import { bodyRoom, writeBody } from '../payload/source-request-id.js';

/** Enough for most slices. Pieces of memory of one size are used again when they are free; of many sizes, less so. */
const USUAL_BYTES = 1 << 19;

const COMMA = 0x2c;

/** Puts bodies one after the other, with commas between them, into a buffer, which it gives away. */
export class BodyWriter {
  readonly #spare: Buffer[] = [];
  #buffer: Buffer | undefined;
  #end = 0;

  /** @returns where the body ends. */
  add(json: string, id: DeliveryId): number {
    const buffer = this.#room(this.#end + 1 + bodyRoom(json));
    if (this.#end > 0) {
      buffer[this.#end] = COMMA;
      this.#end += 1;
    }
    this.#end = writeBody(buffer, this.#end, json, id);
    return this.#end;
  }

  /** What was added since the last call. Nobody else has its buffer. */
  take(): Uint8Array {
    const bodies = this.#buffer?.subarray(0, this.#end) ?? new Uint8Array();
    this.#buffer = undefined;
    this.#end = 0;
    return bodies;
  }

  /** Gives it a buffer that nobody uses any more, to be used again. */
  lend(buffer: ArrayBuffer): void {
    if (buffer.byteLength === USUAL_BYTES) this.#spare.push(Buffer.from(buffer));
  }

  #room(needed: number): Buffer {
    if (this.#buffer !== undefined && needed <= this.#buffer.length) return this.#buffer;
    const usual = needed <= USUAL_BYTES ? this.#spare.pop() : undefined;
    const larger = usual ?? Buffer.allocUnsafeSlow(needed <= USUAL_BYTES ? USUAL_BYTES : needed * 2);
    this.#buffer?.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
    return larger;
  }
}
