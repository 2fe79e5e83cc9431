import { createRequire } from 'node:module';
import type { JsonValue } from '../interfaces.js';

const require = createRequire(import.meta.url);

/** So many digits in a row may be an integer beyond 2^53, which `JSON.parse` would round. */
const LONG_NUMBER_DIGITS = 16;

/** A record nested deeper than this is not read: walking it would use up the stack. */
const MAX_DEPTH = 200;
/** The fewest characters of an object, or of a list, that has another one in it. */
const [OBJECT_LENGTH, LIST_LENGTH] = ['{"":}'.length, '[]'.length];

/** What can stand before an integer. */
const BEFORE_NUMBER = new Set(Array.from(':,[- \t\r\n', (char) => char.charCodeAt(0)));

/**
 * Parses JSON. An integer that a number cannot hold exactly becomes text, digit for digit: it is an id. Of a key that
 * stands twice in an object, the last one counts.
 *
 * @returns undefined where the text is no JSON, or {@link nestsTooDeep}.
 */
export function parseJson(text: string): JsonValue | undefined {
  if (nestsTooDeep(text)) return undefined;
  try {
    if (!hasLongNumber(text)) return JSON.parse(text);
    // Loaded only here: most files have no such number, and it takes 15 ms to load.
    const { isSafeNumber, parse }: typeof import('lossless-json') = require('lossless-json');
    const value: unknown = parse(text, null, {
      parseNumber: (digits) => (/^-?\d+$/.test(digits) && !isSafeNumber(digits) ? digits : Number(digits)),
      onDuplicateKey: ({ newValue }) => newValue,
    });
    return isParsed(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Whether there are sixteen digits in a row where a number may begin: of any such run, one stands at a multiple of
 * sixteen.
 */
export function hasLongNumber(text: string): boolean {
  for (let at = LONG_NUMBER_DIGITS - 1; at < text.length; at += LONG_NUMBER_DIGITS) {
    if (!isDigit(text, at)) continue;
    let [start, end] = [at, at + 1];
    while (isDigit(text, start - 1)) start -= 1;
    while (isDigit(text, end)) end += 1;
    if (end - start >= LONG_NUMBER_DIGITS && (start === 0 || BEFORE_NUMBER.has(text.charCodeAt(start - 1)))) {
      return true;
    }
    // Of one run the same would be found at each of its multiples of sixteen, each time by way of all its digits.
    at = end - (end % LONG_NUMBER_DIGITS) - 1;
  }
  return false;
}

function isDigit(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code >= 0x30 && code <= 0x39;
}

/** Whether lists and objects stand in each other more than 200 deep. */
export function nestsTooDeep(text: string): boolean {
  const lists = countUpTo(text, '[', MAX_DEPTH);
  if (lists * LIST_LENGTH + (MAX_DEPTH - lists) * OBJECT_LENGTH > text.length) return false;
  if (lists + countUpTo(text, '{', MAX_DEPTH) <= MAX_DEPTH) return false;
  let depth = 0;
  let inString = false;
  for (let at = 0; at < text.length; at += 1) {
    const char = text[at];
    if (inString) {
      if (char === '\\') at += 1;
      else if (char === '"') inString = false;
    } else if (char === '"') inString = true;
    else if (char === '{' || char === '[') depth += 1;
    else if (char === '}' || char === ']') depth -= 1;
    if (depth > MAX_DEPTH) return true;
  }
  return false;
}

/** How often `char` is in the text, or one more than `most`. */
function countUpTo(text: string, char: string, most: number): number {
  let count = 0;
  for (let at = text.indexOf(char); at !== -1 && count <= most; at = text.indexOf(char, at + 1)) count += 1;
  return count;
}

/** lossless-json types its result as unknown; what it gives is JSON. */
function isParsed(value: unknown): value is JsonValue {
  return value !== undefined;
}
