import type { JsonValue } from '../interfaces.js';
import { isJsonList } from '../json.js';
import { type Getter, pathGetter } from './path.js';

/**
 * Makes a text of a template with paths in it: `Order {{properties.order_id}}` (`@template`).
 *
 * @returns undefined where a path in it cannot be read.
 */
export function templateGetter(template: string): Getter | undefined {
  const parts = template
    .split(/\{\{\{?(.*?)\}?\}\}/s)
    .map((part, index) => (index % 2 === 0 ? part : pathGetter(part.trim())));
  if (!parts.every((part) => part !== undefined)) return undefined;
  return (data) => parts.map((part) => (typeof part === 'string' ? part : toText(part(data)))).join('');
}

/** A value as JavaScript puts it into a text, and so Segment. */
function toText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (isJsonList(value)) return value.map((entry) => toText(entry)).join(',');
  return typeof value === 'object' ? '[object Object]' : String(value);
}
