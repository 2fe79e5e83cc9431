import { columnUses } from '../input/column-uses.js';
import type { InputRecord } from '../input/input-record.js';
import { isEmptyCell } from '../input/values.js';
import type { JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { asMembership } from '../payload/membership.js';
import { audienceKey } from './key.js';

const NO_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map();

/**
 * Makes what decides whether a profile of a snapshot is a member of it. Mostly all are; but an export of all profiles has
 * the audience as a trait of its own, as Engage gives it: then who has false there, or nothing where others have
 * something, is none.
 *
 * @param key the audience's.
 */
export function createMemberTest(key: string): (record: InputRecord) => boolean {
  let known: readonly string[] | undefined;
  let index = -1;
  return ({ source }) => {
    if (source.kind === 'object') {
      const { traits } = source.value;
      return !isFalse(source.value[key]) && !(isJsonObject(traits) && isFalse(traits[key]));
    }
    if (source.kind !== 'row') return true;
    if (source.columns !== known) {
      known = source.columns;
      index = columnUses(known, NO_COLUMNS).findIndex(
        // What identifies people in a file such as email.csv is no trait.
        ({ column, use }) => use === undefined && audienceKey(column.replace(/^traits\./, '')) === key,
      );
    }
    const cell = source.cells[index];
    return cell === undefined || !(isEmptyCell(cell) || isFalse(cell));
  };
}

function isFalse(value: JsonValue | undefined): boolean {
  return value === null || asMembership(value) === false;
}
