import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BusyUsers } from '../../src/delivery/busy-users.js';

it('a user is busy as long as any batch of theirs is in flight', () => {
  const batch = fc
    .uniqueArray(fc.integer({ min: 0, max: 0xffffffff }), { minLength: 1, maxLength: 4 })
    .map((keys) => ({
      userKeys: Uint32Array.of(9, ...keys, 9),
      userKeysFrom: 1,
      userKeysEnd: 1 + keys.length,
    }));
  fc.assert(
    fc.property(fc.array(batch, { minLength: 1, maxLength: 20 }), (batches) => {
      const busy = new BusyUsers();
      for (const keys of batches) busy.add(keys);
      for (const [index, keys] of batches.entries()) {
        for (const later of batches.slice(index)) expect(busy.hasAny(later)).toBe(true);
        busy.remove(keys);
      }
      for (const keys of batches) expect(busy.hasAny(keys)).toBe(false);
    }),
  );
});
