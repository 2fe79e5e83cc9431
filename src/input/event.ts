import type { InputOptions, JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { planColumns } from './columns.js';
import { deriveMessageId } from './message-id.js';
import type { Place } from './places.js';
import { parseAmount, parseBoolean } from './values.js';

/** Makes an event of a row's values, in the order of the columns that it was made for. */
export type RowReader = (values: readonly (JsonValue | undefined)[], messageId?: string) => SegmentEvent;

type Tree = { [key: string]: JsonValue | undefined } | JsonValue[];

const NUMBERS = new Set(
  ['revenue', 'total', 'value', 'price', 'subtotal', 'tax', 'shipping', 'discount', 'quantity'].map(
    (name) => `properties.${name}`,
  ),
);
/** Where Excel's text marker, a leading apostrophe, is taken off. */
const MARKED = new Set([
  'userId',
  'messageId',
  'properties.order_id',
  'properties.phone',
  'properties.address.postal_code',
]);
const SEGMENT_TYPES = new Set(['track', 'identify', 'page', 'screen', 'group', 'alias']);

/**
 * Makes a reader for the rows of one table: everything that depends on the header alone is done here, once.
 *
 * @param columns header names, trimmed and unique.
 * @throws UserError `PLACE_INVALID`.
 */
export function createRowReader(columns: readonly string[], options: InputOptions): RowReader {
  const indexOf = new Map(columns.map((column, index) => [column, index]));
  const steps = planColumns(columns, options.columns).flatMap(({ column, places }) =>
    places.map((place) => ({ column, place, index: indexOf.get(column) ?? 0, convert: converterOf(place) })),
  );
  return (values, messageId) => {
    const event: { [key: string]: JsonValue | undefined } = {};
    for (const { column, place, index, convert } of steps) {
      const value = values[index];
      if (value === undefined || value === null || (typeof value === 'string' && value.trim() === ''))
        continue;
      if (!put(event, place, typeof value === 'string' ? convert(value) : value)) {
        put(event, ['properties', column], value);
      }
    }
    return finish(
      event,
      options,
      () => messageId ?? deriveMessageId(columns.map((column, index) => [column, values[index]])),
    );
  };
}

/** Makes an event of a JSON object: as it is where it is a Segment event, like a row where it is flat. */
export function createObjectReader(
  options: InputOptions,
): (object: JsonObject, messageId?: string) => SegmentEvent {
  const readers = new Map<string, RowReader>();
  return (object, messageId) => {
    if (isSegmentEvent(object)) {
      return finish({ ...object }, options, () => messageId ?? deriveMessageId(Object.entries(object)));
    }
    const columns = Object.keys(object);
    const key = JSON.stringify(columns);
    let reader = readers.get(key);
    if (reader === undefined) {
      reader = createRowReader(columns, options);
      // Objects of ever new shapes must not fill the memory.
      if (readers.size < 1000) readers.set(key, reader);
    }
    return reader(Object.values(object), messageId);
  };
}

function isSegmentEvent(object: JsonObject): boolean {
  const nested = [object.properties, object.traits, object.context].some(
    (part) => typeof part === 'object' && part !== null,
  );
  return (
    nested || 'messageId' in object || (typeof object.type === 'string' && SEGMENT_TYPES.has(object.type))
  );
}

function finish(
  event: { [key: string]: JsonValue | undefined },
  options: InputOptions,
  derive: () => string,
): SegmentEvent {
  const type = typeof event.type === 'string' && event.type.trim() !== '' ? event.type.trim() : 'track';
  const given = textOf(event.messageId);
  const userId = textOf(event.userId);
  if (userId !== undefined) event.userId = userId;
  if (type === 'track' && textOf(event.event) === undefined) event.event = options.defaultEvent;
  return Object.assign(event, { type, messageId: given ?? derive() });
}

/** Ids stay text, also where JSON has them as numbers. */
function textOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function converterOf(place: Place): (text: string) => JsonValue {
  const name = place.join('.');
  if (NUMBERS.has(name)) return (text) => parseAmount(text) ?? text;
  if (MARKED.has(name)) return (text) => text.trim().replace(/^'/, '');
  if (place[0] === 'properties' || place[0] === 'traits') return (text) => parseBoolean(text) ?? text;
  return (text) => text;
}

/** Puts `value` at `place` unless something stands there, or on the way, already. */
function put(root: Tree, place: Place, value: JsonValue): boolean {
  let tree: Tree = root;
  for (const [depth, key] of place.entries()) {
    const found = read(tree, key);
    if (depth === place.length - 1) {
      if (found !== undefined) return false;
      write(tree, key, value);
      return true;
    }
    let next: Tree;
    if (found === undefined) {
      next = typeof place[depth + 1] === 'number' ? [] : {};
      write(tree, key, next);
    } else if (isTree(found)) {
      next = found;
    } else {
      return false;
    }
    tree = next;
  }
  return false;
}

function isTree(value: JsonValue): value is JsonValue & Tree {
  return typeof value === 'object' && value !== null;
}

function read(tree: Tree, key: string | number): JsonValue | undefined {
  if (Array.isArray(tree)) return typeof key === 'number' ? tree[key] : undefined;
  return Object.hasOwn(tree, key) ? tree[key] : undefined;
}

function write(tree: Tree, key: string | number, value: JsonValue): void {
  if (!Array.isArray(tree)) tree[key] = value;
  else if (typeof key === 'number') {
    while (tree.length < key) tree.push(null);
    tree[key] = value;
  }
}
