import type { JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { parseAmount } from './amount.js';
import { parseJson } from './json-text.js';
import { isObjectPlace, isTimestampPlace, type Place } from './places.js';
import { isEmptyCell, parseBoolean, trimmed } from './values.js';

/** What a value becomes at its place; undefined where it cannot stand there. */
export type Converter = (value: JsonValue) => JsonValue | undefined;

const NUMBERS = new Set(
  ['revenue', 'total', 'value', 'price', 'subtotal', 'tax', 'shipping', 'discount', 'quantity'].map(
    (name) => `properties.${name}`,
  ),
);
/** What is text even where it is all digits, and where what marks it as text for Excel is taken off: '007 and ="007". */
const TEXTS = new Set([
  'userId',
  'messageId',
  'properties.order_id',
  'properties.phone',
  'properties.address.postal_code',
]);
/** Those of them that never have a point: as `4.0` and `1.2345678E7` programs write a column of numbers with gaps. */
const WHOLE = new Set(['userId', 'properties.phone', 'properties.address.postal_code']);
/** What people and audiences are called; some are called True. */
const NAMES = new Set(
  ['properties', 'traits'].flatMap((root) =>
    ['first_name', 'last_name', 'audience_name'].map((name) => `${root}.${name}`),
  ),
);
/** The types of call that Segment has. */
export const SEGMENT_TYPES: ReadonlySet<string> = new Set([
  'track',
  'identify',
  'page',
  'screen',
  'group',
  'alias',
]);

/** What makes of a column's values what they are at a place. */
export function converterOf(place: Place, column: string): Converter {
  if (isObjectPlace(place)) return toObject;
  if (isTimestampPlace(place) && UTC_COLUMN.test(column)) return toUtc;
  const name = place.join('.');
  if (name === 'type') return toType;
  if (WHOLE.has(name)) return toWhole;
  // By what stands in them events were known before formulas were read.
  if (name === 'messageId') return ofId(withoutApostrophe);
  if (TEXTS.has(name)) return toText;
  if (NUMBERS.has(name)) return ofText((text) => parseAmount(text) ?? text);
  if (NAMES.has(name)) return (value) => value;
  if (place[0] === 'properties' || place[0] === 'traits') return ofText((text) => parseBoolean(text) ?? text);
  return (value) => value;
}

/** Whether that makes something of every text that stands for something. */
export function takesAnyText(place: Place): boolean {
  return !isObjectPlace(place) && place.join('.') !== 'type';
}

/** What tells which of a column's values stand for nothing at a place. */
export function noneTestOf(place: Place, column: string): (value: JsonValue) => boolean {
  return place.join('.') === 'userId' && !/^user_?id$/i.test(column) ? isNobody : isNothing;
}

function isNothing(value: JsonValue): boolean {
  return typeof value === 'string' && isEmptyCell(value);
}

/** Shops give every guest the customer id 0, who would all be one person; a Segment user id is what it is. */
function isNobody(value: JsonValue): boolean {
  return (
    value === 0 || (typeof value === 'string' && (isEmptyCell(value) || /^\s*0(?:\.0)?\s*$/.test(value)))
  );
}

function ofText(convert: (text: string) => JsonValue): Converter {
  return (value) => (typeof value === 'string' ? convert(value) : value);
}

/** `Created date (UTC)`, as Stripe names it, says the zone of its times. */
const UTC_COLUMN = /\(UTC\)$/i;
/** It ends with a clock, however the day is written. */
const TIME_WITHOUT_ZONE =
  /(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:\s?[AP]M)?|^\s*\d{8}T\d{4}(?:\d{2}(?:\.\d+)?)?)\s*$/i;
/** A day alone, however it is written, is one of UTC there. */
const DAY = /^\s*(?:(?:[a-z]{3,9},? )?\w{1,9}\.?[-/. ]\w{1,9}\.?,?[-/. ]\d{1,4}|\d{8})\s*$/i;
const toUtc = ofText((text) => {
  if (TIME_WITHOUT_ZONE.test(text)) return `${trimmed(text)} UTC`;
  return DAY.test(text) ? `${trimmed(text)} 00:00 UTC` : text;
});

/** A converter for ids, which in JSON may be numbers. */
function ofId(read: (text: string) => string): (value: JsonValue) => JsonValue {
  return (value) => {
    if (typeof value === 'number') return String(value);
    return typeof value === 'string' ? read(trimmed(value)) : value;
  };
}

function withoutApostrophe(text: string): string {
  return text.startsWith("'") ? text.slice(1) : text;
}

/** An id without what marks it as text for Excel: a leading apostrophe, or a formula that gives a text (`="007"`). */
export function withoutMark(text: string): string {
  return text.startsWith('="') && text.length > 3 && text.endsWith('"')
    ? text.slice(2, -1)
    : withoutApostrophe(text);
}

const toText = ofId(withoutMark);
const toWhole = ofId((text) => withoutExponent(withoutMark(text)));

const POINT = 0x2e;
const WHOLE_NUMBER = /^\d+\.0$/;
/** As Java and Spark write a number from ten million on: no digit is lost. A spreadsheet's `1.23E+7` is rounded. */
const JAVA_DOUBLE = /^(\d)\.(\d+)E(\d\d?)$/;

function withoutExponent(text: string): string {
  if (text.endsWith('.0') && WHOLE_NUMBER.test(text)) return text.slice(0, -2);
  // Hardly an id has a point there.
  const parts = text.charCodeAt(1) === POINT ? JAVA_DOUBLE.exec(text) : null;
  if (parts === null) return text;
  const [, first = '', rest = '', exponent] = parts;
  if (rest.length > Number(exponent)) return text;
  return first + (rest === '0' ? '' : rest).padEnd(Number(exponent), '0');
}

/** A shop's column `type` (`sale`) is no type of call. */
function toType(value: JsonValue): JsonValue | undefined {
  const type = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return SEGMENT_TYPES.has(type) ? type : undefined;
}

function toObject(value: JsonValue): JsonValue | undefined {
  const object = typeof value === 'string' ? parseJson(value) : value;
  return isJsonObject(object) ? object : undefined;
}
