import { columnKey } from '../config/column-key.js';
import type { InputOptions, JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { SEGMENT_TYPES } from './cell-values.js';
import { type OnBadName, planColumns } from './columns.js';
import { DEFAULT_EVENT } from './default-event.js';
import { createIdMaker } from './message-id.js';
import { createPlacer } from './placer.js';
import { isEventKey } from './places.js';
import { addMissing, type Branch } from './tree.js';
import { isBlank, trimmed } from './values.js';

/** Makes an event of a row's values, in the order of the columns that it was made for. */
export type RowReader = (values: readonly (JsonValue | undefined)[], messageId?: string) => SegmentEvent;

/** Objects of ever new shapes must not fill the memory: as many characters of column names are known, in all. */
const MAX_KNOWN = 400_000;

/**
 * Makes a reader for the rows of one table: everything that depends on the header alone is done here, once.
 *
 * @param columns header names, trimmed and unique.
 * @throws UserError `PLACE_INVALID`.
 */
export function createRowReader(
  columns: readonly string[],
  options: InputOptions,
  onBadName: OnBadName = 'throw',
): RowReader {
  const place = createPlacer(columns, options, onBadName);
  const makeId = createIdMaker(columns);
  const { event: name = DEFAULT_EVENT } = options;
  return (values, messageId) => {
    const event: Branch = {};
    place(event, values);
    finish(event, name, () => messageId ?? makeId(values));
    return event;
  };
}

/** Makes an event of a row of any table. */
export type AnyRowReader = (
  columns: readonly string[],
  values: readonly (JsonValue | undefined)[],
  messageId?: string,
) => SegmentEvent;

/** Makes a reader for rows that come each with its own columns; names that look like a place and are none are kept. */
export function createAnyRowReader(options: InputOptions): AnyRowReader {
  const readers = new Map<string, RowReader>();
  let known = 0;
  return (columns, values, messageId) => {
    const key = JSON.stringify(columns);
    let reader = readers.get(key);
    if (reader === undefined) {
      reader = createRowReader(columns, options, 'keep');
      if (known + key.length <= MAX_KNOWN) {
        readers.set(key, reader);
        known += key.length;
      }
    }
    return reader(values, messageId);
  };
}

/**
 * Makes an event of a JSON object: as it is where it is a Segment event, but for keys that `source.columns` names; like
 * a row where it is flat.
 *
 * @throws UserError `PLACE_INVALID`, for `source.columns`; the reader itself throws nothing.
 */
export function createObjectReader(
  options: InputOptions,
): (object: JsonObject, messageId?: string) => SegmentEvent {
  planColumns([...options.columns.keys()], options.columns);
  const configured = new Set([...options.columns.keys()].map(columnKey));
  const isConfigured = (key: string): boolean => configured.has(columnKey(key));
  // As warehouses and Segment's profiles call it.
  const takesUserId = !isConfigured('user_id');
  const readRow = createAnyRowReader(options);
  return (object, messageId) => {
    if (!isSegmentEvent(object)) return readRow(Object.keys(object), Object.values(object), messageId);
    const keys = configured.size === 0 ? [] : Object.keys(object).filter(isConfigured);
    let event: Branch = { ...object };
    if (keys.length > 0) {
      event = {};
      const values = keys.map((key) => object[key]);
      createPlacer(keys, options, 'keep')(event, values);
      addMissing(event, object);
    }
    const userId = takesUserId ? idOf(object.user_id) : undefined;
    if (userId !== undefined && idOf(event.userId) === undefined) event.userId = userId;
    const name = options.event ?? (typeOf(event) === undefined ? DEFAULT_EVENT : undefined);
    finish(event, name, () => messageId ?? createIdMaker(Object.keys(object))(Object.values(object)));
    return event;
  };
}

/**
 * Whether it is laid out as an event. A flat object may have a `messageId` or a `context` too, so that alone does not
 * decide: then no key may be one that an event does not have.
 */
function isSegmentEvent(object: JsonObject): boolean {
  if (hasPartsOfEvent(object)) return true;
  const said = 'messageId' in object || (typeof object.type === 'string' && SEGMENT_TYPES.has(object.type));
  return said && Object.keys(object).every(isEventKey);
}

/** Whether an object has properties or traits in it, which makes it an event whatever else it has. */
export function hasPartsOfEvent({ properties, traits }: JsonObject): boolean {
  return isJsonObject(properties) || isJsonObject(traits);
}

/** Gives the event what every one has, and `name` where it is a track without one. */
function finish(
  event: Branch,
  name: string | undefined,
  makeId: () => string,
): asserts event is Branch & SegmentEvent {
  const type = typeOf(event) ?? 'track';
  const userId = idOf(event.userId);
  if (userId !== undefined) event.userId = userId;
  if (type === 'track' && name !== undefined && idOf(event.event) === undefined) event.event = name;
  event.type = type;
  event.messageId = idOf(event.messageId) ?? makeId();
}

/** The kind of call that an event says to be; undefined where it says none. */
function typeOf({ type }: Branch): string | undefined {
  return typeof type === 'string' && !isBlank(type) ? trimmed(type) : undefined;
}

/** An id as text, also where JSON has it as a number; undefined where it is blank or none. */
export function idOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && !isBlank(value) ? value : undefined;
}
