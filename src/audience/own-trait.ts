import { type ErrorPlace, UserError } from '../errors.js';
import { columnUses } from '../input/column-uses.js';
import type { InputRecord } from '../input/input-record.js';
import { parseJson } from '../input/json-text.js';
import { isEmptyCell } from '../input/values.js';
import type { JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { asMembership } from '../payload/membership.js';
import { audienceKey } from './key.js';

const NO_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map();
/** Of as many names of columns and JSON keys it is kept what they are. */
const MAX_KNOWN = 10_000;

/**
 * What a record of a snapshot says of the membership. `unreadable`: something, but neither true nor false. `unclear`: false
 * under a name that does not tell of which audience, such as `is_member`, which may be that of a loyalty programme.
 */
export type Said = 'member' | 'no member' | 'unreadable' | 'unclear';

/**
 * What a name stands for: a trait called as the audience is, its membership in so many words, any membership, or all
 * audiences of a person.
 */
type Kind = 'own' | 'membership' | 'unclear' | 'all';

/** Where a file may have the membership under no audience's name, as an event does. */
const MEMBERSHIP = /^(?:audience_member(?:ship)?|in_audience)$/;
const UNCLEAR = /^(?:member(?:ship)?|audience)$/;

/**
 * Makes what decides whether a profile of a snapshot is a member of it. Mostly all are; but an export of all profiles has
 * the audience as a trait or property of its own, as Engage gives it: then who has false there, or nothing where others
 * have something, is none.
 *
 * @param key the audience's.
 */
export function createMemberTest(key: string): (record: InputRecord, event: SegmentEvent) => Said {
  const kindOf = createKindOf(key);
  let known: readonly string[] | undefined;
  let own: readonly (readonly [index: number, kind: Kind])[] = [];
  let hasProperties = false;
  return ({ source }, { traits, properties }) => {
    if (source.kind === 'row' && source.columns !== known) {
      known = source.columns;
      own = known.flatMap((column, index) => {
        const kind = kindOf(column);
        return kind === undefined ? [] : [[index, kind] as const];
      });
      hasProperties = columnUses(known, NO_COLUMNS).some(({ place }) => place === 'properties');
    }
    const found: (readonly [Kind, JsonValue | undefined])[] = [];
    const look = (object: JsonObject, before: string): void => {
      for (const [name, value] of Object.entries(object)) {
        const kind = kindOf(before + name);
        if (kind !== undefined) found.push([kind, value]);
      }
    };
    if (source.kind === 'row') for (const [index, kind] of own) found.push([kind, source.cells[index]]);
    if (source.kind === 'object') look(source.value, '');
    // A cell may hold all of them, as JSON. Where there are none but those of the record itself, these were looked at.
    if (isJsonObject(traits)) look(traits, 'traits.');
    const isBag = source.kind === 'row' ? hasProperties : source.kind === 'object' && hasBag(source.value);
    if (isBag && isJsonObject(properties)) look(properties, 'properties.');
    return saidBy(found, key);
  };
}

/** Whether an object has properties in it, also as Snowflake calls them. */
function hasBag(object: JsonObject): boolean {
  return 'properties' in object || 'PROPERTIES' in object;
}

/** Makes what tells what a column or JSON key is: `traits.vip`, `properties.vip`, `audiences.vip`, `is_vip`. */
function createKindOf(key: string): (name: string) => Kind | undefined {
  const known = new Map<string, Kind | undefined>();
  const find = (column: string): Kind | undefined => {
    const whole = audienceKey(column);
    const inBag = whole.replace(/^(?:(?:context_)?traits|properties|audiences)_/, '');
    const bare = inBag.replace(/^is_/, '');
    if (MEMBERSHIP.test(bare)) return 'membership';
    if (inBag === 'audiences') return 'all';
    if ([whole, inBag, bare].includes(key)) {
      // What identifies people in a file such as email.csv is no trait.
      return columnUses([column], NO_COLUMNS)[0]?.use === undefined ? 'own' : undefined;
    }
    return UNCLEAR.test(bare) ? 'unclear' : undefined;
  };
  return (name) => {
    if (known.has(name)) return known.get(name);
    const kind = find(name);
    if (known.size < MAX_KNOWN) known.set(name, kind);
    return kind;
  };
}

function saidBy(found: readonly (readonly [Kind, JsonValue | undefined])[], key: string): Said {
  const sure = found.filter(([kind]) => kind !== 'unclear');
  if (sure.some(([kind, value]) => (kind === 'all' ? isNotAmong(key, value) : isNo(value))))
    return 'no member';
  if (sure.some(([kind, value]) => kind === 'membership' && asMembership(value) === undefined)) {
    return 'unreadable';
  }
  const isUnclear = sure.length === 0 && found.some(([, value]) => asMembership(value) === false);
  return isUnclear ? 'unclear' : 'member';
}

/** Whether an audience is not among those of a person: an object with true or false for each, a list, or a text. */
function isNotAmong(key: string, value: JsonValue | undefined): boolean {
  const given = typeof value === 'string' ? (parseJson(value) ?? value.split(/[,;|{}"]/)) : value;
  if (isJsonObject(given)) {
    return !Object.entries(given).some(([name, is]) => audienceKey(name) === key && !isNo(is));
  }
  return Array.isArray(given)
    ? !given.some((one: JsonValue) => typeof one !== 'string' || audienceKey(one) === key)
    : isNo(given);
}

function isNo(value: JsonValue | undefined): boolean {
  const isNothing = value === null || (typeof value === 'string' && isEmptyCell(value));
  return isNothing || asMembership(value) === false;
}

/** What stops a snapshot in which somebody's membership is `unclear`: to add them may be as wrong as to leave them out. */
export function unclearMembership(place: ErrorPlace): UserError {
  return new UserError(
    'AUDIENCE_NAME_MISSING',
    'The record has false for member, is_member, membership or audience, which do not say of which audience.',
    {
      hint: 'Call it audience_membership if it is of this audience; otherwise give it another name, or leave it out. Nothing was sent.',
      place,
    },
  );
}
