import type { DateOrder, HashingDefaults } from '../config/config.js';

/** What the payload station needs to know besides the mapped fields; the same for a whole run. */
export interface PayloadOptions {
  readonly environment: 'production' | 'development';
  readonly hashing: HashingDefaults;
  /** The time of the run, in Unix ms. */
  readonly nowMs: number;
  /** What happens to events older than 30 days. */
  readonly olderThan30Days: 'live' | 'historical' | 'reject';
  /** How to read 1/2/2026; undefined: not at all. */
  readonly dateOrder?: DateOrder | undefined;
  /** IANA zone for timestamps without one. */
  readonly timezone: string;
  /** Reject a record that would be sent with a warning. */
  readonly strict: boolean;
}
