import type { JsonObject, JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import type { Place } from './places.js';

/** An object of an event in the making. */
export type Branch = { [key: string]: JsonValue | undefined };
type Tree = Branch | JsonValue[];

/**
 * Puts a copy of `value` at `place`. Where an object stands already, an object adds what is missing in it.
 *
 * @returns false where something else stands there, or on the way: then nothing changed.
 */
export function put(root: Branch, place: Place, value: JsonValue): boolean {
  let tree: Tree = root;
  for (let depth = 0; depth < place.length; depth += 1) {
    const key = place[depth] ?? '';
    const found = read(tree, key);
    if (depth === place.length - 1) {
      if (found === undefined) write(tree, key, copy(value));
      else if (isBranch(found) && isJsonObject(value)) addMissing(found, value);
      else return false;
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

/** The object that `keys` lead to, made where nothing is; undefined where something else is, or on the way. */
export function childOf(root: Branch, keys: readonly string[]): Branch | undefined {
  let branch = root;
  for (const key of keys) {
    const found = read(branch, key);
    if (found === undefined) {
      const made: Branch = {};
      branch[key] = made;
      branch = made;
    } else if (isBranch(found)) {
      branch = found;
    } else {
      return undefined;
    }
  }
  return branch;
}

/** Puts a copy of what is no object into an object. @returns false where something stands there already. */
export function putInto(branch: Branch, key: string, value: JsonValue): boolean {
  if (read(branch, key) !== undefined) return false;
  branch[key] = copy(value);
  return true;
}

/** Adds copies of what `object` has and `branch` has not. */
export function addMissing(branch: Branch, object: JsonObject): void {
  for (const [key, value] of Object.entries(object)) {
    // Assigned, it would become the prototype.
    if (value !== undefined && key !== '__proto__') put(branch, [key], value);
  }
}

function copy(value: JsonValue): JsonValue {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(copy);
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [key, inner === undefined ? inner : copy(inner)]),
  );
}

function isTree(value: JsonValue): value is JsonValue & Tree {
  return typeof value === 'object' && value !== null;
}

function isBranch(value: JsonValue): value is JsonValue & Branch {
  return isJsonObject(value);
}

/** What stands there; a gap in a list is nothing. */
function read(tree: Tree, key: string | number): JsonValue | undefined {
  if (Array.isArray(tree)) return typeof key === 'number' ? (tree[key] ?? undefined) : undefined;
  const found = tree[key];
  // Mostly there is nothing, and then nobody need be asked whose it is.
  return found === undefined || Object.hasOwn(tree, key) ? found : undefined;
}

function write(tree: Tree, key: string | number, value: JsonValue): void {
  if (!Array.isArray(tree)) tree[key] = value;
  else if (typeof key === 'number') {
    while (tree.length < key) tree.push(null);
    tree[key] = value;
  }
}
