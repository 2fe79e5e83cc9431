import fc from 'fast-check';
import { expect, it } from 'vitest';
import { nearest } from '../src/nearest.js';

it.each([
  ['orderId', ['order_id', 'total'], 'order_id'],
  ['TOTAL', ['order_id', 'total'], 'total'],
  ['Bestellung', ['order_id', 'total'], undefined],
  ['Bestellung', ['💰 Total'], undefined],
  ['💰 Totl', ['Total', '💰 Total'], '💰 Total'],
])('of the names that there are, %s is most likely meant to be', (name, candidates, expected) => {
  expect(nearest(name, candidates)).toBe(expected);
});

/** Levenshtein's distance, as it is defined. */
function distance(a: string, b: string): number {
  if (a === '' || b === '') return a.length + b.length;
  const [restA, restB] = [a.slice(1), b.slice(1)];
  if (a[0] === b[0]) return distance(restA, restB);
  return 1 + Math.min(distance(restA, restB), distance(restA, b), distance(a, restB));
}

it('that is the name with the fewest letters to change, the first of several, if it is near', () => {
  const name = fc.string({ unit: fc.constantFrom('a', 'b', 'B', 'c'), maxLength: 6 });
  fc.assert(
    fc.property(name, fc.array(name, { maxLength: 5 }), (written, known) => {
      const far = (candidate: string) => distance(written.toLowerCase(), candidate.toLowerCase());
      const best = known.toSorted((a, b) => far(a) - far(b))[0];
      const isNear = best !== undefined && far(best) <= Math.max(2, Math.floor(written.length / 3));
      expect(nearest(written, known)).toBe(isNear ? best : undefined);
    }),
    { numRuns: 1_000 },
  );
});
