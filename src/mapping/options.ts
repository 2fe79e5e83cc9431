import type { JsonObject, JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { didYouMean } from '../nearest.js';
import { MappingError, type MappingPath } from './errors.js';

/**
 * The options of a directive.
 *
 * @throws MappingError where it is no object, or has an option that is not `known`.
 */
export function objectOf(options: JsonValue, at: MappingPath, known: readonly string[]): JsonObject {
  if (!isJsonObject(options)) {
    throw invalid('The directive has no options.', `It takes an object with: ${known.join(', ')}.`, at);
  }
  for (const key of Object.keys(options)) {
    if (known.includes(key)) continue;
    const hint = didYouMean(key, known, `It takes: ${known.join(', ')}.`);
    throw invalid(`"${key}" is not an option of this directive.`, hint, [...at, key], 'key');
  }
  return options;
}

/**
 * One of a few words.
 *
 * @throws MappingError where it is none of them.
 */
export function choiceOf<Choice extends string>(
  value: JsonValue | undefined,
  choices: readonly Choice[],
  at: MappingPath,
): Choice {
  const found = choices.find((choice) => choice === value);
  if (found !== undefined) return found;
  throw invalid(`${String(at.at(-1))} is not one of its valid values.`, `Write ${choices.join(' or ')}.`, at);
}

/**
 * A text.
 *
 * @throws MappingError where it is none.
 */
export function textOf(value: JsonValue, at: MappingPath): string {
  if (typeof value === 'string') return value;
  throw invalid('The value is not text.', 'Write it in quotes.', at);
}

/**
 * A switch; `otherwise` where it is not given.
 *
 * @throws MappingError where it is neither true nor false: `"true"` would be off.
 */
export function switchOf(value: JsonValue | undefined, otherwise: boolean, at: MappingPath): boolean {
  if (value === undefined || value === null) return otherwise;
  if (typeof value === 'boolean') return value;
  throw invalid('The value is neither true nor false.', 'Write true or false, without quotes.', at);
}

/** An error for an option that cannot work. */
export function invalid(
  message: string,
  hint: string,
  at: MappingPath,
  part?: MappingError['part'],
): MappingError {
  return new MappingError('MAPPING_INVALID_OPTION', message, hint, at, part);
}
