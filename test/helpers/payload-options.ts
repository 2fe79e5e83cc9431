import type { PayloadOptions } from '../../src/payload/options.js';

/** The settings that a config has where it says nothing, in a run on 20 November 2026. */
export const PAYLOAD_OPTIONS: PayloadOptions = {
  environment: 'production',
  hashing: { email: false, firstName: false, lastName: false, mobile: false, billingZipcode: false },
  nowMs: Date.parse('2026-11-20T00:00:00Z'),
  olderThan30Days: 'live',
  dateOrder: undefined,
  timezone: 'UTC',
  strict: false,
};
