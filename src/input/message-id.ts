import type { JsonValue } from '../interfaces.js';
import { UuidV5 } from '../uuid.js';
import { trimmed } from './values.js';

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
    .map((name, index) => ({ name, index }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.index - b.index));
  const indexes = inOrder.map(({ index }) => index);
  const prefixes = inOrder.map(({ name }) => createPrefix(`${name.length}:${name}`));
  const uuid = new UuidV5(NAMESPACE);
  return (values) => {
    for (let at = 0; at < indexes.length; at += 1) {
      const value = values[indexes[at] ?? 0];
      const text = typeof value === 'string' ? canonicalText(value) : canonical(value);
      if (text !== '') uuid.add(prefixes[at]?.(text.length) ?? '').add(text);
    }
    return uuid.take();
  };
}

/** Lengths whose prefixes are made once. */
const USUAL_LENGTHS = 100;

/** What stands before a text: with its length there, nothing in it can be taken for what comes after it. */
function createPrefix(name: string): (length: number) => string {
  const usual = Array.from({ length: USUAL_LENGTHS }, (_, length) => `${name}${length}:`);
  return (length) => usual[length] ?? `${name}${length}:`;
}

function canonicalText(text: string): string {
  const bare = trimmed(text);
  return bare.includes('\r') ? bare.replaceAll(/\r\n?/g, '\n') : bare;
}

function canonical(value: JsonValue | undefined): string {
  if (typeof value === 'string') return canonicalText(value);
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
