import { isBlank, isNoId, trimmed } from '../input/values.js';
import type { JsonObject, JsonValue, Problem } from '../interfaces.js';
import { isJsonList, isJsonObject } from '../json.js';
import { Rejection } from '../mapping/errors.js';

/** More attributes than the `limit` of `field`. */
export function tooManyAttributes(field: string, limit: number): Rejection {
  return new Rejection({
    code: 'TOO_MANY_ATTRIBUTES',
    message: `There are more than ${limit} attributes, so the server would drop some; map fewer.`,
    field,
  });
}

/** The value as an object, or an empty one where it is none. */
export function asObject(value: JsonValue | undefined): JsonObject {
  return isJsonObject(value) ? value : {};
}

/** What is in a list of one, as Segment takes it where one value is expected; anything else as it is. */
export function single(value: JsonValue | undefined): JsonValue | undefined {
  return isJsonList(value) && value.length === 1 ? value[0] : value;
}

/** The {@link single} value as trimmed text: strings and numbers. Undefined for a blank one and for anything else. */
export function asText(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  if (typeof value === 'object') {
    const inner = single(value);
    return inner === value ? undefined : asText(inner);
  }
  if (typeof value !== 'string') return undefined;
  const text = trimmed(value);
  return text === '' ? undefined : text;
}

/** {@link asText}, with a warning where the value is none: an object, a list, or a boolean. */
export function textOf(value: JsonValue | undefined, field: string, warnings: Problem[]): string | undefined {
  const text = asText(value);
  if (text === undefined && value !== undefined && isNoText(single(value))) {
    warnings.push({
      code: 'FIELD_NOT_TEXT',
      message: 'The value is an object, a list, or true or false, where text is expected; it is left out.',
      field,
    });
  }
  return text;
}

function isNoText(value: JsonValue | undefined): boolean {
  return typeof value === 'boolean' || (typeof value === 'object' && value !== null);
}

/** Whether a value says nothing: there is none, or it is blank. */
export function isNothing(value: JsonValue | undefined): boolean {
  return value === undefined || value === null || (typeof value === 'string' && isBlank(value));
}

const PLUS = 0x2b;
/** As Excel saves a long number in a narrow column, and C and Python print it: the last digits are lost. */
const ROUNDED = /^\d(?:[.,]\d+)?E\+\d{2,3}$/i;

/** Whether a spreadsheet has rounded it (`5.81235E+12`): then others have the same text. */
export function isRounded(text: string): boolean {
  const { length } = text;
  // Hardly an id has a plus there, and it is looked for in all of them.
  if (text.charCodeAt(length - 3) !== PLUS && text.charCodeAt(length - 4) !== PLUS) return false;
  return ROUNDED.test(text);
}

/**
 * {@link textOf}, for what identifies one among others: a number that {@link isRounded}, and what {@link isNoId}, is left
 * out with a warning.
 */
export function idTextOf(
  value: JsonValue | undefined,
  field: string,
  warnings: Problem[],
): string | undefined {
  const text = textOf(value, field, warnings);
  if (text === undefined) return undefined;
  if (isRounded(text)) {
    warnings.push({
      code: 'NUMBER_ROUNDED',
      message:
        'A spreadsheet has rounded the number (5.81235E+12), so that others have the same one; it is left out.',
      field,
    });
    return undefined;
  }
  if (isNoId(text)) {
    warnings.push({
      code: 'ID_UNUSABLE',
      message:
        'The id is what is written for none (N/A, None, guest, -), which others have too; it is left out.',
      field,
    });
    return undefined;
  }
  return text;
}
