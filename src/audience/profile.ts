import { columnUses } from '../input/column-uses.js';
import { hasPartsOfEvent } from '../input/event.js';
import type { InputRecord } from '../input/input-record.js';
import { parseJson } from '../input/json-text.js';
import { isEventKey, PLUGIN_RTID } from '../input/places.js';
import type { JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { createGetter } from '../mapping/path.js';
import { asText } from '../payload/values.js';
import { createUuidV5 } from '../uuid.js';

/** An id in the namespace of membership changes. */
const uuidOfChange = createUuidV5('3d0a6e1c94b84f5f9a7c2be815d06f42');

/** An audience in the making: what makes a profile an event of it. */
export interface AudienceTime {
  /** The audience's key. */
  readonly key: string;
  /** Unix ms; the changes of one sync are recognised by it. */
  readonly generation: number;
}

/** What the list of members may be called in the JSON object of a snapshot. */
export const SNAPSHOT_LISTS = ['members', 'users', 'profiles', 'data'] as const;

/** Where an external id of a Segment profile goes. */
const EXTERNAL_IDS: Readonly<Record<string, readonly string[]>> = {
  user_id: ['userId'],
  email: ['traits', 'email'],
  phone: ['traits', 'phone'],
  'ios.idfa': ['context', 'device', 'advertisingId'],
  'ios.id': ['context', 'device', 'id'],
  'android.idfa': ['context', 'device', 'advertisingId'],
  'android.id': ['context', 'device', 'id'],
};

/** Segment's audience mapping reads the trait `rtid` alone. */
const pluginRtid = createGetter(PLUGIN_RTID);

/** What Engage calls its track calls of an audience, and a warehouse its tables of them. */
const ENTRY = /^audience[ _](?:(entered)|exited)$/i;

/** Whether a record says itself who joined or left: an Engage call, or an event with an audience's name and membership. */
export function isChange(event: SegmentEvent): boolean {
  const { properties, traits } = event;
  const bag = isJsonObject(properties) ? properties : isJsonObject(traits) ? traits : {};
  const isNamed = typeof personasOf(event).computation_key === 'string';
  return isNamed || ('audience_name' in bag && 'audience_membership' in bag) || isEntry(event);
}

/** Whether a table has the columns by which each of its rows says so. */
export function hasColumnsOfChanges(columns: readonly string[]): boolean {
  const places = new Set(columnUses(columns, new Map()).map(({ place }) => place));
  const isNamed = places.has('context.personas.computation_key');
  return (
    isNamed || ['audience_name', 'audience_membership'].every((name) => places.has(`properties.${name}`))
  );
}

function personasOf({ context }: SegmentEvent): JsonObject {
  return isJsonObject(context) && isJsonObject(context.personas) ? context.personas : {};
}

function isEntry({ type, event }: SegmentEvent): boolean {
  return type === 'track' && typeof event === 'string' && ENTRY.test(event.trim());
}

/**
 * An `Audience Entered` or `Audience Exited` with all that Engage says in one: Segment's documentation, and a table of
 * them, may have it without the context, or the membership. Any other event stays the same object.
 */
export function completeEntry(event: SegmentEvent): SegmentEvent {
  if (!isEntry(event)) return event;
  const properties = isJsonObject(event.properties) ? event.properties : {};
  const personas = personasOf(event);
  const key = asText(personas.computation_key ?? properties.audience_key ?? properties.audience_name);
  if (key === undefined || 'audience_membership' in properties) return event;
  const member = ENTRY.exec(String(event.event).trim())?.[1] !== undefined;
  return {
    ...event,
    messageId: event.messageId,
    properties: { ...properties, [key]: properties[key] ?? member },
    context: {
      ...(isJsonObject(event.context) ? event.context : {}),
      personas: { computation_class: 'audience', ...personas, computation_key: key },
    },
  };
}

/**
 * The identify call that Engage would send for a member of an audience.
 *
 * @param record a row of a table, or a profile as Segment gives it (`user_id`, `traits`, `external_ids`).
 */
export function toIdentify(
  record: InputRecord,
  event: SegmentEvent,
  { key, generation }: AudienceTime,
): SegmentEvent {
  const profile = record.source.kind === 'object' ? record.source.value : {};
  const traits: Record<string, JsonValue | undefined> = besideTraits(profile);
  for (const part of [event.properties, event.traits]) if (isJsonObject(part)) Object.assign(traits, part);
  const context: Record<string, JsonValue | undefined> = {
    ...(isJsonObject(event.context) ? event.context : {}),
  };
  traits.rtid ??= pluginRtid(event);
  let { userId } = event;
  for (const { type, id } of externalIds(profile, event)) {
    const [root, ...rest] = EXTERNAL_IDS[type] ?? [];
    if (root === 'userId') userId ??= id;
    else if (root === 'traits' && rest[0] !== undefined) traits[rest[0]] ??= id;
    else if (root === 'context' && rest[1] !== undefined) {
      const device = isJsonObject(context.device)
        ? context.device
        : { type: type.startsWith('ios') ? 'ios' : 'android' };
      context.device = { [rest[1]]: id, ...device };
    }
  }
  const said = { ...traits, [key]: true };
  return {
    type: 'identify',
    // The id that a member's row has may be that of others too: of an event, or of a batch of an export.
    messageId: changeId(key, generation, 'add', JSON.stringify([event.messageId, userId, traits, context])),
    timestamp: new Date(generation).toISOString(),
    ...(userId === undefined ? {} : { userId }),
    traits: said,
    // Where source.columns leads to, and a trigger or field for the same table looks.
    properties: said,
    context: { ...context, personas: { computation_key: key, computation_class: 'audience' } },
  };
}

/** What a profile that is laid out as an event has at its top and an event has not: an address beside its traits is one. */
function besideTraits(profile: JsonObject): Record<string, JsonValue | undefined> {
  if (!hasPartsOfEvent(profile)) return {};
  return Object.fromEntries(
    Object.entries(profile).filter(
      ([name, value]) => typeof value !== 'object' && !isEventKey(name) && !IDS.has(name),
    ),
  );
}

/** Ids that a profile has at its top, which are no traits. */
const IDS: ReadonlySet<string> = new Set(['user_id', 'anonymous_id']);

/**
 * Whether a profile is that of a visitor of whom only an anonymous id is known, as many of Engage's are: Rokt cannot have
 * them as a member.
 *
 * @param event without any identifier.
 */
export function isAnonymous(record: InputRecord, event: SegmentEvent): boolean {
  const profile = record.source.kind === 'object' ? record.source.value : {};
  return (
    asText(event.anonymousId) !== undefined ||
    asText(profile.anonymous_id) !== undefined ||
    externalIds(profile, event).some(({ type }) => type === 'anonymous_id')
  );
}

/**
 * A track call that reports a membership, as the identify call that Segment's preset is for: a change and no conversion.
 */
export function trackAsIdentify({ event: _, ...rest }: SegmentEvent): SegmentEvent {
  const traits = isJsonObject(rest.traits) ? rest.traits : {};
  const rtid = traits.rtid ?? pluginRtid(rest);
  return {
    ...rest,
    messageId: rest.messageId,
    type: 'identify',
    ...(rtid === undefined ? {} : { traits: { ...traits, rtid } }),
  };
}

/** The id of one change: the same when a sync is repeated. */
export function changeId(key: string, generation: number, what: 'add' | 'drop', who: string): string {
  return uuidOfChange(JSON.stringify([key, generation, what, who]));
}

/** In a table they are JSON in a cell, which Snowflake calls EXTERNAL_IDS. */
function externalIds(
  profile: JsonObject,
  { properties }: SegmentEvent,
): { readonly type: string; readonly id: string }[] {
  const bag = isJsonObject(properties) ? properties : {};
  const given = profile.external_ids ?? bag.external_ids ?? bag.EXTERNAL_IDS;
  const list = typeof given === 'string' ? parseJson(given) : given;
  if (!Array.isArray(list)) return [];
  return list.flatMap((entry: JsonValue) => {
    if (!isJsonObject(entry)) return [];
    const [type, id] = [asText(entry.type), asText(entry.id)];
    return type === undefined || id === undefined ? [] : [{ type, id }];
  });
}
