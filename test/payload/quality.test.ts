import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Delivery } from '../../src/payload/delivery.js';
import { addToQuality, emptyQuality, mergeQuality } from '../../src/payload/quality.js';

/** A delivery to someone with an e-mail address. */
const delivery = new Delivery('M', new Uint32Array(), {
  batch: {
    environment: 'production',
    device_info: {},
    user_identities: { email: 'a@example.com' },
    user_attributes: {},
  },
  route: 'live',
  timestampMs: 0,
  atMidnight: false,
  emailCameHashed: false,
});

it('an address that more than a ninth of the records have is found, and never counted too often', () => {
  const key = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 1_000 }));
  fc.assert(
    fc.property(fc.array(fc.array(key, { maxLength: 60 }), { maxLength: 4 }), (slices) => {
      const total = emptyQuality();
      for (const keys of slices) {
        const quality = emptyQuality();
        for (const each of keys) addToQuality(quality, [delivery], each);
        mergeQuality(total, quality);
      }
      const all = slices.flat();
      expect(total.identifiers.email).toBe(all.length);
      const { keys, counts } = total.emails;
      for (const each of new Set(all)) {
        const times = all.filter((other) => other === each).length;
        const place = keys.findIndex((other, at) => other === each && (counts[at] ?? 0) > 0);
        const counted = counts[place] ?? 0;
        expect(counted).toBeLessThanOrEqual(times);
        expect(counted).toBeGreaterThanOrEqual(times - all.length / 9);
      }
    }),
  );
});
