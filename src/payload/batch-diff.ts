import type { JsonValue } from '../interfaces.js';
import { isJsonList, isJsonObject } from '../json.js';
import type { Delivery } from './delivery.js';

/** One field in which two batches differ. */
export interface FieldChange {
  /** Where it is in the batch: `events[0].data.custom_attributes.amount`; or `path`, the request's. */
  readonly field: string;
  /** Undefined where it was not there. */
  readonly before: JsonValue | undefined;
  /** Undefined where it is not there any more. */
  readonly now: JsonValue | undefined;
}

/** A batch as JSON, and where it goes. */
export type RoutedBatch = Pick<Delivery, 'json' | 'route'>;

/**
 * The fields in which two batches differ, in the order of the batch; a list of scalars is one field. A batch that is not
 * there has no fields.
 */
export function diffBatches(before: RoutedBatch | undefined, now: RoutedBatch | undefined): FieldChange[] {
  const then = fieldsOf(before);
  const after = fieldsOf(now);
  const fields = new Set([...then.keys(), ...after.keys()]);
  return [...fields].flatMap((field) => {
    const change = { field, before: then.get(field), now: after.get(field) };
    return JSON.stringify(change.before) === JSON.stringify(change.now) ? [] : [change];
  });
}

function fieldsOf(routed: RoutedBatch | undefined): Map<string, JsonValue> {
  if (routed === undefined) return new Map();
  const fields = new Map<string, JsonValue>([['path', routed.route]]);
  const walk = (value: JsonValue | undefined, place: string): void => {
    if (isJsonObject(value)) {
      for (const [key, item] of Object.entries(value)) walk(item, place === '' ? key : `${place}.${key}`);
    } else if (isJsonList(value) && value.some(isJsonObject)) {
      for (const [index, item] of value.entries()) walk(item, `${place}[${index}]`);
    } else if (value !== undefined) {
      fields.set(place, value);
    }
  };
  walk(JSON.parse(routed.json), '');
  return fields;
}
