import type { DateOrder } from '../config/config.js';
import { readWritten } from './timestamp.js';

const EARLIEST_YEAR = 1800;

/**
 * `YYYYMMDD`, as Rokt takes it, from that, from an ISO date with or without a time, or from a date as people write it:
 * `May 15, 1990`, and `5/15/1990` where `dateOrder` says which part is the day. Undefined for any other text, a day that
 * does not exist, and one of before 1800.
 */
export function readBirthday(text: string, dateOrder: DateOrder | undefined): string | undefined {
  const match =
    /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ].*)?$/.exec(text) ?? /^(\d{4})()(\d{2})(\d{2})$/.exec(text);
  if (match === null) {
    const written = readWritten(text, dateOrder);
    return written && toDay(new Date(written.wall));
  }
  const [, year, , month, day] = match.map(Number);
  const date = new Date(Date.UTC(year ?? 0, (month ?? 0) - 1, day));
  const exists = date.getUTCMonth() + 1 === month && date.getUTCDate() === day;
  return exists ? toDay(date) : undefined;
}

function toDay(date: Date): string | undefined {
  return date.getUTCFullYear() < EARLIEST_YEAR
    ? undefined
    : date.toISOString().slice(0, 10).replaceAll('-', '');
}
