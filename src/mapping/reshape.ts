import type { JsonObject, JsonValue } from '../interfaces.js';
import { isJsonList, isJsonObject } from '../json.js';

/** An object or list without others in it, whose values have the keys that led to them, joined (`@flatten`). */
export function flattened(
  value: JsonObject | readonly JsonValue[],
  separator: string,
  omitArrays: boolean,
): JsonObject {
  const flat: Record<string, JsonValue> = Object.create(null);
  flattenInto(flat, '', value, separator, omitArrays);
  return flat;
}

function flattenInto(
  flat: Record<string, JsonValue>,
  prefix: string,
  value: JsonObject | readonly JsonValue[],
  separator: string,
  omitArrays: boolean,
): void {
  for (const [key, inner] of Object.entries(value)) {
    const name = prefix === '' ? key : prefix + separator + key;
    if (inner === undefined) continue;
    if (typeof inner === 'object' && inner !== null && !(omitArrays && isJsonList(inner))) {
      flattenInto(flat, name, inner, separator, omitArrays);
    } else {
      flat[name] = inner;
    }
  }
}

/** The value without what is null in it, at any depth of objects (`@excludeWhenNull`). */
export function withoutNulls(value: JsonValue | undefined): JsonValue | undefined {
  if (value === null || value === undefined) return undefined;
  if (!isJsonObject(value)) return value;
  const kept: Record<string, JsonValue> = Object.create(null);
  for (const [key, inner] of Object.entries(value)) {
    const clean = withoutNulls(inner);
    if (clean !== undefined) kept[key] = clean;
  }
  return kept;
}
