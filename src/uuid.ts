import { hash } from 'node:crypto';

/** Views of up to so many bytes are made once and kept. */
const KEPT_VIEWS = 4096;

/**
 * Makes a function from a name to its UUIDv5 (RFC 9562): the same name in the same namespace always gives the same id.
 *
 * @param namespace 16 bytes, as 32 hex digits.
 */
export function createUuidV5(namespace: string): (name: string) => string {
  const bytes = Buffer.from(namespace, 'hex');
  const kept = Buffer.concat([bytes, Buffer.alloc(KEPT_VIEWS)]);
  // To make a view takes a third as long as to hash it.
  const views: Buffer[] = [];
  return (name) => {
    const most = bytes.length + name.length * 3;
    const buffer = most > kept.length ? Buffer.concat([bytes, Buffer.alloc(most)]) : kept;
    const length = bytes.length + buffer.write(name, bytes.length, 'utf8');
    if (buffer !== kept) return uuidOf(hash('sha1', buffer.subarray(0, length), 'hex'));
    views[length] ??= kept.subarray(0, length);
    return uuidOf(hash('sha1', views[length], 'hex'));
  };
}

/** The UUIDv5 of a SHA-1 of namespace and name, given in hex. */
export function uuidOf(digest: string): string {
  const variant = '89ab'[Number.parseInt(digest.charAt(16), 16) & 0x3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
