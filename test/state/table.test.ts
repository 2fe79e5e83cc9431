import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compareIds, ENTRY_WORDS } from '../../src/state/entry.js';
import { EntryTable } from '../../src/state/table.js';

/** Few first words, the highest among them, so that many entries have one home; the last word tells them apart. */
const entry = fc
  .record({
    first: fc.oneof(fc.constantFrom(1, 0x7fffffff, 0xffffffff), fc.integer({ min: 1, max: 0xffffffff })),
    third: fc.nat(20),
    content: fc.nat(1000),
  })
  .map(({ first, third, content }) => Uint32Array.of(first, 7, third, content, 0, 0, 0));

const nameOf = (words: Uint32Array, at = 0): string => words.subarray(at, at + 3).join();

it('holds what was put in last of each id, and gives it in the order of the ids', () => {
  fc.assert(
    fc.property(fc.array(entry, { maxLength: 2_000 }), (entries) => {
      const table = new EntryTable();
      const expected = new Map(entries.map((each) => [nameOf(each), each]));
      for (const each of entries) table.set(each, 0);
      expect(table.size).toBe(expected.size);
      for (const [, each] of expected) expect(table.get(each, 0)).toEqual(each);
      expect(table.get(Uint32Array.of(0xffffffff, 7, 21), 0)).toBeUndefined();
      const given: Uint32Array[] = [];
      table.forEachInOrder((words, at) => given.push(words.slice(at, at + ENTRY_WORDS)));
      expect(given).toEqual([...expected.values()].sort((a, b) => compareIds(a, 0, b, 0)));
    }),
    { numRuns: 50 },
  );
});

it('takes far more entries than it began with', () => {
  const table = new EntryTable();
  const words = new Uint32Array(ENTRY_WORDS);
  for (let n = 1; n <= 50_000; n += 1) {
    words.set([Math.imul(n, 0x9e3779b1), n]);
    table.set(words, 0);
  }
  expect(table.size).toBe(50_000);
  let last: Uint32Array | undefined;
  table.forEachInOrder((slots, at) => {
    if (last !== undefined) expect(compareIds(last, 0, slots, at)).toBeLessThan(0);
    last = slots.slice(at, at + ENTRY_WORDS);
  });
});
