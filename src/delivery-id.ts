import { hash } from 'node:crypto';
import type { DeliveryId } from './interfaces.js';

/** Words of 32 bits in a {@link DeliveryId}: three of the delivery's name, two of its content, two that are the log's own. */
export const DELIVERY_ID_WORDS = 7;
/** Words of the delivery's name in a {@link DeliveryId}, which come first. */
export const DELIVERY_NAME_WORDS = 3;
const CONTENT_AT = DELIVERY_NAME_WORDS;

/** Puts into `id`, fresh from `identify`, which content is delivered: two words of a hash of it. */
export function addContent(id: DeliveryId, first: number, second: number): void {
  id[CONTENT_AT] = (id[CONTENT_AT] ?? 0) ^ first;
  id[CONTENT_AT + 1] = (id[CONTENT_AT + 1] ?? 0) ^ second;
}

/** Whether two deliveries of one name have the same content. */
export function hasSameContent(a: DeliveryId, b: DeliveryId): boolean {
  return a[CONTENT_AT] === b[CONTENT_AT] && a[CONTENT_AT + 1] === b[CONTENT_AT + 1];
}

/** The name of the delivery whose id is at `at` in `ids`, whatever its content, as a key for a map. */
export function nameOf(ids: Uint32Array, at: number): string {
  const [a = 0, b = 0, c = 0] = [ids[at], ids[at + 1], ids[at + 2]];
  return String.fromCharCode(a & 0xffff, a >>> 16, b & 0xffff, b >>> 16, c & 0xffff, c >>> 16);
}

/**
 * Makes the id at `at` in `ids` that of its content alone: a record that is sent again because it has changed is a
 * delivery of its own, beside that of its first content.
 */
export function toVersion(ids: Uint32Array, at: number): void {
  const bytes = new Uint8Array(ids.buffer, ids.byteOffset + at * 4, (CONTENT_AT + 2) * 4);
  const name = hash('sha256', bytes, 'buffer');
  for (let word = 0; word < DELIVERY_NAME_WORDS; word += 1) ids[at + word] = name.readUInt32LE(word * 4);
  // No name is all zero, which marks an empty slot of a table.
  ids[at] = (ids[at] ?? 0) | 1;
}
