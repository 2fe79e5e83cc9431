import fc from 'fast-check';
import { expect, it } from 'vitest';
import { KeyTable } from '../../src/delivery/key-table.js';

/** Many in one place of the table, so that keys lie next to each other, also from its end to its beginning. */
const key = fc.oneof(
  fc.nat(40),
  fc.nat(40).map((n) => n * 2048 + 2044),
  fc.nat(5).map((n) => n << 20),
  fc.nat(0xffff_ffff),
);
const number = fc.oneof(fc.constant(0), fc.integer({ min: 1, max: 0xffff_ffff }));

it('gives the number of each key as a map would, also where keys go, and after all have gone', () => {
  const round = fc.array(fc.tuple(key, number), { maxLength: 2_000, size: 'max' });
  fc.assert(
    fc.property(fc.array(round, { minLength: 1, maxLength: 4 }), (rounds) => {
      const table = new KeyTable();
      for (const entries of rounds) {
        const expected = new Map<number, number>();
        for (const [each, value] of entries) {
          expect(table.get(each)).toBe(expected.get(each) ?? 0);
          table.set(each, value);
          expected.set(each, value);
        }
        for (const [each, value] of expected) expect(table.get(each)).toBe(value);
        table.clear();
      }
    }),
    { numRuns: 100 },
  );
});

it('keeps far more keys than it began with', () => {
  const table = new KeyTable();
  const keys = Uint32Array.from({ length: 10_000 }, (_, n) => Math.imul(n, 0x9e3779b1));
  for (const [n, each] of keys.entries()) table.set(each, n + 1);
  for (const [n, each] of keys.entries()) if (n % 2 === 0) table.set(each, 0);
  for (const [n, each] of keys.entries()) expect(table.get(each)).toBe(n % 2 === 0 ? 0 : n + 1);
});
