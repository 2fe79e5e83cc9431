import type { DeliveryId } from '../interfaces.js';
import { bodyRoom, writeBody } from '../payload/source-request-id.js';

/** Puts bodies one after the other into a buffer that is used again and again. */
export class BodyWriter {
  #buffer = Buffer.allocUnsafeSlow(1 << 19);
  #end = 0;

  /** @returns where the body ends. */
  add(json: string, id: DeliveryId): number {
    const needed = this.#end + bodyRoom(json);
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#buffer.copy(larger, 0, 0, this.#end);
      this.#buffer = larger;
    }
    this.#end = writeBody(this.#buffer, this.#end, json, id);
    return this.#end;
  }

  /** A copy of what was added since the last call. */
  take(): Uint8Array {
    const bodies = new Uint8Array(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
    return bodies;
  }
}
