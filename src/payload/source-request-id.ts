import { uuidV5 } from '../uuid.js';

/** The namespace of this project's batch ids. */
const NAMESPACE = '6d1f0c52a7e94c5f8b0a4e2f9d3b7c61';

/**
 * The `source_request_id` of a batch: a UUIDv5 of its content, so that the same content always has the same id and the
 * server drops what it has seen (contract.md, section 1).
 *
 * @param json the batch as it is sent, without the id.
 */
export function sourceRequestId(json: string): string {
  return uuidV5(NAMESPACE, json);
}
