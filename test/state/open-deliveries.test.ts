import fc from 'fast-check';
import { expect, it } from 'vitest';
import { ENTRY_WORDS } from '../../src/state/entry.js';
import { OpenDeliveries } from '../../src/state/open-deliveries.js';

/** Entries whose words are all the delivery's number. */
const entriesOf = (first: number, count: number) =>
  Uint32Array.from({ length: count * ENTRY_WORDS }, (_, word) => first + Math.floor(word / ENTRY_WORDS));

it('each delivery ends once, whatever the order, and what has not ended is given back with its batch', () => {
  fc.assert(
    fc.property(
      fc.array(fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 1, maxLength: 4 }), { maxLength: 6 }),
      fc.array(fc.nat({ max: 60 })),
      (announcements, numbers) => {
        const open = new OpenDeliveries();
        const batches: number[][] = [];
        let first = 0;
        for (const sizes of announcements) {
          const count = sizes.reduce((sum, size) => sum + size, 0);
          open.add(first, entriesOf(first, count), Uint32Array.from(sizes));
          for (const size of sizes) {
            const start = batches.flat().length;
            batches.push(Array.from({ length: size }, (_, index) => start + index));
          }
          first += count;
        }
        const ended = open.end(Uint32Array.from(numbers));
        const known = [...new Set(numbers)].filter((number) => number < first);
        expect([...ended].filter((_, word) => word % ENTRY_WORDS === 0)).toEqual(known);
        expect(open.size).toBe(first - known.length);
        const left = batches.filter((batch) => batch.some((number) => !known.includes(number)));
        expect(open.takeBatches().map(({ entries }) => entries.map(([word]) => word))).toEqual(left);
      },
    ),
  );
});
