import { hash } from 'node:crypto';
import { addContent } from '../delivery-id.js';
import { hexWord } from '../hex.js';
import { toBuffer } from '../input/input-record.js';
import type { DeliveryId } from '../interfaces.js';
import { putUuid, UUID_LENGTH } from '../uuid.js';
import { writeBatch } from './batch-json.js';
import { JsonWriter, utf8Piece } from './json-writer.js';
import type { BatchContent } from './wire.js';

/** The namespace of this project's batch ids. */
const NAMESPACE = Buffer.from('6d1f0c52a7e94c5f8b0a4e2f9d3b7c61', 'hex');
const OPENING = utf8Piece('{"source_request_id":"');
const CLOSING = utf8Piece('",');
/** By so much a batch's JSON is longer with its id: then the comma after the id is where the JSON's own bracket was. */
export const SOURCE_REQUEST_ID_BYTES = OPENING.length + UUID_LENGTH + 1;

/**
 * Writes a batch as it is sent: its JSON with a `source_request_id` before everything else. That is a UUIDv5 (RFC 9562)
 * of the JSON, so that the same content always has the same id and the server drops what it has seen (contract.md,
 * section 1). Without events the JSON does not say when: what a user is once more, after something else in between, would
 * be dropped too, so the time counts as well.
 *
 * @param timestampMs when what it says happened, in Unix ms.
 * @param id has the content put into it; left out for what is no delivery of its own.
 */
export function writeBody(
  writer: JsonWriter,
  batch: BatchContent,
  timestampMs: number,
  id?: DeliveryId,
): void {
  const start = writer.end;
  writer.skip(SOURCE_REQUEST_ID_BYTES);
  writeBatch(writer, batch);
  const { bytes, end } = writer;
  // The name that a UUIDv5 is made of comes after its namespace: so nothing need be copied to be hashed.
  const nameAt = start + SOURCE_REQUEST_ID_BYTES - NAMESPACE.length;
  writer.end = nameAt;
  writer.piece(NAMESPACE);
  const digest = hash('sha1', bytes.subarray(nameAt, end), 'hex');
  if (id !== undefined) addContent(id, hexWord(digest, 0), hexWord(digest, 20));
  writer.end = start;
  writer.piece(OPENING);
  putUuid(bytes, writer.end, batch.events === undefined ? digestAt(digest, timestampMs) : digest);
  writer.end += UUID_LENGTH;
  writer.piece(CLOSING);
  writer.end = end;
}

/** Of the same content at another time another one. */
function digestAt(digest: string, timestampMs: number): string {
  return hash('sha1', `${digest} ${timestampMs}`, 'hex');
}

/** {@link writeBody} into bytes of its own. */
export function bodyOf(batch: BatchContent, timestampMs: number): Uint8Array {
  const writer = new JsonWriter();
  writeBody(writer, batch, timestampMs);
  return writer.bytes.subarray(0, writer.end);
}

/** The JSON of a batch without its id. */
export function contentOf(body: Uint8Array): string {
  return `{${toBuffer(body).toString('utf8', SOURCE_REQUEST_ID_BYTES + 1)}`;
}
