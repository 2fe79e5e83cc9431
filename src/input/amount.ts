import { CURRENCY_CODES } from '../currencies.js';

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
/** Names that are no codes but usual. */
const MORE_CURRENCIES = ['CNH', 'NTD', 'RMB', 'YEN', 'LEI', 'DIN', 'BTC', 'ETH'];
const CURRENCIES: ReadonlySet<string> = new Set([...CURRENCY_CODES, ...MORE_CURRENCIES]);

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

function finite(text: string): number | undefined {
  const number = Number(text);
  return Number.isFinite(number) ? number : undefined;
}
