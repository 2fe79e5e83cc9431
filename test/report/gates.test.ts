import { expect, it } from 'vitest';
import { RejectLimit } from '../../src/delivery/reject-limit.js';
import { emptyQuality } from '../../src/payload/quality.js';
import { requirementChecks } from '../../src/report/gates.js';
import { describeQuality } from '../../src/report/quality.js';

// As fractions, most of these shares are a little more or less than what they say.
it.each([
  [0.29, 29, 100],
  [0.007, 7, 1_000],
  [0.56, 1_400, 2_500],
])(
  'a share of %d allows as many rejects as are exactly so, %d of %d, and not one more',
  (share, allowed, read) => {
    const limit = new RejectLimit({ share });
    expect([allowed, allowed + 1].map((rejected) => limit.isExceeded(read, rejected, true))).toEqual([
      false,
      true,
    ]);
  },
);

it('a share that is required is there where it is exactly so, and not with one less', () => {
  const statusOf = (customerId: number) => {
    const quality = { ...emptyQuality(), records: 1_000, oldestMs: 0, newestMs: 0 };
    quality.identifiers.customerId = customerId;
    return requirementChecks(describeQuality(quality), [{ identifier: 'customerId', atLeast: 0.011 }])[0]
      ?.status;
  };
  expect([11, 10].map(statusOf)).toEqual(['passed', 'failed']);
});
