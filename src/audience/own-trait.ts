import { type ColumnUse, columnUses } from '../input/column-uses.js';
import type { InputRecord } from '../input/input-record.js';
import { isEmptyCell } from '../input/values.js';
import type { JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { asMembership } from '../payload/membership.js';
import { audienceKey } from './key.js';

const NO_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map();
/** Of as many names of JSON keys it is kept whether they are the audience's. */
const MAX_KNOWN = 10_000;

/** Where a file may have the membership, as an event does: under this name, and not under that of the audience. */
const MEMBERSHIP = 'audience_membership';

/**
 * Makes what decides whether a profile of a snapshot is a member of it. Mostly all are; but an export of all profiles has
 * the audience as a trait or property of its own, as Engage gives it: then who has false there, or nothing where others
 * have something, is none.
 *
 * @param key the audience's.
 */
export function createMemberTest(key: string): (record: InputRecord, event: SegmentEvent) => boolean {
  const isOwn = createNameTest(key);
  let known: readonly string[] | undefined;
  let own: readonly number[] = [];
  let hasProperties = false;
  return ({ source }, { traits, properties }) => {
    if (source.kind === 'row' && source.columns !== known) {
      known = source.columns;
      const uses = columnUses(known, NO_COLUMNS);
      own = uses.flatMap((use, index) => (isOwnColumn(use, key) ? [index] : []));
      hasProperties = uses.some(({ place }) => place === PROPERTIES);
    }
    if (source.kind === 'row' && own.some((index) => isNo(source.cells[index]))) return false;
    if (source.kind === 'object' && saysNo(source.value, '', isOwn)) return false;
    // A column may hold all of them, as JSON. Of any other row each is a cell.
    if (isJsonObject(traits) && saysNo(traits, 'traits.', isOwn)) return false;
    const isBag = source.kind === 'row' ? hasProperties : source.kind === 'object' && hasBag(source.value);
    return !(isBag && isJsonObject(properties) && saysNo(properties, `${PROPERTIES}.`, isOwn));
  };
}

const PROPERTIES = 'properties';

/** Whether an object has properties in it, also as Snowflake calls them. */
function hasBag(object: JsonObject): boolean {
  return PROPERTIES in object || PROPERTIES.toUpperCase() in object;
}

/** Whether a column is that of the audience. What identifies people in a file such as email.csv is no trait. */
function isOwnColumn({ column, use }: ColumnUse, key: string): boolean {
  const name = audienceKey(column.replace(/^(?:traits|properties)\./, ''));
  return name === MEMBERSHIP || (use === undefined && name === key);
}

/** Makes the same test of the names of JSON keys, which come one by one. */
function createNameTest(key: string): (name: string) => boolean {
  const known = new Map<string, boolean>();
  return (name) => {
    const found = known.get(name) ?? columnUses([name], NO_COLUMNS).some((use) => isOwnColumn(use, key));
    if (known.size < MAX_KNOWN) known.set(name, found);
    return found;
  };
}

/** @param before what stands before the names of the object's keys. */
function saysNo(object: JsonObject, before: string, isOwn: (name: string) => boolean): boolean {
  return Object.entries(object).some(([name, value]) => isNo(value) && isOwn(before + name));
}

function isNo(value: JsonValue | undefined): boolean {
  const isNothing = value === null || (typeof value === 'string' && isEmptyCell(value));
  return isNothing || asMembership(value) === false;
}
