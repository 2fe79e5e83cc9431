import type { JsonValue } from '../interfaces.js';
import { isJsonList } from '../json.js';
import { createGetter, type Getter, pathGetter } from './path.js';

/**
 * Makes a text of a template with paths in it: `Order {{properties.order_id}}` (`@template`).
 *
 * @param toGetter see {@link pathGetter}.
 * @returns undefined where a path in it cannot be read.
 */
export function templateGetter(template: string, toGetter = createGetter): Getter | undefined {
  const parts = templateParts(template).map((part, index) =>
    index % 2 === 0 ? part : pathGetter(part.trim(), toGetter),
  );
  if (!parts.every((part) => part !== undefined)) return undefined;
  return (data) => parts.map((part) => (typeof part === 'string' ? part : toText(part(data)))).join('');
}

/** The texts of a template, and between each two of them what stands in `{{…}}` or `{{{…}}}`. */
export function templateParts(template: string): readonly string[] {
  const parts: string[] = [];
  let from = 0;
  for (;;) {
    const open = template.indexOf('{{', from);
    const braces = template[open + 2] === '{' ? 3 : 2;
    const inner = open + braces;
    const close = open === -1 ? -1 : template.indexOf('}}', inner);
    if (close === -1) return [...parts, template.slice(from)];
    parts.push(template.slice(from, open), template.slice(inner, close));
    from = close + (braces === 3 && template[close + 2] === '}' ? 3 : 2);
  }
}

/** A value as JavaScript puts it into a text, and so Segment. */
function toText(value: JsonValue | undefined): string {
  if (value === undefined || value === null) return '';
  if (isJsonList(value)) return value.map((entry) => toText(entry)).join(',');
  return typeof value === 'object' ? '[object Object]' : String(value);
}
