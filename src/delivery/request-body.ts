import type { OutgoingBatch, Unit } from './batching.js';

const [OPEN_LIST, COMMA, CLOSE_LIST] = [0x5b, 0x2c, 0x5d];

/**
 * A JSON list of the bodies of at least one batch, in memory of its own: theirs may be used for others while the request
 * is still on its way. Most batches of a request stand one after the other, with commas between them, and are copied as
 * one piece.
 */
export function requestBody(batches: readonly OutgoingBatch<Unit>[]): Uint8Array {
  let length = 1;
  for (const { bodyLength } of batches) length += bodyLength + 1;
  const body = Buffer.allocUnsafe(length);
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

/** The bodies from `index` on that are one piece of memory, and the index of the first batch that is not in it. */
function pieceFrom(
  batches: readonly OutgoingBatch<Unit>[],
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
