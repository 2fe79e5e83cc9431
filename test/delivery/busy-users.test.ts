import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BusyUsers } from '../../src/delivery/busy-users.js';

/** Few of them, so that batches share users. */
const key = fc.nat(40);
const batch = fc.uniqueArray(key, { minLength: 1, maxLength: 4 }).map((keys) => ({
  userKeys: Uint32Array.of(9, ...keys, 9),
  userKeysFrom: 1,
  userKeysEnd: 1 + keys.length,
}));

it('a user is busy as long as any batch of theirs is in flight, and no longer', () => {
  const step = fc.record({ batch, done: fc.nat() });
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), batch, (steps, other) => {
      const busy = new BusyUsers();
      const inFlight: (typeof other)[] = [];
      for (const { batch: next, done } of steps) {
        busy.add(next);
        inFlight.push(next);
        // One that is in flight ends, whichever it is.
        if (done % 2 === 0)
          for (const ended of inFlight.splice(done % inFlight.length, 1)) busy.remove(ended);
        const users = new Set(inFlight.flatMap(({ userKeys }) => [...userKeys.subarray(1, -1)]));
        for (const asked of [next, other]) {
          const expected = [...asked.userKeys.subarray(1, -1)].some((each) => users.has(each));
          expect(busy.hasAny(asked)).toBe(expected);
        }
      }
    }),
    { numRuns: 1000 },
  );
});
