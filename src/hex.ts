const [ZERO, LETTERS_FROM] = [0x30, 0x61];

/** The 32 bits that eight lower-case hex digits of a text stand for, the first of them at `from`. */
export function hexWord(hex: string, from: number): number {
  let word = 0;
  for (let at = from; at < from + 8; at += 1) {
    const code = hex.charCodeAt(at);
    word = (word << 4) | (code < LETTERS_FROM ? code - ZERO : code - LETTERS_FROM + 10);
  }
  return word >>> 0;
}
