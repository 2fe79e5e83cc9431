import { createHmac, hash } from 'node:crypto';
import type { DeliveryKey } from '../interfaces.js';
import { AT, ENTRY_WORDS, type EntryWords } from './entry.js';

/** Where deliveries go: the same event for two accounts, or two environments of one, is two deliveries. */
export interface Scope {
  /** Base URL, or a name that stays the same from run to run (`sandbox`). */
  readonly endpoint: string;
  readonly environment: string;
  /** The API key, or the one before it was renewed. */
  readonly account: string;
}

/**
 * The id of a scope: a keyed hash (HMAC-SHA-256, hex), so that the state holds no API key.
 *
 * @param secret of the state directory, hex.
 */
export function scopeId(secret: string, { endpoint, environment, account }: Scope): string {
  return createHmac('sha256', Buffer.from(secret, 'hex'))
    .update(JSON.stringify([endpoint, environment, account]))
    .digest('hex');
}

/**
 * The words of a delivery's entry that it is recognised by: its id, a hash of the event's id and the mapping's name
 * that only the owner of the state's secret can make. 96 bits of id: of 10 million remembered, one new event in 10^21 is
 * taken for one of them. The words for the content are filled from the same hash: to whoever has not the secret, what
 * `addContent` makes of them says nothing of the content but whether it is the same.
 *
 * @param scope what {@link scopeId} gave; itself made with the secret, and never written into an entry.
 */
export function identify(scope: string, { messageId, mapping }: DeliveryKey): EntryWords {
  const digest = hash('sha256', `${scope}${mapping}\0${messageId}`, 'binary');
  const entry = new Uint32Array(ENTRY_WORDS);
  for (let index = 0; index < AT.run; index += 1) entry[index] = wordAt(digest, index * 4);
  // No id is all zero, which marks an empty slot of a table.
  entry[0] = (entry[0] ?? 0) | 1;
  return entry;
}

/** Four bytes, little-endian, of a text that has one in each character. */
function wordAt(bytes: string, at: number): number {
  return (
    bytes.charCodeAt(at) |
    (bytes.charCodeAt(at + 1) << 8) |
    (bytes.charCodeAt(at + 2) << 16) |
    (bytes.charCodeAt(at + 3) << 24)
  );
}
