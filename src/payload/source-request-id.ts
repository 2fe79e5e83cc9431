import { createHash } from 'node:crypto';

/** The namespace of this project's batch ids. */
const NAMESPACE = Buffer.from('6d1f0c52a7e94c5f8b0a4e2f9d3b7c61', 'hex');

/**
 * The `source_request_id` of a batch: a UUIDv5 (RFC 9562) of its content, so that the same content always has the same
 * id and the server drops what it has seen (contract.md, section 1).
 *
 * @param json the batch as it is sent, without the id.
 */
export function sourceRequestId(json: string): string {
  const digest = createHash('sha1').update(NAMESPACE).update(json).digest().subarray(0, 16);
  digest[6] = ((digest[6] ?? 0) & 0x0f) | 0x50;
  digest[8] = ((digest[8] ?? 0) & 0x3f) | 0x80;
  const hex = digest.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
