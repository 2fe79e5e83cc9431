import { LineEvent } from '../input/line-event.js';
import type { LinePlaces } from '../input/line-places.js';
import type { RowColumns } from '../input/row-columns.js';
import { RowEvent, type RowGetter } from '../input/row-event.js';
import { wholeEvent } from '../input/whole-event.js';
import type { JsonObject, JsonValue } from '../interfaces.js';

/** What a mapping reads: an event, or a value in one. */
export type Readable = JsonValue | RowEvent | LineEvent | undefined;

/** A compiled path: reads one place of an event. */
export type Getter = (data: Readable) => JsonValue | undefined;

/** As in Segment, brackets around anything but digits and quotes are a part of a name: `Size[EU]`, `[Amplitude] Session ID`. */
const SEGMENT = /\.?(?:\[(?:'([^']*)'|"([^"]*)"|(\d+))\]|((?:[^.[\]]|\[(?!['"\d])[^.[\]]*\])+))/y;

/** Brackets behind a name that may also be meant as a step: `address[city]`. */
const STEP = /(?<=[\w\]])\[([A-Za-z_]\w*)\]/g;

/** What other path languages choose several places with: it would be looked for as a key, which nothing has. */
const CHOICE = /(?:^|\[)(?:\*|-\d+|[?(].*|-?\d*:-?\d*)(?:$|\])/;

/** A part of a name that has a point in it, such as `Tel. Number`: no key begins or ends so, unless it is quoted. */
const TORN = /^\s|\s$/;

/**
 * The keys of a path as Segment writes it: `$.a.b[0]['c d']`, or the same without `$.`.
 *
 * @returns undefined where it is no path; an empty list for `$`, the whole event.
 */
function parsePath(path: string): readonly string[] | undefined {
  const rest = path.trim().replace(/^\$/, '');
  if (rest === '' || rest === '.') return path.trim() === '' ? undefined : [];
  const keys: string[] = [];
  for (let at = 0; at < rest.length; at = SEGMENT.lastIndex) {
    SEGMENT.lastIndex = at;
    const match = SEGMENT.exec(rest);
    const bare = match?.[4] ?? '';
    if (match === null || CHOICE.test(bare) || TORN.test(bare)) return undefined;
    keys.push(match[1] ?? match[2] ?? match[3] ?? match[4] ?? '');
  }
  return keys;
}

/**
 * Reads the place that a path leads to (`@path`).
 *
 * @param toGetter {@link createGetter}, or {@link readOnce} for a path that a record has named.
 * @returns undefined where it is no path.
 */
export function pathGetter(path: string, toGetter = createGetter): Getter | undefined {
  const keys = parsePath(path);
  if (keys === undefined) return undefined;
  const get = toGetter(keys);
  const stepped = path.replaceAll(STEP, '.$1');
  const steps = stepped === path ? undefined : parsePath(stepped);
  if (steps === undefined) return get;
  const getStepped = toGetter(steps);
  return (data) => get(data) ?? getStepped(data);
}

/** Reads the place that `keys` lead to; undefined where any part of the way does not exist. */
export function createGetter(keys: readonly string[]): Getter {
  const walk = createWalk(keys);
  let columns: RowColumns | undefined;
  let read: RowGetter | undefined;
  let places: LinePlaces | undefined;
  let slot: number | undefined;
  return (data) => {
    if (data instanceof RowEvent) {
      if (data.columns !== columns) {
        columns = data.columns;
        read = columns.getterOf(keys);
      }
      return read === undefined ? walk(data.whole) : read(data);
    }
    if (data instanceof LineEvent) {
      if (data.places !== places) {
        places = data.places;
        slot = places.slotOf(keys);
      }
      return slot === undefined || slot >= data.values.length ? walk(data.whole) : data.values[slot];
    }
    return walk(data);
  };
}

/** The same for one record alone: what is remembered of a place that only one names would fill the memory. */
export function readOnce(keys: readonly string[]): Getter {
  return (data) => createWalk(keys)(wholeEvent(data));
}

/** Reads the place in a plain value. */
function createWalk(keys: readonly string[]): (data: JsonValue | undefined) => JsonValue | undefined {
  // What no object inherits is its own: then it need not be asked, which takes longer than reading it.
  const inherited = keys.some((key) => key in Object.prototype || key in Array.prototype);
  const [first, second, ...others] = keys;
  if (first !== undefined && others.length === 0 && !inherited) {
    // Most paths are one key or two, and every record has its paths read.
    const read = readerOf(first);
    return (data) => {
      const value = isContainer(data) ? read(data) : undefined;
      return second === undefined ? value : isContainer(value) ? value[second] : undefined;
    };
  }
  return (data) => {
    let value = data;
    for (let index = 0; index < keys.length; index += 1) {
      const key = keys[index] ?? '';
      if (!isContainer(value) || (inherited && !Object.hasOwn(value, key))) return undefined;
      value = value[key];
    }
    return value;
  };
}

/** Reads one key. A name that stands in the code is found in half the time of one that is given. */
function readerOf(key: string): (container: JsonObject) => JsonValue | undefined {
  switch (key) {
    case 'properties':
      return (event) => event.properties;
    case 'traits':
      return (event) => event.traits;
    case 'context':
      return (event) => event.context;
    default:
      return (container) => container[key];
  }
}

/** An object, or a list seen as one: `products[0]` reads key `0`. */
export function isContainer(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null;
}
