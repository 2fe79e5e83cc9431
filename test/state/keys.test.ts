import fc from 'fast-check';
import { expect, it } from 'vitest';
import { AT, ENTRY_WORDS } from '../../src/state/entry.js';
import { identify } from '../../src/state/keys.js';

it('all of an id tells deliveries apart: each of its words is another one for another event, mapping or account', () => {
  const key = fc.record({ messageId: fc.string(), mapping: fc.constantFrom('Send', 'Other') });
  fc.assert(
    fc.property(key, key, fc.constantFrom('a', 'b'), fc.constantFrom('a', 'b'), (one, two, scope, other) => {
      const isSame = scope === other && one.messageId === two.messageId && one.mapping === two.mapping;
      const [first, second] = [identify(scope, one), identify(other, two)];
      for (let word = 0; word < AT.run; word += 1) expect(first[word] === second[word]).toBe(isSame);
      expect(first[0]).not.toBe(0);
    }),
    { numRuns: 1_000 },
  );
});

it('an id is a keyed hash: another secret gives another, and nothing of the id is in it', () => {
  const one = identify('a', { messageId: 'order-1', mapping: 'Send' });
  const other = identify('b', { messageId: 'order-1', mapping: 'Send' });
  expect(one).toHaveLength(ENTRY_WORDS);
  expect([...one.subarray(0, 5)]).not.toEqual([...other.subarray(0, 5)]);
});
