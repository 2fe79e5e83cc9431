import fc from 'fast-check';
import { expect, it } from 'vitest';
import { IdSet } from '../../src/delivery/id-set.js';
import { DELIVERY_ID_WORDS } from '../../src/delivery-id.js';

/** Ids of which many have one home, the last one of the table among them, and which differ in one word alone. */
const ids = Array.from({ length: 61 }, (_, n) =>
  Uint32Array.of(n % 2, [0, 1, 1022, 1023, 2047][Math.floor(n / 2) % 5] ?? 0, Math.floor(n / 10), 0, 0, 0, 0),
).slice(1);

it('holds what was added and not deleted, whatever shares a place', () => {
  const step = fc.record({ add: fc.boolean(), n: fc.nat(ids.length - 1) });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
      const set = new IdSet();
      const expected = new Set<number>();
      for (const { add, n } of steps) {
        const id = ids[n] ?? new Uint32Array(DELIVERY_ID_WORDS);
        if (add) {
          expect(set.add(id, 0)).toBe(!expected.has(n));
          expected.add(n);
        } else {
          set.delete(id, 0);
          expected.delete(n);
        }
      }
      for (const [n, id] of ids.entries()) expect(set.add(id, 0), String(n)).toBe(!expected.has(n));
    }),
  );
});

it('takes far more than it began with, also when as many came and went before', () => {
  const set = new IdSet();
  for (let round = 0; round < 100; round += 1) {
    for (const id of ids) set.add(id, 0);
    for (const id of ids) set.delete(id, 0);
  }
  const words = new Uint32Array(2 * DELIVERY_ID_WORDS);
  const idOf = (n: number): void => words.set([n | 1, Math.imul(n, 0x9e3779b1), n], DELIVERY_ID_WORDS);
  for (const isNew of [true, false]) {
    for (let n = 1; n <= 20_000; n += 1) {
      idOf(n);
      expect(set.add(words, DELIVERY_ID_WORDS)).toBe(isNew);
    }
  }
  for (let n = 1; n <= 20_000; n += 1) {
    idOf(n);
    set.delete(words, DELIVERY_ID_WORDS);
    expect(set.add(words, DELIVERY_ID_WORDS)).toBe(true);
    set.delete(words, DELIVERY_ID_WORDS);
  }
});
