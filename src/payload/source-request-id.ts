import { hash } from 'node:crypto';
import { addContent } from '../delivery-id.js';
import type { DeliveryId } from '../interfaces.js';
import { uuidOf } from '../uuid.js';
import { SOURCE_REQUEST_ID_BYTES } from './limits.js';

/** The namespace of this project's batch ids. */
const NAMESPACE = Buffer.from('6d1f0c52a7e94c5f8b0a4e2f9d3b7c61', 'hex');

const OPENING = '{"source_request_id":"';
/** Where the comma after the id stands, and the JSON's own bracket stood. */
const JSON_AT = OPENING.length + 36 + 1;

/** The most bytes that {@link writeBody} writes for `json`. */
export function bodyRoom(json: string): number {
  return json.length * 3 + SOURCE_REQUEST_ID_BYTES;
}

/**
 * Writes a batch as it is sent: its JSON with a `source_request_id` before everything else. That is a UUIDv5 (RFC 9562)
 * of the JSON, so that the same content always has the same id and the server drops what it has seen (contract.md,
 * section 1).
 *
 * @param json the batch without the id.
 * @param buffer has {@link bodyRoom} after `at`.
 * @param id has the content put into it; left out for what is no delivery of its own.
 * @returns where the body ends.
 */
export function writeBody(buffer: Buffer, at: number, json: string, id?: DeliveryId): number {
  const start = at + JSON_AT;
  const end = start + buffer.write(json, start, 'utf8');
  // The name that a UUIDv5 is made of comes after its namespace: so nothing need be copied to be hashed.
  NAMESPACE.copy(buffer, start - NAMESPACE.length);
  const digest = hash('sha1', buffer.subarray(start - NAMESPACE.length, end), 'hex');
  if (id !== undefined) {
    addContent(id, Number.parseInt(digest.slice(0, 8), 16), Number.parseInt(digest.slice(20, 28), 16));
  }
  buffer.write(`${OPENING}${uuidOf(digest)}",`, at, 'latin1');
  return end;
}

/** {@link writeBody} into bytes of its own. */
export function bodyOf(json: string): Uint8Array {
  const buffer = Buffer.allocUnsafe(bodyRoom(json));
  return buffer.subarray(0, writeBody(buffer, 0, json));
}

/** The JSON of a batch without its id. */
export function contentOf(body: Uint8Array): string {
  return `{${Buffer.from(body.buffer, body.byteOffset, body.byteLength).toString('utf8', JSON_AT + 1)}`;
}
