import type { JsonValue } from '../interfaces.js';
import { uuidV5 } from '../uuid.js';

/** The namespace of the ids that this project derives. */
const NAMESPACE = '9b1c57e04f0e4a6db1f4c8a2d35e7f90';

/**
 * The id of a record that has none: a UUIDv5 (RFC 9562) of its content. The order of its columns or keys, blank ones,
 * blanks around values, and how lines end do not count, so that the same row has the same id in every export and in every run.
 *
 * @param content names and values, as read.
 */
export function deriveMessageId(content: Iterable<readonly [string, JsonValue | undefined]>): string {
  const pairs: [string, string][] = [];
  for (const [name, value] of content) {
    const text = canonical(value);
    if (text !== '') pairs.push([name, text]);
  }
  pairs.sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
  return uuidV5(NAMESPACE, JSON.stringify(pairs));
}

function canonical(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value).trim().replaceAll(/\r\n?/g, '\n');
  if (Array.isArray(value))
    return `[${value.map((item: JsonValue) => JSON.stringify(canonical(item))).join(',')}]`;
  const parts = Object.entries(value).flatMap(([key, inner]: [string, JsonValue | undefined]) => {
    const text = canonical(inner);
    return text === '' ? [] : [`${JSON.stringify(key)}:${JSON.stringify(text)}`];
  });
  return parts.length === 0 ? '' : `{${parts.sort().join(',')}}`;
}
