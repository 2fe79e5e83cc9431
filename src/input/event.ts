import type { InputOptions, JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { type DeviceType, type OnBadName, ownPlace, planColumns } from './columns.js';
import { parseJson } from './json-text.js';
import { createIdMaker, type IdMaker } from './message-id.js';
import { isEventKey, isObjectPlace, type Place } from './places.js';
import { addMissing, type Branch, put } from './tree.js';
import { parseAmount, parseBoolean } from './values.js';

/** Makes an event of a row's values, in the order of the columns that it was made for. */
export type RowReader = (values: readonly (JsonValue | undefined)[], messageId?: string) => SegmentEvent;

/** Puts a row's values into an event in the making. */
type Placer = (event: Branch, values: readonly (JsonValue | undefined)[]) => void;
/** What a value becomes at its place; undefined where it cannot stand there. */
type Converter = (value: JsonValue) => JsonValue | undefined;

const NUMBERS = new Set(
  ['revenue', 'total', 'value', 'price', 'subtotal', 'tax', 'shipping', 'discount', 'quantity'].map(
    (name) => `properties.${name}`,
  ),
);
/** What is text even where it is all digits, and where Excel's text marker, a leading apostrophe, is taken off. */
const TEXTS = new Set([
  'userId',
  'messageId',
  'properties.order_id',
  'properties.phone',
  'properties.address.postal_code',
]);
const SEGMENT_TYPES = new Set(['track', 'identify', 'page', 'screen', 'group', 'alias']);
const DEVICE_TYPE: Place = ['context', 'device', 'type'];
/** Objects of ever new shapes must not fill the memory. */
const MAX_SHAPES = 1000;

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
  return (values, messageId) => {
    const event: Branch = {};
    place(event, values);
    finish(event, options, messageId, makeId, values);
    return event;
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
  const configured = new Set([...options.columns.keys()].map((name) => name.trim().toLowerCase()));
  const isConfigured = (key: string): boolean => configured.has(key.toLowerCase());
  const readers = new Map<string, RowReader>();
  const readFlat = (object: JsonObject, messageId?: string): SegmentEvent => {
    const columns = Object.keys(object);
    const key = JSON.stringify(columns);
    let reader = readers.get(key);
    if (reader === undefined) {
      reader = createRowReader(columns, options, 'keep');
      if (readers.size < MAX_SHAPES) readers.set(key, reader);
    }
    return reader(Object.values(object), messageId);
  };
  return (object, messageId) => {
    if (!isSegmentEvent(object)) return readFlat(object, messageId);
    const keys = configured.size === 0 ? [] : Object.keys(object).filter(isConfigured);
    let event: Branch = { ...object };
    if (keys.length > 0) {
      event = {};
      createPlacer(
        keys,
        options,
        'keep',
      )(
        event,
        keys.map((key) => object[key]),
      );
      addMissing(event, object);
    }
    const makeId: IdMaker = (values) => createIdMaker(Object.keys(object))(values);
    finish(event, options, messageId, makeId, Object.values(object));
    return event;
  };
}

/**
 * Whether it is laid out as an event. The row of a table may have a `messageId` too, and comes as an object out of a
 * rejects file, so that alone does not tell: then no key may be one that an event does not have.
 */
function isSegmentEvent(object: JsonObject): boolean {
  if ([object.properties, object.traits, object.context].some(isJsonObject)) return true;
  const said = 'messageId' in object || (typeof object.type === 'string' && SEGMENT_TYPES.has(object.type));
  return said && Object.keys(object).every(isEventKey);
}

function createPlacer(columns: readonly string[], options: InputOptions, onBadName: OnBadName): Placer {
  const indexOf = new Map(columns.map((column, index) => [column, index]));
  const plans = planColumns(columns, options.columns, onBadName);
  const all = plans.flatMap(({ places }) => places);
  const steps = plans.flatMap(({ column, places, device }) =>
    places.map((place) => ({
      place,
      index: indexOf.get(column) ?? 0,
      own: ownPlace(column),
      // `address` beside `zip`: the address is an object, and the text becomes a part of it.
      scalarPlace: all.some((other) => isWithin(other, place)) ? [...place, column] : place,
      convert: converterOf(place),
      device,
    })),
  );
  return (event, values) => {
    for (let step = 0; step < steps.length; step += 1) {
      const planned = steps[step];
      if (planned === undefined) continue;
      const { place, index, own, scalarPlace, convert, device } = planned;
      const value = values[index];
      if (value === undefined || value === null || (typeof value === 'string' && value.trim() === ''))
        continue;
      const converted = isOtherDevice(event, device) ? undefined : convert(value);
      const target = isJsonObject(converted) ? place : scalarPlace;
      if (converted === undefined || !put(event, target, converted)) put(event, own, value);
      else if (device !== undefined) put(event, DEVICE_TYPE, device);
    }
  };
}

function isWithin(place: Place, outer: Place): boolean {
  return place.length > outer.length && outer.every((key, depth) => key === place[depth]);
}

function isOtherDevice({ context }: Branch, device: DeviceType | undefined): boolean {
  if (device === undefined || !isJsonObject(context) || !isJsonObject(context.device)) return false;
  const { type } = context.device;
  return typeof type === 'string' && type.trim().toLowerCase() !== device;
}

/** Gives the event what every one has. */
function finish(
  event: Branch,
  options: InputOptions,
  messageId: string | undefined,
  makeId: IdMaker,
  values: Parameters<IdMaker>[0],
): asserts event is Branch & SegmentEvent {
  const type = typeof event.type === 'string' && event.type.trim() !== '' ? event.type.trim() : 'track';
  const given = idOf(event.messageId);
  const userId = idOf(event.userId);
  if (userId !== undefined) event.userId = userId;
  if (type === 'track' && idOf(event.event) === undefined) event.event = options.defaultEvent;
  event.type = type;
  event.messageId = given ?? messageId ?? makeId(values);
}

/** Ids stay text, also where JSON has them as numbers. */
function idOf(value: JsonValue | undefined): string | undefined {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' && value.trim() !== '' ? value : undefined;
}

function converterOf(place: Place): Converter {
  if (isObjectPlace(place)) return toObject;
  const name = place.join('.');
  if (name === 'type') return toType;
  if (TEXTS.has(name)) return toText;
  if (NUMBERS.has(name)) return ofText((text) => parseAmount(text) ?? text);
  if (place[0] === 'properties' || place[0] === 'traits') return ofText((text) => parseBoolean(text) ?? text);
  return (value) => value;
}

function ofText(convert: (text: string) => JsonValue): Converter {
  return (value) => (typeof value === 'string' ? convert(value) : value);
}

function toText(value: JsonValue): JsonValue {
  if (typeof value === 'number') return String(value);
  return typeof value === 'string' ? value.trim().replace(/^'/, '') : value;
}

/** A shop's column `type` (`sale`) is no type of call. */
function toType(value: JsonValue): JsonValue | undefined {
  const type = typeof value === 'string' ? value.trim().toLowerCase() : '';
  return SEGMENT_TYPES.has(type) ? type : undefined;
}

function toObject(value: JsonValue): JsonValue | undefined {
  const object = typeof value === 'string' ? parseJson(value) : value;
  return isJsonObject(object) ? object : undefined;
}
