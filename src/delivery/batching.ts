import { setOwn } from '../json.js';
import {
  MAX_BATCH_BYTES,
  MAX_EVENTS_PER_REQUEST,
  MAX_USER_ATTRIBUTES,
  SOURCE_REQUEST_ID_BYTES,
} from '../payload/limits.js';
import type { Delivery } from '../payload/prepare.js';
import { sourceRequestId } from '../payload/source-request-id.js';
import type { BatchContent, EventDataItem, UserAttribute } from '../payload/wire.js';

/** One record's delivery by one mapping: what is accepted or rejected on its own. */
export interface Unit {
  readonly delivery: Delivery;
}

/** A batch ready to be sent, for one or several units of one user. */
export interface OutgoingBatch<U extends Unit> {
  readonly units: readonly [U, ...U[]];
  /** The batch as JSON, `source_request_id` included; the same bytes on every try. */
  readonly json: string;
  /** Length of `json` in bytes of UTF-8. */
  readonly bytes: number;
  /** Event data items in it, which is what the limit of a request counts. */
  readonly events: number;
  readonly route: Delivery['route'];
  /** What tells the user: batches that share one must reach the server in order. */
  readonly userKeys: readonly string[];
}

interface Group<U extends Unit> {
  readonly units: [U, ...U[]];
  readonly userKeys: readonly string[];
  /** Names of the user attributes, once there are several units. */
  attributes: Set<string> | undefined;
  events: number;
  /** At least the bytes that the merged batch will have. */
  bytes: number;
}

/**
 * Lets events of one user that arrive close together share a batch, which costs the rate limit one instead of several
 * (contract.md, section 1). Units share only when everything that says who and where is equal (identities with the
 * RTID, device, ip, environment, route), the merged batch keeps every limit, and no other batch of that user came in
 * between. The result depends on `units` alone, so that a dry run shows what a run would send.
 *
 * @param units in file order, a window of a few hundred to a few thousand.
 * @returns batches in the order of their first units.
 */
export function groupIntoBatches<U extends Unit>(units: readonly U[]): OutgoingBatch<U>[] {
  const groups: Group<U>[] = [];
  const latestOfUser = new Map<string, Group<U>>();
  for (const unit of units) {
    const { batch, bytes, route } = unit.delivery;
    const userKeys = userKeysOf(batch);
    const events = batch.events?.length ?? 0;
    const [firstKey = ''] = userKeys;
    const group = latestOfUser.get(firstKey);
    if (
      group !== undefined &&
      group.units[0].delivery.route === route &&
      group.units[0].delivery.subjectJson === unit.delivery.subjectJson &&
      userKeys.every((key) => latestOfUser.get(key) === group) &&
      group.events + events <= MAX_EVENTS_PER_REQUEST &&
      group.bytes + bytes + SOURCE_REQUEST_ID_BYTES <= MAX_BATCH_BYTES &&
      unionSize(namesIn(group), batch.user_attributes) <= MAX_USER_ATTRIBUTES
    ) {
      group.units.push(unit);
      group.events += events;
      group.bytes += bytes;
      for (const name of Object.keys(batch.user_attributes)) namesIn(group).add(name);
      continue;
    }
    const fresh: Group<U> = {
      units: [unit],
      userKeys,
      attributes: undefined,
      events,
      bytes,
    };
    groups.push(fresh);
    for (const key of userKeys) latestOfUser.set(key, fresh);
  }
  return groups.map(({ units: members, userKeys }) => toBatch(members, userKeys));
}

/** The batches of the units of `batch`, each alone: the last step of finding the one that the server refuses. */
export function separate<U extends Unit>(batch: OutgoingBatch<U>): OutgoingBatch<U>[] {
  return batch.units.map((unit) => toBatch([unit], batch.userKeys));
}

/** Bytes of `"source_request_id":"…",`, whose value is a UUID. */
const ID_BYTES = '"source_request_id":"",'.length + 36;

/** One batch of `units`, which are of one user: the same units in the same order always give the same bytes. */
export function toBatch<U extends Unit>(
  units: readonly [U, ...U[]],
  userKeys = userKeysOf(units[0].delivery.batch),
): OutgoingBatch<U> {
  const { delivery } = units[0];
  const content = units.length === 1 ? delivery.json : JSON.stringify(merge(units));
  const id = units.length === 1 ? delivery.contentId : sourceRequestId(content);
  const json = `{"source_request_id":"${id}",${content.slice(1)}`;
  return {
    units,
    json,
    bytes: units.length === 1 ? delivery.bytes + ID_BYTES : Buffer.byteLength(json),
    events: units.reduce((sum, unit) => sum + (unit.delivery.batch.events?.length ?? 0), 0),
    route: delivery.route,
    userKeys,
  };
}

function merge(units: readonly [Unit, ...Unit[]]): BatchContent {
  const inTimeOrder = units.map((unit) => unit.delivery).sort((a, b) => a.timestampMs - b.timestampMs);
  const attributes: Record<string, UserAttribute> = {};
  const events: EventDataItem[] = [];
  for (const { batch } of inTimeOrder) {
    for (const [name, value] of Object.entries(batch.user_attributes)) setOwn(attributes, name, value);
    if (batch.events !== undefined) events.push(...batch.events);
  }
  return {
    ...units[0].delivery.batch,
    user_attributes: attributes,
    ...(events.length === 0 ? {} : { events }),
  };
}

/** Most groups stay with one unit: only of others the names are looked up. */
function namesIn<U extends Unit>(group: Group<U>): Set<string> {
  group.attributes ??= new Set(Object.keys(group.units[0].delivery.batch.user_attributes));
  return group.attributes;
}

function unionSize(names: ReadonlySet<string>, attributes: BatchContent['user_attributes']): number {
  let size = names.size;
  for (const name of Object.keys(attributes)) if (!names.has(name)) size += 1;
  return size;
}

/** An ip with a user agent tells the user only where nothing better does: a whole office can share one. */
function userKeysOf({
  user_identities: identities,
  device_info: device,
  ip,
}: BatchContent): readonly string[] {
  const { email, other, customerid, other2 } = identities;
  const keys: string[] = [];
  if (email !== undefined) keys.push(`email:${email}`);
  if (other !== undefined) keys.push(`other:${other}`);
  if (customerid !== undefined) keys.push(`customerid:${customerid}`);
  if (other2 !== undefined) keys.push(`other2:${other2}`);
  const {
    ios_advertising_id: idfa,
    android_advertising_id: aaid,
    ios_idfv: idfv,
    android_uuid: uuid,
  } = device;
  for (const id of [idfa, aaid, idfv, uuid]) if (id !== undefined) keys.push(`device:${id}`);
  return keys.length > 0 ? keys : [`ip:${ip ?? ''} ${device.http_header_user_agent ?? ''}`];
}
