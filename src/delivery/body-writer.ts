import type { DeliveryId } from '../interfaces.js';
import type { Delivery } from '../payload/delivery.js';
import { JsonWriter, utf8Piece } from '../payload/json-writer.js';
import { writeBody } from '../payload/source-request-id.js';

/** Enough for most slices. Pieces of memory of one size are used again when they are free; of many sizes, less so. */
const USUAL_BYTES = 1 << 19;

const COMMA = utf8Piece(',');

/** Puts bodies one after the other, with commas between them, into a buffer, which it gives away. */
export class BodyWriter {
  readonly #spare: Buffer[] = [];
  #writer: JsonWriter | undefined;

  /** @returns where the body ends. */
  add({ batch, timestampMs }: Delivery, id: DeliveryId): number {
    this.#writer ??= new JsonWriter(this.#spare.pop() ?? Buffer.allocUnsafeSlow(USUAL_BYTES));
    if (this.#writer.end > 0) this.#writer.piece(COMMA);
    writeBody(this.#writer, batch, timestampMs, id);
    return this.#writer.end;
  }

  /** What was added since the last call. Nobody else has its buffer. */
  take(): Uint8Array {
    const bodies = this.#writer?.bytes.subarray(0, this.#writer.end) ?? new Uint8Array();
    this.#writer = undefined;
    return bodies;
  }

  /** Gives it a buffer that nobody uses any more, to be used again. */
  lend(buffer: ArrayBuffer): void {
    if (buffer.byteLength === USUAL_BYTES) this.#spare.push(Buffer.from(buffer));
  }
}
