import { expect, it } from 'vitest';
import { cellsOf, padCells } from '../../src/report/cells.js';

it.each([
  ['letters of Europe', 'Zoë €', 5],
  ['an accent of its own', 'Zoe\u0308', 3],
  ['Japanese', '注文番号', 8],
  ['Korean', '주문', 4],
  ['wide forms', 'ＡＢ', 4],
  ['narrow kana', 'ｶﾅ', 2],
  ['an emoji', 'a🎉', 3],
  ['one of several', '👩‍👩‍👧', 2],
  ['an arrow', '→', 1],
])('on a terminal %s takes its cells: %s', (_, text, cells) => {
  expect(cellsOf(text)).toBe(cells);
  expect(padCells(text, 12)).toBe(text + ' '.repeat(12 - cells));
});
