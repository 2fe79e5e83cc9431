import { UserError } from '../errors.js';
import { shortened } from '../printable.js';

/** A place in an event: keys and list indexes. */
export type Place = readonly (string | number)[];

/** Where the browser plugin puts the RTID in an event, and so a column `rtid` goes, as keys. */
export const PLUGIN_RTID: readonly string[] = ['integrations', 'Rokt Conversions API', 'rtid'];

const EVENT_KEYS = new Set([
  'anonymousId',
  'context',
  'event',
  'groupId',
  'integrations',
  'messageId',
  'originalTimestamp',
  'previousId',
  'properties',
  'receivedAt',
  'sentAt',
  'timestamp',
  'traits',
  'type',
  'userId',
]);
/** The keys of an event that hold objects. */
const OBJECT_KEYS = new Set(['context', 'integrations', 'properties', 'traits']);
/** Further keys that Segment puts beside those of `EVENT_KEYS` into its exports. */
const EXPORT_KEYS = new Set(['_metadata', 'category', 'channel', 'name', 'projectId', 'version', 'writeKey']);
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** No list of an event is longer than this: a column `items[999999999]` must not fill the memory. */
const MAX_INDEX = 999;
/** Nor is anything in it this deep: a column that is called `a.a.a.…` must not either. */
const MAX_DEPTH = 20;

/**
 * Reads a place as columns and `source.columns` write it: `properties.order_id`, `products[0].sku`, `traits['a key']`.
 * What does not begin with a key of a Segment event is under `properties`.
 *
 * @param column named in the error.
 * @throws UserError `PLACE_INVALID`.
 */
export function parsePlace(text: string, column: string): Place {
  const place = tryPlace(text);
  if (place !== undefined) return place;
  throw new UserError(
    'PLACE_INVALID',
    `The column "${shortened(column)}" is mapped to a place that no event has.`,
    {
      hint: 'Write a place such as properties.order_id or products[0].sku.',
    },
  );
}

/** Whether {@link parsePlace} can read it. */
export function isPlace(text: string): boolean {
  return tryPlace(text) !== undefined;
}

function tryPlace(text: string): Place | undefined {
  const steps = placeSteps(text);
  return steps === undefined || EVENT_KEYS.has(String(steps[0])) ? steps : ['properties', ...steps];
}

/** A place as it is written: of `rtid`, which is `properties.rtid`, `rtid` alone. Undefined where it cannot be read. */
export function placeSteps(text: string): Place | undefined {
  const place: (string | number)[] = [];
  const path = `.${text.trim().replace(/^\$\./, '')}`;
  for (let at = 0; at < path.length; at = STEP.lastIndex) {
    STEP.lastIndex = at;
    const match = STEP.exec(path);
    if (match === null) return undefined;
    const [, key, index, single, double] = match;
    const step = index === undefined ? (key ?? single ?? double ?? '') : Number(index);
    if (typeof step === 'number' ? step > MAX_INDEX : FORBIDDEN.has(step)) return undefined;
    if (place.length === MAX_DEPTH) return undefined;
    place.push(step);
  }
  return place;
}

/** `.key`, `[0]`, `['a key']` or `["a key"]`. */
const STEP = /\.([^.[\]]+)|\[(?:(\d{1,9})|'([^']+)'|"([^"]+)")\]/y;

/**
 * Keys with list indexes or quoted keys in brackets, joined by points; blanks only within a key, so that `Tel. Number` is
 * none.
 */
const PLACE_NAME = (() => {
  const key = '[\\w$-]+(?: [\\w$-]+)*';
  const bracket = `\\[(?:\\d+|'[^']+'|"[^"]+")\\]`;
  return new RegExp(`^${key}(?:${bracket})*(?:\\.${key}(?:${bracket})*)+$|^[\\w$-]+(?:${bracket})+$`);
})();

/** A place as {@link parsePlace} reads it. */
export function placeText(place: Place): string {
  return place.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

/** Whether a column's own name is a place: `context.ip`, `products[0].sku`, `messageId`. */
export function isPlaceName(column: string): boolean {
  return EVENT_KEYS.has(column) || PLACE_NAME.test(column);
}

/** Whether `source.columns` writes what begins with `key` from the top of the event, and not from its properties. */
export function isTopKey(key: string): boolean {
  return EVENT_KEYS.has(key);
}

/** Whether a Segment event can have `key` at its top. */
export function isEventKey(key: string): boolean {
  return EVENT_KEYS.has(key) || EXPORT_KEYS.has(key);
}

/** Whether an event's time stands at `place`. */
export function isTimestampPlace(place: Place): boolean {
  return place.length === 1 && place[0] === 'timestamp';
}

/** Whether what stands at `place` has to be an object: `properties`, `context`. */
export function isObjectPlace(place: Place): boolean {
  return place.length === 1 && OBJECT_KEYS.has(String(place[0]));
}
