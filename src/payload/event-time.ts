import type { JsonValue, Problem } from '../interfaces.js';
import { Rejection } from '../mapping/errors.js';
import type { PayloadOptions } from './options.js';
import type { Route } from './route.js';
import type { ReadTimestamp, TimestampReader } from './timestamp.js';
import { asText, single } from './values.js';

const DAY_MS = 86_400_000;
/** Older events should not go to the live paths (contract.md, section 1). */
const LIVE_AGE_MS = 30 * DAY_MS;
const FIELD = 'eventDetails.timestamp_unixtime_ms';

/**
 * When an event happened.
 *
 * @throws Rejection `TIMESTAMP_MISSING`, `TIMESTAMP_UNREADABLE`.
 */
export function readEventTime(
  given: JsonValue | undefined,
  read: TimestampReader,
  { nowMs, timezone }: PayloadOptions,
  warnings: Problem[],
): ReadTimestamp {
  const value = single(given);
  if ((typeof value !== 'string' && typeof value !== 'number') || asText(value) === undefined) {
    throw new Rejection({
      code: 'TIMESTAMP_MISSING',
      message: 'There is no timestamp; give the time of the event in a column such as timestamp.',
      field: FIELD,
    });
  }
  const timestamp = read(value);
  if (timestamp === undefined) {
    throw new Rejection({
      code: 'TIMESTAMP_UNREADABLE',
      message:
        'The timestamp cannot be read; write ISO 8601 (2026-05-01T10:00:00Z), or Unix seconds or milliseconds; for dates such as 1/2/2026, set source.dateOrder.',
      field: FIELD,
    });
  }
  if (!timestamp.zoned) {
    warnings.push({
      code: 'TIMESTAMP_WITHOUT_ZONE',
      message: `The timestamp has no time zone; it is read in ${timezone} (set source.timezone).`,
      field: FIELD,
    });
  }
  if (timestamp.ms > nowMs + DAY_MS) {
    warnings.push({
      code: 'TIMESTAMP_IN_FUTURE',
      message: "The timestamp is more than a day ahead of this machine's clock.",
      field: FIELD,
    });
  }
  return timestamp;
}

/**
 * Which path a batch with so many events goes to.
 *
 * @throws Rejection `EVENT_OLDER_THAN_30_DAYS` where the config has old events rejected.
 */
export function routeOf(
  timestampMs: number,
  events: number,
  { nowMs, olderThan30Days }: PayloadOptions,
  warnings: Problem[],
): Route {
  if (events === 0 || nowMs - timestampMs <= LIVE_AGE_MS) return 'live';
  if (olderThan30Days === 'historical') return 'historical';
  const problem: Problem = {
    code: 'EVENT_OLDER_THAN_30_DAYS',
    message:
      olderThan30Days === 'reject'
        ? 'The event is older than 30 days, which delivery.olderThan30Days rejects.'
        : 'The event is older than 30 days, which may disturb audience calculation (see delivery.olderThan30Days).',
    field: FIELD,
  };
  if (olderThan30Days === 'reject') throw new Rejection(problem);
  warnings.push(problem);
  return 'live';
}
