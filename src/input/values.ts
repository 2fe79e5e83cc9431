import type { JsonValue } from '../interfaces.js';

const PLAIN = /^[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:e[+-]?\d+)?$/i;
/** 1,234.50 and 1,234,567: commas between thousands, certain by the point or by a second comma. */
const COMMA_THOUSANDS = /^[+-]?\d{1,3}(?:(?:,\d{3})+\.\d+|(?:,\d{3}){2,})$/;
/** 1.234,50 and 1.234.567: the same the other way round. */
const POINT_THOUSANDS = /^[+-]?\d{1,3}(?:(?:\.\d{3})+,\d+|(?:\.\d{3}){2,})$/;
/** € 1.234, where people wrote it: 1234 in Berlin. A program writes no sign to 1.234. */
const POINT_AND_THREE = /^[+-]?[1-9]\d{0,2}\.\d{3}$/;
/** ISO 4217: these have a thousandth part. */
const THREE_DECIMALS = /BHD|IQD|JOD|KWD|LYD|OMR|TND/i;
/** 1 234,50 and 1 234.50. */
const SPACE_THOUSANDS = /^[+-]?\d{1,3}(?:[ \u00a0\u202f']\d{3})+(?:[.,]\d+)?$/;
/** 12,5: a decimal comma, certain because no three digits follow. */
const DECIMAL_COMMA = /^[+-]?\d+,(?:\d{1,2}|\d{4,})$/;
/** $, R$, US$, kr, EUR, and three letters that are no currency: of `10 pcs`, 10 is no amount. */
const CURRENCY = (() => {
  const sign = String.raw`[A-Z]{0,2}\p{Sc}|kr\.?|zł|Kč|Ft|RM|Rs\.?`;
  return new RegExp(`^(?:${sign}|([A-Za-z]{3}))|(?:${sign}|([A-Za-z]{3}))$`, 'gu');
})();
/** Names that are no codes but usual, and codes that this Node may not know yet. */
const MORE_CURRENCIES = ['CNH', 'NTD', 'RMB', 'YEN', 'LEI', 'DIN', 'VED', 'SLE', 'XCG', 'ZWG', 'BTC', 'ETH'];
const CURRENCIES: ReadonlySet<string> = new Set([...Intl.supportedValuesOf('currency'), ...MORE_CURRENCIES]);

/**
 * Reads an amount as people and shops write it: `99.99`, `1,234.50`, `1.234,50`, `1 234,50`, `12,50`, `$5`, `5 EUR`.
 *
 * @returns undefined for what is no number, or could be two: `1,234`, `€1.234`.
 */
export function parseAmount(text: string): number | undefined {
  const trimmed = text.trim();
  if (PLAIN.test(trimmed)) return finite(trimmed);
  const sign = /^-/.test(trimmed) ? '-' : '';
  const bare = sign + trimmed.slice(sign.length).replaceAll(CURRENCY, withoutCode).trim();
  if (PLAIN.test(bare)) {
    return POINT_AND_THREE.test(bare) && !THREE_DECIMALS.test(trimmed) ? undefined : finite(bare);
  }
  if (COMMA_THOUSANDS.test(bare)) return finite(bare.replaceAll(',', ''));
  if (POINT_THOUSANDS.test(bare)) return finite(bare.replaceAll('.', '').replace(',', '.'));
  if (SPACE_THOUSANDS.test(bare)) return finite(bare.replaceAll(/[ \u00a0\u202f']/g, '').replace(',', '.'));
  if (DECIMAL_COMMA.test(bare)) return finite(bare.replace(',', '.'));
  return undefined;
}

function withoutCode(match: string, before: string | undefined, behind: string | undefined): string {
  const code = before ?? behind;
  return code === undefined || CURRENCIES.has(code.toUpperCase()) ? '' : match;
}

const BOOLEAN = /^(?:(true)|false)$/i;
const [UPPER_F, LOWER_F, UPPER_T, LOWER_T] = [0x46, 0x66, 0x54, 0x74];

/** `true` or `false` for these words in any case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = trimmed(text);
  const first = word.charCodeAt(0);
  // Nearly every cell is asked, and hardly one begins so.
  if (first !== UPPER_F && first !== LOWER_F && first !== UPPER_T && first !== LOWER_T) return undefined;
  const match = BOOLEAN.exec(word);
  return match === null ? undefined : match[1] !== undefined;
}

/** The value as a boolean; of a text, {@link parseBoolean}. */
export function asBoolean(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? parseBoolean(value) : undefined;
}

const [UPPER_N, LOWER_N, BACKSLASH] = [0x4e, 0x6e, 0x5c];

/** Whether there is nothing in a text but white space. */
export function isBlank(text: string): boolean {
  return text === '' || (!isPlain(text.charCodeAt(0)) && text.trim() === '');
}

/**
 * Whether a cell stands for nothing: it is blank, or what databases write for SQL's NULL. `Null` is a name that people
 * have.
 */
export function isEmptyCell(text: string): boolean {
  const first = text.charCodeAt(0);
  // Nearly every cell begins with what none of them does.
  if (isPlain(first) && first !== UPPER_N && first !== LOWER_N && first !== BACKSLASH) return false;
  const word = trimmed(text);
  return word === '' || word === 'NULL' || word === 'null' || word === '\\N';
}

/** The text without white space around it: `trim`, which takes a while to find that there is none. */
export function trimmed(text: string): string {
  const { length } = text;
  return length > 0 && isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(length - 1))
    ? text
    : text.trim();
}

/** Printable ASCII but the blank: certainly no white space. */
function isPlain(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}

function finite(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
