import { createHmac, hash } from 'node:crypto';
import type { DeliveryKey } from '../interfaces.js';
import { AT, ENTRY_WORDS, type EntryWords } from './entry.js';

/** Where deliveries go: the same event for two accounts, or two environments of one, is two deliveries. */
export interface Scope {
  /** Base URL, or a name that stays the same from run to run (`sandbox`). */
  readonly endpoint: string;
  readonly environment: string;
  /** The API key. */
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
 * The words of a delivery's entry that tell it from others: its id, a hash of the event's id and the mapping's name
 * that only the owner of the state's secret can make, and the fingerprint of its content. 96 bits of id: of 10 million
 * remembered, one new event in 10^21 is taken for one of them.
 *
 * @param scope what {@link scopeId} gave; itself made with the secret, and never written into an entry.
 */
export function identify(scope: string, { messageId, mapping }: DeliveryKey): EntryWords {
  const digest = hash('sha256', `${scope}${mapping}\0${messageId}`, 'buffer');
  const entry = new Uint32Array(ENTRY_WORDS);
  for (let index = 0; index < AT.run; index += 1) entry[index] = digest.readUInt32LE(index * 4);
  // No id is all zero, which marks an empty slot of a table.
  entry[0] = (entry[0] ?? 0) | 1;
  return entry;
}

/**
 * The two words of `entry` for a content. The words that {@link identify} left there are as good as random to whoever
 * has not the secret: what comes out tells nothing of the content but whether it is the same.
 *
 * @param contentId a UUID made from the content.
 */
export function fingerprint(entry: EntryWords, contentId: string): readonly [number, number] {
  const first = Number.parseInt(contentId.slice(0, 8), 16);
  const second = Number.parseInt(contentId.slice(24, 32), 16);
  return [((entry[AT.content] ?? 0) ^ first) >>> 0, ((entry[AT.content + 1] ?? 0) ^ second) >>> 0];
}
