import fc from 'fast-check';
import { expect, it } from 'vitest';
import { LatestOfUser } from '../../src/delivery/latest-of-user.js';

it('gives the latest group of each user, as a map would, slice after slice', () => {
  const key = fc.oneof(
    fc.nat(50),
    fc.nat(5).map((n) => n << 20),
    fc.nat(0xffff_ffff),
  );
  const slice = fc.array(fc.tuple(key, fc.nat(1_000)), { maxLength: 2_000, size: 'max' });
  fc.assert(
    fc.property(fc.array(slice, { minLength: 1, maxLength: 4 }), (slices) => {
      const latest = new LatestOfUser();
      for (const entries of slices) {
        const expected = new Map<number, number>();
        for (const [user, group] of entries) {
          expect(latest.get(user)).toBe(expected.get(user) ?? -1);
          latest.set(user, group);
          expected.set(user, group);
        }
        for (const [user, group] of expected) expect(latest.get(user)).toBe(group);
        latest.clear();
      }
    }),
    { numRuns: 50 },
  );
});
