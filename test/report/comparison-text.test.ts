import { expect, it } from 'vitest';
import { comparisonSections } from '../../src/report/comparison-text.js';

it('a comparison says how many are the same, also where none are, and of the rest only what there is', () => {
  const none = { count: 0, places: [] };
  const nothing = { against: 'a.yaml', same: 0, neither: 0, reasons: [], mappings: [], fields: [] };
  const rowsOf = (found: object) =>
    comparisonSections({
      ...nothing,
      differ: none,
      onlyNow: none,
      onlyBefore: none,
      again: none,
      ...found,
    }).flatMap(({ rows }) => rows.map(({ sign = ' ', count, text }) => `${sign} ${count} ${text}`));
  const two = { count: 2, places: [{ file: 'o.csv', line: 2 }] };
  expect(rowsOf({})).toEqual(['  0 the same']);
  expect(rowsOf({ same: 3, differ: two })).toEqual(['  3 the same', '~ 2 differ']);
  expect(rowsOf({ onlyNow: two, onlyBefore: two })).toEqual([
    '  0 the same',
    '+ 2 sent now, not before',
    '- 2 sent before, not now',
  ]);
  expect(rowsOf({ neither: 1, again: two })).toEqual([
    '  0 the same',
    '  1 sent by neither',
    '  2 would be delivered again (another id or mapping)',
  ]);
});
