import { hash } from 'node:crypto';

/** Views of up to so many bytes are made once and kept. */
const KEPT_BYTES = 4096;

/**
 * Makes a function from a name to its UUIDv5 (RFC 9562): the same name in the same namespace always gives the same id.
 *
 * @param namespace 16 bytes, as 32 hex digits.
 */
export function createUuidV5(namespace: string): (name: string) => string {
  const bytes = Buffer.from(namespace, 'hex');
  const kept = Buffer.concat([bytes, Buffer.alloc(KEPT_BYTES)]);
  // To make a view takes a third as long as to hash it.
  const views: Buffer[] = [];
  return (name) => {
    if (name.length * 3 > KEPT_BYTES)
      return uuidOf(hash('sha1', Buffer.concat([bytes, Buffer.from(name)]), 'hex'));
    const end = bytes.length + kept.write(name, bytes.length, 'utf8');
    const view = views[end] ?? kept.subarray(0, end);
    views[end] = view;
    return uuidOf(hash('sha1', view, 'hex'));
  };
}

/** The UUIDv5 of a SHA-1 of namespace and name, given in hex. */
export function uuidOf(digest: string): string {
  const variant = VARIANTS[digest.charCodeAt(VARIANT_DIGIT)];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}

/** How long a UUID is. */
export const UUID_LENGTH = 36;

/** Writes what {@link uuidOf} gives as ASCII. */
export function putUuid(bytes: Uint8Array, start: number, digest: string): void {
  let at = start;
  for (let digit = 0; digit < 32; digit += 1, at += 1) {
    if (digit === 8 || digit === 12 || digit === 16 || digit === 20) {
      bytes[at] = DASH;
      at += 1;
    }
    bytes[at] = digest.charCodeAt(digit);
  }
  bytes[start + VERSION_AT] = VERSION;
  bytes[start + VARIANT_AT] = (VARIANTS[digest.charCodeAt(VARIANT_DIGIT)] ?? '').charCodeAt(0);
}

const DASH = 0x2d;
/** The digit `5`. */
const VERSION = 0x35;
const VERSION_AT = 14;
const VARIANT_AT = 19;
/** Which digit of the digest gives way to the variant. */
const VARIANT_DIGIT = 16;

/** The digit that gives the variant, by the code of the hex digit in its place. */
const VARIANTS: readonly string[] = Array.from(
  { length: 'f'.charCodeAt(0) + 1 },
  (_, code) => '89ab'[Number.parseInt(String.fromCharCode(code), 16) & 0x3] ?? '',
);
