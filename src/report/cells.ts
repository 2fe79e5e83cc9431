/** What takes one cell a character: most of what is printed. */
const PLAIN = /^[ -~]*$/;
/** What takes two: letters of East Asia, forms as wide as these, and emoji. */
const WIDE =
  /^[\p{Emoji_Presentation}\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\ua960-\ua97c\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff01-\uff60\uffe0-\uffe6\u{20000}-\u{3fffd}]|\ufe0f/u;

const segmenter = new Intl.Segmenter('en', { granularity: 'grapheme' });

/** How many cells of a terminal a text takes. */
export function cellsOf(text: string): number {
  if (PLAIN.test(text)) return text.length;
  return Array.from(segmenter.segment(text)).reduce(
    (sum, { segment }) => sum + (WIDE.test(segment) ? 2 : 1),
    0,
  );
}

/** A text with blanks behind it, as wide as so many cells. */
export function padCells(text: string, cells: number): string {
  return text + ' '.repeat(Math.max(0, cells - cellsOf(text)));
}
