import { readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { ENTRY_WORDS } from './entry.js';
import { damaged } from './errors.js';

/** Words of a page of a segment: 4 KB, which a disk reads at once. */
export const PAGE_WORDS = 1024;
/** Bytes of a page. */
export const PAGE_BYTES = PAGE_WORDS * 4;
/** Entries on a page; what is left holds the page's checksum. */
export const PAGE_ENTRIES = Math.floor((PAGE_WORDS - 1) / ENTRY_WORDS);
/** Pages that are written, or read in order, at once: 64 KB. */
export const PAGES_AT_ONCE = 16;
const CHECKSUM_AT = PAGE_WORDS - 1;

/** Puts its checksum onto the page that begins at `at` in `words`. */
export function seal(words: Uint32Array, at: number): void {
  words[at + CHECKSUM_AT] = checksum(words, at);
}

/**
 * Fills `words`, whole pages, from `position` on.
 *
 * @param path of the file, to be named.
 * @throws UserError `STATE_DAMAGED`, also where a page's checksum does not match, `STATE_UNREADABLE`.
 */
export function readPages(descriptor: number, words: Uint32Array, position: number, path: string): void {
  readFully(descriptor, words, position, path);
  for (let at = 0; at < words.length; at += PAGE_WORDS) {
    if (checksum(words, at) !== words[at + CHECKSUM_AT]) throw damaged(path, 'A checksum does not match');
  }
}

/**
 * Fills `target` from `position` on.
 *
 * @throws UserError `STATE_DAMAGED` where the file ends before, `STATE_UNREADABLE`.
 */
export function readFully(
  descriptor: number,
  target: Uint32Array | Uint8Array,
  position: number,
  path: string,
): void {
  const bytes = bytesOf(target);
  for (let at = 0; at < bytes.length; ) {
    const read = readSome(descriptor, bytes.subarray(at), position + at, path);
    if (read === 0) throw damaged(path, 'A file of it ends early');
    at += read;
  }
}

function readSome(descriptor: number, bytes: Uint8Array, position: number, path: string): number {
  try {
    return readSync(descriptor, bytes, 0, bytes.length, position);
  } catch (cause) {
    throw damaged(path, 'A file of it cannot be read', cause);
  }
}

/** Writes all of `content` from `position` on. */
export function writeFully(descriptor: number, content: Uint32Array | Uint8Array, position: number): void {
  const bytes = bytesOf(content);
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
  }
}

/** The same memory, as bytes. */
export function bytesOf({ buffer, byteOffset, byteLength }: Uint32Array | Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

function checksum(words: Uint32Array, at: number): number {
  return crc32(new Uint8Array(words.buffer, words.byteOffset + at * 4, CHECKSUM_AT * 4));
}
