/**
 * A hash of 32 bits of a text: FNV-1a over UTF-16 code units.
 *
 * @param kind tells hashes of different things apart; a small number, or another hash.
 */
export function fnv1a(kind: number, text: string): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
