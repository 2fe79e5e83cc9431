import type { DateOrder } from '../config/config.js';
import { hourOf } from '../input/hour.js';

/** A point in time as it was written. */
export interface ReadTimestamp {
  /** Unix time in ms. */
  readonly ms: number;
  /** Whether the text named a zone; if not, it was read in the one that was given. */
  readonly zoned: boolean;
  /** Whether it is midnight on the clock that it was written by: most likely a date without a time. */
  readonly atMidnight: boolean;
}

const ISO =
  /^(\d{4})([-/])(\d{1,2})\2(\d{1,2})(?:[T ](\d{1,2}):(\d{2})(?::(\d{2})(?:[.,](\d+))?)?)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;
/** ISO 8601 without separators, from 1900 to 2099: hardly another number of eight digits is a day of these. */
const BASIC_DAY = /^((?:19|20)\d{2})(\d{2})(\d{2})(?=[T ]|$)/i;
const BASIC_CLOCK = /T(\d{2})(\d{2})(\d{2})?(?=[.,Z+\s-]|$)/i;
const DIGITS = /^\d+$/;
/**
 * Unix seconds or milliseconds with a fraction, as pandas writes a column with gaps (1793520001123.0), and as Java writes
 * a double and BigQuery's API a time: 1.793520001123E9. As a spreadsheet rounds it, 1.79352E+09, it is none.
 */
const FRACTION = /^(?:\d{9,10}\.\d+|\d{13}\.\d+|\d\.\d+E(?:9|12))$/;
/** Seconds have nine or ten digits, from 1973 to 2286. */
const [MIN_SECONDS, MAX_SECONDS] = [1e8, 1e10];
/** Milliseconds have thirteen, from 2001 to 2286: with fewer or more, 202605011000 would be one. */
const [MIN_MS, MAX_MS] = [1e12, 1e13];

const DAY_MS = 86_400_000;

/** Reads a timestamp; undefined where the value cannot be read. */
export type TimestampReader = (value: string | number) => ReadTimestamp | undefined;

/** `2026-11-01T10:00:00Z` for `20261101T100000Z`; any other text as it is. */
function withSeparators(text: string): string {
  if (!BASIC_DAY.test(text)) return text;
  return text
    .replace(BASIC_DAY, '$1-$2-$3')
    .replace(BASIC_CLOCK, (_, hour: string, minute: string, second = '00') => `T${hour}:${minute}:${second}`);
}

/**
 * A reader of ISO 8601 (also with a space for the T, ` +0200` or ` UTC` behind, slashes, and without leading zeros); of
 * Unix seconds and milliseconds; of dates as people write them, `May 1, 2026, 10:00:00 AM`, and as e-mails have them.
 * `01/02/2026` is one day in Boston and another in Berlin: it is read only where `dateOrder` says which.
 *
 * @param timezone IANA zone for texts that name none.
 */
export function createTimestampReader(timezone: string, dateOrder?: DateOrder): TimestampReader {
  const toUtc = timezone === 'UTC' ? (wall: number) => wall : createZone(timezone);
  const at = (wall: number, zone: string | undefined): ReadTimestamp | undefined => {
    const atMidnight = wall % DAY_MS === 0;
    if (zone === undefined) return { ms: toUtc(wall), zoned: false, atMidnight };
    const offset = offsetMinutes(zone);
    return offset === undefined ? undefined : { ms: wall - offset * 60_000, zoned: true, atMidnight };
  };
  return (value) => {
    const written = String(value).trim();
    const usual = readUsual(written);
    if (usual !== undefined) return { ms: usual, zoned: true, atMidnight: usual % DAY_MS === 0 };
    const text = withSeparators(written);
    if (DIGITS.test(text) || FRACTION.test(text)) return readNumber(Number(text));
    const match = ISO.exec(text);
    if (match === null) {
      const read = readWritten(text, dateOrder);
      return read === undefined ? undefined : at(read.wall, read.zone);
    }
    const [, year, , month, day, hour = '0', minute = '0', second = '0', fraction = '', zone] = match;
    const parts = [year, month, day, hour, minute, second].map(Number);
    const utc = utcOf(parts, Number(fraction.slice(0, 3).padEnd(3, '0')));
    return utc === undefined ? undefined : at(utc, zone);
  };
}

/** `2026-05-01T10:00:00Z`, with milliseconds or without, which is how most are written: ten times as quickly. */
function readUsual(text: string): number | undefined {
  const { length } = text;
  if (text[length - 1] !== 'Z' || text[10] !== 'T' || (length !== 20 && length !== 24)) return undefined;
  if (text[4] !== '-' || text[7] !== '-' || text[13] !== ':' || text[16] !== ':') return undefined;
  if (length === 24 && text[19] !== '.') return undefined;
  const [year, month, day] = [digits(text, 0, 4), digits(text, 5, 7), digits(text, 8, 10)];
  const [hour, minute, second] = [digits(text, 11, 13), digits(text, 14, 16), digits(text, 17, 19)];
  const ms = length === 24 ? digits(text, 20, 23) : 0;
  // What is past the 28th may not exist, and what has no digits here may still be read.
  if (!(year > 99 && month >= 1 && month <= 12 && day >= 1 && day <= 28)) return undefined;
  if (!(hour <= 23 && minute <= 59 && second <= 59 && ms <= 999)) return undefined;
  return Date.UTC(year, month - 1, day, hour, minute, second, ms);
}

/** NaN where something else is there. */
function digits(text: string, from: number, to: number): number {
  let number = 0;
  for (let at = from; at < to; at += 1) {
    const digit = text.charCodeAt(at) - 48;
    if (digit < 0 || digit > 9) return Number.NaN;
    number = number * 10 + digit;
  }
  return number;
}

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const CLOCK = String.raw`(?:,? (?:at )?(\d{1,2}):(\d{2})(?::(\d{2}))?(?:\s?([AP])\.?M\.?)?)?`;
/** With a clock only; JavaScript writes `GMT+0100 (Central European Standard Time)`. */
const ZONE = String.raw`(?:(?<=:.*)\s?(Z|UTC|GMT|(?:UTC|GMT)?[+-]\d{2}:?\d{2})(?: \([^()]*\))?)?`;
const WEEKDAY = /^(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6},? /i;
/** 1/2/2026, 01.02.2026 and 1-2-2026, with a time or without. */
const NUMBERS = new RegExp(`^(\\d{1,2})([/.-])(\\d{1,2})\\2(\\d{4})${CLOCK}${ZONE}$`, 'i');
/** May 1, 2026, with a time or without. */
const MONTH_FIRST = new RegExp(`^([A-Z]{3})[A-Z]*\\.? (\\d{1,2}),? (\\d{4})${CLOCK}${ZONE}$`, 'i');
/** 1 May 2026 and 1-May-2026, with a time or without. */
const DAY_FIRST = new RegExp(`^(\\d{1,2})\\.?[ -]([A-Z]{3})[A-Z]*\\.?,?[ -](\\d{4})${CLOCK}${ZONE}$`, 'i');

/**
 * A date as people write it, `May 1, 2026` or, where there is a `dateOrder`, `5/1/2026`: in ms as if it were UTC, and its
 * zone. Undefined for any other text, and for what does not exist.
 */
export function readWritten(
  written: string,
  dateOrder: DateOrder | undefined,
): { readonly wall: number; readonly zone: string | undefined } | undefined {
  const text = written.replace(WEEKDAY, '');
  const numbers = dateOrder === undefined ? null : NUMBERS.exec(text);
  if (numbers !== null) {
    const [, first, , second, year, hour, minute, clockSecond, half, zone] = numbers;
    const [day, month] = dateOrder === 'dmy' ? [first, second] : [second, first];
    return wallClock(year, Number(month), day, [hour, minute, clockSecond, half], zone);
  }
  const monthFirst = MONTH_FIRST.exec(text);
  if (monthFirst !== null) {
    const [, month = '', day, year, hour, minute, second, half, zone] = monthFirst;
    return wallClock(year, monthOf(month), day, [hour, minute, second, half], zone);
  }
  const [, day, month = '', year, hour, minute, second, half, zone] = DAY_FIRST.exec(text) ?? [];
  return day === undefined
    ? undefined
    : wallClock(year, monthOf(month), day, [hour, minute, second, half], zone);
}

function monthOf(name: string): number {
  return MONTHS.indexOf(name.toLowerCase()) + 1;
}

/** @param clock hours, minutes, seconds, and A or P where they count to 12. */
function wallClock(
  year: string | undefined,
  month: number,
  day: string | undefined,
  clock: readonly (string | undefined)[],
  zone: string | undefined,
): { readonly wall: number; readonly zone: string | undefined } | undefined {
  const [shown = '0', minute = '0', second = '0', half] = clock;
  const hour = hourOf(shown, half);
  if (hour === undefined) return undefined;
  const wall = utcOf([Number(year), month, Number(day), hour, Number(minute), Number(second)], 0);
  return wall === undefined ? undefined : { wall, zone };
}

function readNumber(number: number): ReadTimestamp | undefined {
  const isSeconds = number >= MIN_SECONDS && number < MAX_SECONDS;
  if (!isSeconds && !(number >= MIN_MS && number < MAX_MS)) return undefined;
  const ms = Math.trunc(isSeconds ? number * 1000 : number);
  return { ms, zoned: true, atMidnight: ms % DAY_MS === 0 };
}

/**
 * The Unix ms of a year, month (from 1), day, hour, minute and second of UTC; undefined for a day or time that does not
 * exist: 30 February, 24:00.
 */
export function utcOf(parts: readonly number[], ms: number): number | undefined {
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0] = parts;
  if (year < 1 || month < 1 || month > 12 || hour > 23 || minute > 59 || second > 59) return undefined;
  const utc = Date.UTC(year, month - 1, day, hour, minute, second, ms);
  const back = new Date(utc);
  return day >= 1 && back.getUTCDate() === day && back.getUTCFullYear() === year ? utc : undefined;
}

function offsetMinutes(named: string): number | undefined {
  const zone = named.replace(/^[a-z]+/i, '');
  if (zone === '') return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(':', '') || '0');
  if (hours > 14 || minutes > 59) return undefined;
  return (zone.startsWith('-') ? -1 : 1) * (hours * 60 + minutes);
}

/**
 * A function from what a clock on the wall of `timezone` shows to UTC: in an hour that comes twice, the first one; in one
 * that is left out, as if the clock had not been moved yet.
 */
function createZone(timezone: string): (wall: number) => number {
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: timezone,
    hourCycle: 'h23',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
  });
  const offsetAt = (at: number): number => {
    const part = Object.fromEntries(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
    return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(at / 1000) * 1000;
  };
  return (wall) => {
    // No zone is further from UTC than that, and none changes twice in so short a time.
    const [before, after] = [offsetAt(wall - DAY_MS), offsetAt(wall + DAY_MS)];
    const times = [wall - before, wall - after].filter((at) => offsetAt(at) === wall - at);
    return times.length > 0 ? Math.min(...times) : wall - before;
  };
}
