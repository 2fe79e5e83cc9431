import type { JsonValue } from '../interfaces.js';
import { createUuidV5 } from '../uuid.js';
import { trimmed } from './values.js';

/** The namespace of the ids that this project derives. */
const NAMESPACE = '9b1c57e04f0e4a6db1f4c8a2d35e7f90';

/** Makes the id of a record that has none of its values, in the order of the names that it was made for. */
export type IdMaker = (values: readonly (JsonValue | undefined)[]) => string;

/**
 * Makes ids of the content of records: a UUIDv5 (RFC 9562). The order of columns or keys, blank ones, blanks around
 * values, and how lines end do not count, so that the same row has the same id in every export and in every run.
 *
 * @param names columns or keys, as read; none twice.
 */
export function createIdMaker(names: readonly string[]): IdMaker {
  const inOrder = names.map((name, index) => ({ name, index })).sort((a, b) => (a.name < b.name ? -1 : 1));
  const columns = inOrder.map(
    ({ name, index }): Column => ({ index, label: `${name.length}:${name}`, usual: [] }),
  );
  const uuid = createUuidV5(NAMESPACE);
  return (values) => {
    const content = contentOf(columns, values);
    // Looked for once, not in every value: hardly a row has a carriage return.
    return uuid(content.includes('\r') ? contentOf(columns, values.map(asLineFeeds)) : content);
  };
}

/** Lengths for which what stands before a text is made once. */
const USUAL_LENGTHS = 100;

function before({ label, usual }: Column, length: number): string {
  const made = `${label}${length}:`;
  if (length < USUAL_LENGTHS) usual[length] = made;
  return made;
}

/** One of the values that an id is made of. */
interface Column {
  readonly index: number;
  readonly label: string;
  /**
   * What stands before a text, by its length: with the length there, nothing in it can be taken for what comes after. Made
   * as it comes up: objects each with columns of their own would fill the memory with it.
   */
  readonly usual: string[];
}

function contentOf(columns: readonly Column[], values: readonly (JsonValue | undefined)[]): string {
  let content = '';
  for (const column of columns) {
    const value = values[column.index];
    const text = typeof value === 'string' ? trimmed(value) : canonical(value);
    if (text !== '') content += (column.usual[text.length] ?? before(column, text.length)) + text;
  }
  return content;
}

function asLineFeeds<Value>(value: Value): Value | string {
  return typeof value === 'string' ? value.replaceAll(/\r\n?/g, '\n') : value;
}

function canonical(value: JsonValue | undefined): string {
  if (typeof value === 'string') return asLineFeeds(trimmed(value));
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
