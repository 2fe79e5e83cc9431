import { DELIVERY_ID_WORDS, DELIVERY_NAME_WORDS } from '../delivery-id.js';

/**
 * One delivery that a server accepted, as the state keeps it: 28 bytes, seven words of 32 bits, little-endian in files.
 *
 * | words | what |
 * | --- | --- |
 * | 0 to 2 | the delivery's id: a keyed hash, never the id itself (see `keys.ts`) |
 * | 3, 4 | a fingerprint of the content that was sent |
 * | 5 | the number of the run that sent it |
 * | 6 | when it was accepted, in Unix seconds |
 */
export const ENTRY_WORDS = DELIVERY_ID_WORDS;

/** Where, in words, the parts of an entry are that the log puts in. */
export const AT = { run: 5, seconds: 6 } as const;

/** A view of an entry, or of an id alone: at least its first three words. */
export type EntryWords = Uint32Array;

/** Negative, 0 or positive, by the ids alone: the order of entries in a segment. */
export function compareIds(a: Uint32Array, atA: number, b: Uint32Array, atB: number): number {
  for (let index = 0; index < DELIVERY_NAME_WORDS; index += 1) {
    const difference = (a[atA + index] ?? 0) - (b[atB + index] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Copies the entry at `at` in `words` to `place` in `target`. */
export function copyEntry(words: Uint32Array, at: number, target: Uint32Array, place: number): void {
  for (let word = 0; word < ENTRY_WORDS; word += 1) target[place + word] = words[at + word] ?? 0;
}
