import { hash } from 'node:crypto';

const NAMESPACE_BYTES = 16;
/** Where the namespace and a name are put together; a longer name takes a buffer of its own. */
const scratch = Buffer.alloc(1 << 16);

/**
 * A UUIDv5 (RFC 9562): the same name in the same namespace always gives the same id.
 *
 * @param namespace 16 bytes, as 32 hex digits.
 */
export function uuidV5(namespace: string, name: string): string {
  const most = NAMESPACE_BYTES + name.length * 3;
  const buffer = most <= scratch.length ? scratch : Buffer.alloc(most);
  buffer.write(namespace, 0, 'hex');
  const length = NAMESPACE_BYTES + buffer.write(name, NAMESPACE_BYTES, 'utf8');
  const digest = hash('sha1', buffer.subarray(0, length), 'hex');
  const variant = ((Number.parseInt(digest.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
