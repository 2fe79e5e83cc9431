import { UserError } from '../errors.js';

/** A place in an event: keys and list indexes. */
export type Place = readonly (string | number)[];

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
const FORBIDDEN = new Set(['__proto__', 'constructor', 'prototype']);
/** No list of an event is longer than this: a column `items[999999999]` must not fill the memory. */
const MAX_INDEX = 999;

/**
 * Reads a place as columns and `source.columns` write it: `properties.order_id`, `products[0].sku`. What does not begin
 * with a key of a Segment event is under `properties`.
 *
 * @param column named in the error.
 * @throws UserError `PLACE_INVALID`.
 */
export function parsePlace(text: string, column: string): Place {
  const place: (string | number)[] = [];
  for (const part of text.trim().replace(/^\$\./, '').split('.')) {
    const match = /^([^[\]]+)((?:\[\d{1,9}\])*)$/.exec(part);
    const [, key, indexes = ''] = match ?? [];
    if (key === undefined || FORBIDDEN.has(key)) throw invalid(column);
    place.push(key);
    for (const [, index] of indexes.matchAll(/\[(\d+)\]/g)) {
      if (Number(index) > MAX_INDEX) throw invalid(column);
      place.push(Number(index));
    }
  }
  return EVENT_KEYS.has(String(place[0])) ? place : ['properties', ...place];
}

/** Whether a column's own name is a place: `context.ip`, `products[0].sku`, `messageId`. */
export function isPlaceName(column: string): boolean {
  return (
    EVENT_KEYS.has(column) ||
    /^[\w$][\w $-]*(?:\[\d+\])*(?:\.[\w $-]+(?:\[\d+\])*)+$|^[\w$-]+(?:\[\d+\])+$/.test(column)
  );
}

function invalid(column: string): UserError {
  return new UserError('PLACE_INVALID', `The column "${column}" leads to no place that an event can have.`, {
    hint: 'Write a place such as properties.order_id or products[0].sku.',
  });
}
