import { isSafeNumber, parse } from 'lossless-json';
import type { JsonValue } from '../interfaces.js';

/** Sixteen digits in a row may be an integer beyond 2^53, which `JSON.parse` would round. */
const LONG_NUMBER = /\d{16}/;

/**
 * Parses JSON. An integer that a number cannot hold exactly becomes text, digit for digit: it is an id.
 *
 * @returns undefined where the text is no JSON.
 */
export function parseJson(text: string): JsonValue | undefined {
  try {
    if (!LONG_NUMBER.test(text)) return JSON.parse(text);
    return toJson(
      parse(text, null, (digits) =>
        /^-?\d+$/.test(digits) && !isSafeNumber(digits) ? digits : Number(digits),
      ),
    );
  } catch {
    return undefined;
  }
}

/** lossless-json types its result as unknown; what it gives is JSON. */
function toJson(value: unknown): JsonValue | undefined {
  return isJson(value) ? value : undefined;
}

function isJson(value: unknown): value is JsonValue {
  return value !== undefined;
}
