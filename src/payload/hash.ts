import * as crypto from 'node:crypto';

const SHA256_HEX = /^[0-9a-fA-F]{64}$/;

/** SHA-256 of the text's UTF-8, as 64 lower-case hex digits. */
export function sha256Hex(text: string): string {
  return crypto.hash('sha256', text, 'hex');
}

/** Whether `text` is a SHA-256 already (64 hex digits of either case), and so is never hashed again. */
export function isHashed(text: string): boolean {
  return text.length === 64 && SHA256_HEX.test(text);
}

/** Texts of which a {@link createRepeatHasher} remembers the hash. */
const REMEMBERED = 4_000;
/** A longer text may be a view of all that was read with it, which would be kept then. */
const LONGEST_REMEMBERED = 12;

/** Makes a {@link sha256Hex} for what many records share, such as first names: most of it is hashed once only. */
export function createRepeatHasher(): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const found = known.get(text);
    if (found !== undefined) return found;
    const hashed = sha256Hex(text);
    if (known.size < REMEMBERED && text.length <= LONGEST_REMEMBERED) known.set(text, hashed);
    return hashed;
  };
}
