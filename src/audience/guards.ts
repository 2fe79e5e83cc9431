import { type ErrorPlace, UserError } from '../errors.js';
import { SEGMENT_TYPES } from '../input/cell-values.js';
import type { InputRecord } from '../input/input-record.js';
import type { JsonObject, JsonValue, Problem, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import type { Delivery } from '../payload/delivery.js';
import { membershipIn } from '../payload/membership.js';
import { shortened } from '../printable.js';
import { isAbove, plainPercent } from '../share.js';
import { audienceKey } from './key.js';
import type { PlanCounts } from './plan.js';
import { SNAPSHOT_LISTS } from './profile.js';

/** From this many members up a share of leaves says something. */
const SHARE_FROM_MEMBERS = 100;

/** What may leave without being asked for. */
export interface GuardOptions {
  /** Largest share (0 to 1) of the members that may leave in one sync. */
  readonly maxDrop: number;
  /** Whether a snapshot without anyone is meant so. */
  readonly allowEmpty: boolean;
}

/** Why a record out of a rejects file is no member of a snapshot: those who are not in that file have not left. */
export function ofRejects(file: string, line: number): UserError {
  return new UserError('AUDIENCE_OF_REJECTS', 'The file is a rejects file, which is not a snapshot.', {
    hint: 'Fix the snapshot itself and sync that again; nothing was sent.',
    place: { file, line },
  });
}

/** Whoever is in a file with changes is no member for being in it: they may have left by one. */
export function changeInSnapshot(file: string, line: number): UserError {
  return new UserError(
    'AUDIENCE_TWICE',
    'The file begins with what is no change of an audience, as a snapshot does, and this is a change.',
    {
      hint: 'Leave out what is no change, or put one first: then the others are skipped. Nothing was sent.',
      place: { file, line },
    },
  );
}

/** Of a file of changes, where the user has named one audience. */
export function ofAnotherAudience(place: ErrorPlace): UserError {
  return new UserError('OPTION_CONFLICT', 'The change is of another audience than --audience names.', {
    hint: 'Leave out --audience: changes name their audiences. If one alone is meant, leave the others out of the file; nothing was sent.',
    place,
  });
}

/**
 * Stops a mapping by which a member of a snapshot joins no audience, or one of another name: leaves are sent under the
 * snapshot's, so they would stay in that for ever.
 *
 * @param deliveries what adds a member of the audience `key`.
 * @throws UserError `AUDIENCE_NOT_MAPPED` (exit 2: nothing was sent).
 */
export function checkJoins(key: string, deliveries: readonly Delivery[], place: ErrorPlace): void {
  const joined = deliveries.map(({ batch }) => membershipIn(batch));
  const given = joined.filter((membership) => membership !== undefined);
  if (given.length > 0 && given.every(({ name, member }) => name === key && member)) return;
  const wrong = joined.findIndex((membership) => membership?.name !== key || !membership.member);
  throw new UserError(
    'AUDIENCE_NOT_MAPPED',
    `The mapping ${deliveries[wrong]?.mapping ?? ''} does not add this member to ${key}.`,
    {
      hint: 'Leave engageAudienceName, computationAction, traitsOrProps and audienceDetails to the preset, and name the audience with --audience. Nothing was sent.',
      place,
    },
  );
}

/** Where a record may name its audience. */
const AUDIENCE_NAMES = ['audience_key', 'computation_key', 'audience_name', 'audience'];

/** What a record says that it is of. Undefined: of no audience by name. */
function audienceIn({ properties, traits }: SegmentEvent): string | undefined {
  for (const bag of [properties, traits]) {
    if (!isJsonObject(bag)) continue;
    const name = AUDIENCE_NAMES.map((key) => bag[key]).find(
      (text) => typeof text === 'string' && audienceKey(text) !== '',
    );
    if (typeof name === 'string') return name;
  }
  return undefined;
}

/**
 * Makes what stops a snapshot whose records name several audiences: it would add the members of all to one.
 *
 * @returns throws UserError `AUDIENCE_NAME_MISSING` (exit 2: nothing was sent).
 */
export function createSameAudienceCheck(file: string): (event: SegmentEvent, line: number) => void {
  let first: string | undefined;
  return (event, line) => {
    const name = audienceIn(event);
    first ??= name;
    if (name === undefined || name === first || audienceKey(name) === audienceKey(first ?? '')) return;
    throw new UserError(
      'AUDIENCE_NAME_MISSING',
      'The records are of several audiences: this one names another.',
      {
        hint: 'Export each audience to a file of its own; nothing was sent.',
        place: { file, line },
      },
    );
  };
}

/** What only a list of people has in its objects. */
const PEOPLE_KEYS = ['user_id', 'userId', 'traits', 'external_ids', 'email'];

/**
 * Stops a JSON file that holds one object with the members in a list of a name that is not known: as a profile, it would
 * take the place of all of them.
 *
 * @param profile the only one of a snapshot.
 * @throws UserError `AUDIENCE_EMPTY` (exit 2: nothing was sent).
 */
export function checkOnlyProfile(profile: JsonObject, place: ErrorPlace): void {
  if ('traits' in profile || 'email' in profile) return;
  const list = Object.entries(profile).find(
    ([name, value]) =>
      name !== 'external_ids' &&
      Array.isArray(value) &&
      value.some((one: JsonValue) => isJsonObject(one) && PEOPLE_KEYS.some((key) => key in one)),
  );
  if (list === undefined) return;
  throw new UserError(
    'AUDIENCE_EMPTY',
    `The snapshot is one object, whose list "${shortened(list[0])}" is not read.`,
    {
      hint: `Call it ${SNAPSHOT_LISTS.join(' or ')}, or export the list alone; nothing was sent.`,
      place,
    },
  );
}

/** Whether somebody's record is a call of theirs: of an order, or a page. What a profile has, `identify` may have too. */
export function isCall({ source }: InputRecord): boolean {
  if (source.kind !== 'object') return false;
  const { type, messageId } = source.value;
  const isType = typeof type === 'string' && SEGMENT_TYPES.has(type);
  return isType && type !== 'identify' && messageId !== undefined;
}

/** What stops a file of calls without a change: whoever called is no member for that. */
export function ofCalls(place: ErrorPlace): UserError {
  return new UserError(
    'AUDIENCE_EMPTY',
    'The file has calls, such as of a page or an order, and no profiles.',
    {
      hint: 'Whoever made them is no member for that; export the members of the audience. Nothing was sent.',
      place,
    },
  );
}

/** Whether a record that cannot be read tells that its file is damaged: nobody knows then who else was in it. */
export function isCutShort({ code }: Problem): boolean {
  return code === 'JSON_TRUNCATED' || code === 'JSON_INVALID';
}

/**
 * Stops a snapshot that was cut short, or is of something else, from emptying an audience.
 *
 * @param members how many there were before.
 * @param isHeld whether nobody leaves anyway, since records were rejected; the run tells why, also where all of them were.
 * @throws UserError `AUDIENCE_EMPTY`, `AUDIENCE_DROP_TOO_LARGE` (exit 2: nothing was sent).
 */
export function checkLeaves(
  key: string,
  members: number,
  { joined, left, updated, unchanged }: PlanCounts,
  isHeld: boolean,
  { maxDrop, allowEmpty }: GuardOptions,
): void {
  if (joined + updated + unchanged === 0) {
    if (allowEmpty || isHeld) return;
    throw new UserError(
      'AUDIENCE_EMPTY',
      `The snapshot of ${key} names no member; members now: ${members}.`,
      {
        hint: 'Check whether the export failed. If everyone has really left, add --allow-empty.',
      },
    );
  }
  if (members < SHARE_FROM_MEMBERS || !isAbove(left, maxDrop * members)) return;
  const percent = (left * 100) / members;
  throw new UserError(
    'AUDIENCE_DROP_TOO_LARGE',
    `${left} of ${members} members of ${key} would leave (${percent.toFixed(1)} %), more than ${plainPercent(maxDrop)}; ${joined} would join.`,
    {
      hint: `Check whether the snapshot is complete. If they have really left, add --max-drop ${Math.ceil(percent)}%.`,
    },
  );
}
