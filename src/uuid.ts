import { hash } from 'node:crypto';

/**
 * A UUIDv5 (RFC 9562): the same name in the same namespace always gives the same id.
 *
 * @param namespace 16 bytes, as 32 hex digits.
 */
export function uuidV5(namespace: string, name: string): string {
  const digest = hash('sha1', Buffer.concat([Buffer.from(namespace, 'hex'), Buffer.from(name)]), 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
