import { type ColumnUse, columnUses } from '../input/column-uses.js';
import type { InputRecord } from '../input/input-record.js';
import { isEmptyCell } from '../input/values.js';
import type { JsonObject, JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { asMembership } from '../payload/membership.js';
import { audienceKey } from './key.js';

const NO_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map();
/** Of as many names of JSON keys it is kept whether they are the audience's. */
const MAX_KNOWN = 10_000;

/**
 * Makes what decides whether a profile of a snapshot is a member of it. Mostly all are; but an export of all profiles has
 * the audience as a trait of its own, as Engage gives it: then who has false there, or nothing where others have
 * something, is none.
 *
 * @param key the audience's.
 */
export function createMemberTest(key: string): (record: InputRecord) => boolean {
  const isOwn = createNameTest(key);
  let known: readonly string[] | undefined;
  let index = -1;
  return ({ source }) => {
    if (source.kind === 'object') {
      const { value } = source;
      return (
        !saysNo(value, '', isOwn) && !(isJsonObject(value.traits) && saysNo(value.traits, TRAITS, isOwn))
      );
    }
    if (source.kind !== 'row') return true;
    if (source.columns !== known) {
      known = source.columns;
      index = columnUses(known, NO_COLUMNS).findIndex((column) => isOwnColumn(column, key));
    }
    const cell = source.cells[index];
    return cell === undefined || !isNo(cell);
  };
}

const TRAITS = 'traits.';

/** Whether a column is that of the audience. What identifies people in a file such as email.csv is no trait. */
function isOwnColumn({ column, use }: ColumnUse, key: string): boolean {
  const name = column.startsWith(TRAITS) ? column.slice(TRAITS.length) : column;
  return use === undefined && audienceKey(name) === key;
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
