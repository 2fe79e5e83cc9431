import type { JsonValue } from '../interfaces.js';
import { createUuidV5 } from '../uuid.js';

/** The namespace of the ids that this project derives. */
const NAMESPACE = '9b1c57e04f0e4a6db1f4c8a2d35e7f90';

/** Makes the id of a record that has none of its values, in the order of the names that it was made for. */
export type IdMaker = (values: readonly (JsonValue | undefined)[]) => string;

/**
 * Makes ids of the content of records: a UUIDv5 (RFC 9562). The order of columns or keys, blank ones, blanks around
 * values, and how lines end do not count, so that the same row has the same id in every export and in every run.
 *
 * @param names columns or keys, as read.
 */
export function createIdMaker(names: readonly string[]): IdMaker {
  const inOrder = names
    .map((name, index) => ({ name, index, prefix: `${name.length}:${name}` }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index));
  const uuid = createUuidV5(NAMESPACE);
  return (values) => {
    let content = '';
    for (const { index, prefix } of inOrder) {
      const text = canonical(values[index]);
      // With its length before it, nothing in a text can be taken for what comes after it.
      if (text !== '') content += `${prefix}${text.length}:${text}`;
    }
    return uuid(content);
  };
}

function canonical(value: JsonValue | undefined): string {
  if (typeof value === 'string') {
    const trimmed = value.trim();
    return trimmed.includes('\r') ? trimmed.replaceAll(/\r\n?/g, '\n') : trimmed;
  }
  if (value === undefined || value === null) return '';
  if (typeof value !== 'object') return String(value);
  if (Array.isArray(value))
    return `[${value.map((item: JsonValue) => JSON.stringify(canonical(item))).join(',')}]`;
  const parts = Object.entries(value).flatMap(([key, inner]: [string, JsonValue | undefined]) => {
    const text = canonical(inner);
    return text === '' ? [] : [`${JSON.stringify(key)}:${JSON.stringify(text)}`];
  });
  return parts.length === 0 ? '' : `{${parts.sort().join(',')}}`;
}
