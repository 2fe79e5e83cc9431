import type { OutgoingBatch } from './batching.js';

const [OPEN_LIST, COMMA, CLOSE_LIST] = [0x5b, 0x2c, 0x5d];

/** Memory is set aside in multiples of this: bodies of requests are of about one size, and fit into each other's. */
const STEP_BYTES = 1 << 16;
/** At most so many pieces of memory are kept that nobody uses. */
const MOST_FREE = 16;

/**
 * Makes bodies of requests, in memory of their own: their batches' may be used for others while the request is still on
 * its way. What is given back is used again, so that a large file leaves nothing to be collected.
 */
export class RequestBodies {
  readonly #free: Buffer[] = [];

  /**
   * A JSON list of the bodies of at least one batch. Most batches of a request stand one after the other, with commas
   * between them, and are copied as one piece.
   */
  make(batches: readonly OutgoingBatch[]): Uint8Array {
    let length = 1;
    for (const { bodyLength } of batches) length += bodyLength + 1;
    const body = this.#take(length);
    body[0] = OPEN_LIST;
    let at = 1;
    for (let index = 0; index < batches.length; ) {
      if (index > 0) {
        body[at] = COMMA;
        at += 1;
      }
      const [piece, next] = pieceFrom(batches, index);
      body.set(piece, at);
      at += piece.length;
      index = next;
    }
    body[at] = CLOSE_LIST;
    return body;
  }

  /** Takes a body back that nobody will read any more, nor a socket. */
  giveBack({ buffer }: Uint8Array): void {
    if (this.#free.length < MOST_FREE) this.#free.push(Buffer.from(buffer));
  }

  #take(length: number): Buffer {
    const free = this.#free.pop();
    // One that is too small is left to the garbage collector: larger ones are needed now.
    if (free !== undefined && free.length >= length) return free.subarray(0, length);
    return Buffer.allocUnsafeSlow(Math.ceil(length / STEP_BYTES) * STEP_BYTES).subarray(0, length);
  }
}

/** The bodies from `index` on that are one piece of memory, and the index of the first batch that is not in it. */
function pieceFrom(
  batches: readonly OutgoingBatch[],
  index: number,
): readonly [piece: Uint8Array, next: number] {
  const batch = batches[index];
  if (batch === undefined) return [new Uint8Array(), index + 1];
  if (batch.others.length > 0) return [batch.body, index + 1];
  const { bodies, bodyStart } = batch.first;
  let end = batch.first.bodyEnd;
  for (let next = index + 1; ; next += 1) {
    const other = batches[next];
    const follows =
      other?.others.length === 0 && other.first.bodies === bodies && other.first.bodyStart === end + 1;
    if (!follows) return [bodies.subarray(bodyStart, end), next];
    end = other.first.bodyEnd;
  }
}
