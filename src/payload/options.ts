import type { Config } from '../config/config.js';

/**
 * What the payload station needs to know besides the mapped fields: settings, and the time. All but the time is the same
 * for a whole run.
 */
export interface PayloadOptions
  extends Pick<Config, 'environment' | 'hashing' | 'dateOrder' | 'timezone'>,
    Pick<Config['delivery'], 'olderThan30Days'> {
  /** The time of the run, in Unix ms; of one that takes hours, with those. */
  readonly nowMs: number;
  /** Reject a record that would be sent with a warning. */
  readonly strict: boolean;
}
