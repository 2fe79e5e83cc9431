import type { DateOrder } from '../config/config.js';
import { readWritten, utcOf } from './timestamp.js';

const EARLIEST_YEAR = 1800;

/**
 * `YYYYMMDD`, as Rokt takes it, from that, from an ISO date with or without a time, or from a date as people write it:
 * `May 15, 1990`, and `5/15/1990` where `dateOrder` says which part is the day. Undefined for any other text, a day that
 * does not exist, and one of before 1800.
 */
export function readBirthday(text: string, dateOrder: DateOrder | undefined): string | undefined {
  const match =
    /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ].*)?$/.exec(text) ?? /^(\d{4})()(\d{2})(\d{2})$/.exec(text);
  const [, year = 0, , month = 0, day = 0] = match?.map(Number) ?? [];
  const ms = match === null ? readWritten(text, dateOrder)?.wall : utcOf([year, month, day], 0);
  const date = new Date(ms ?? Number.NaN);
  return date.getUTCFullYear() >= EARLIEST_YEAR
    ? date.toISOString().slice(0, 10).replaceAll('-', '')
    : undefined;
}
