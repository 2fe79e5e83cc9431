import { basename } from 'node:path';

/**
 * The key of an audience: its name in snake_case (contract.md, section 6).
 *
 * @returns an empty text where the name has neither letters nor digits.
 */
export function audienceKey(name: string): string {
  return name
    .trim()
    .replaceAll(/([\p{Ll}\p{N}])(\p{Lu})/gu, '$1_$2')
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}]+/gu, '_')
    .replaceAll(/^_+|_+$/g, '');
}

/** The name of an audience by that of its file: `Premium Users.csv.gz` is `Premium Users`. */
export function nameOfFile(file: string): string {
  return basename(file).replace(/(?:\.(?:csv|tsv|txt|json|ndjson|jsonl|gz|zst))+$/i, '');
}

const DAY = '(?:0[1-9]|[12]\\d|3[01])';
const MONTH = '(?:0[1-9]|1[0-2])';
const YEAR = '(?:20\\d\\d)';
/** 2026-11-28, 20261128, 20261128031500, 28.11.2026, 11-28-2026. */
const DATE = new RegExp(
  [
    `(?<!\\d)${YEAR}([-_. ]?)${MONTH}\\1${DAY}(?:\\d{4}|\\d{6})?(?!\\d)`,
    `(?<!\\d)${DAY}([-_. ])${MONTH}\\2${YEAR}(?!\\d)`,
    `(?<!\\d)${MONTH}([-_. ])${DAY}\\3${YEAR}(?!\\d)`,
  ].join('|'),
);

/** Whether a name has a day in it, as exports of each night have in the names of their files. */
export function hasDate(name: string): boolean {
  return DATE.test(name);
}
