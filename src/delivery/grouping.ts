import {
  MAX_BATCH_BYTES,
  MAX_EVENTS_PER_REQUEST,
  MAX_USER_ATTRIBUTES,
  SOURCE_REQUEST_ID_BYTES,
} from '../payload/limits.js';
import type { Delivery } from '../payload/prepare.js';
import type { BatchContent } from '../payload/wire.js';

interface Group {
  readonly first: Delivery;
  readonly index: number;
  /** Names of the user attributes, and bytes of the merged batch at most; known once there are several deliveries. */
  merged: { readonly names: Set<string>; bytes: number } | undefined;
  events: number;
}

/**
 * Lets events of one user that arrive close together share a batch, which costs the rate limit one instead of several
 * (contract.md, section 1). Deliveries share only when everything that says who and where is equal (identities with the
 * RTID, device, ip, environment, route), the merged batch keeps every limit, and no other batch of that user came in
 * between. The result depends on `deliveries` alone, so that a dry run shows what a run would send.
 *
 * @param deliveries in file order, a window of a few hundred to a few thousand.
 * @param userKeys of each, what {@link userKeysOf} gave.
 * @returns of each, the index of the first delivery in its batch.
 */
export function groupDeliveries(
  deliveries: readonly Delivery[],
  userKeys: readonly (readonly number[])[],
): number[] {
  const latestOfUser = new Map<number, Group>();
  return deliveries.map((delivery, index) => {
    const keys = userKeys[index] ?? [];
    const group = latestOfUser.get(keys[0] ?? 0);
    if (group !== undefined && keys.every((key) => latestOfUser.get(key) === group) && join(group, delivery))
      return group.index;
    const fresh: Group = {
      first: delivery,
      index,
      merged: undefined,
      events: delivery.batch.events?.length ?? 0,
    };
    for (const key of keys) latestOfUser.set(key, fresh);
    return index;
  });
}

/** Adds a delivery to a group if it may. @returns whether it did. */
function join(group: Group, { batch, json, route, subjectJson }: Delivery): boolean {
  const { first } = group;
  const events = batch.events?.length ?? 0;
  if (first.route !== route || first.subjectJson !== subjectJson) return false;
  group.merged ??= {
    names: new Set(Object.keys(first.batch.user_attributes)),
    bytes: Buffer.byteLength(first.json) + SOURCE_REQUEST_ID_BYTES,
  };
  const { names } = group.merged;
  const bytes = group.merged.bytes + Buffer.byteLength(json);
  const added = Object.keys(batch.user_attributes).filter((name) => !names.has(name));
  if (
    group.events + events > MAX_EVENTS_PER_REQUEST ||
    bytes > MAX_BATCH_BYTES ||
    names.size + added.length > MAX_USER_ATTRIBUTES
  ) {
    return false;
  }
  for (const name of added) names.add(name);
  group.merged.bytes = bytes;
  group.events += events;
  return true;
}

/**
 * What tells the user of a batch: batches that share one of these must reach the server in order. Hashes of 32 bits:
 * where two users have the same one, they only wait for each other.
 */
export function userKeysOf({ user_identities: identities, device_info: device, ip }: BatchContent): number[] {
  const { email, other, customerid, other2 } = identities;
  const keys: number[] = [];
  if (email !== undefined) keys.push(hashOf(1, email));
  if (other !== undefined) keys.push(hashOf(2, other));
  if (customerid !== undefined) keys.push(hashOf(3, customerid));
  if (other2 !== undefined) keys.push(hashOf(4, other2));
  const {
    ios_advertising_id: idfa,
    android_advertising_id: aaid,
    ios_idfv: idfv,
    android_uuid: uuid,
  } = device;
  if (idfa !== undefined) keys.push(hashOf(5, idfa));
  if (aaid !== undefined) keys.push(hashOf(5, aaid));
  if (idfv !== undefined) keys.push(hashOf(5, idfv));
  if (uuid !== undefined) keys.push(hashOf(5, uuid));
  // An ip with a user agent tells the user only where nothing better does: a whole office can share one.
  if (keys.length === 0) keys.push(hashOf(hashOf(6, ip ?? ''), device.http_header_user_agent ?? ''));
  return keys;
}

/** FNV-1a over UTF-16 code units. */
function hashOf(kind: number, text: string): number {
  let hash = 0x811c9dc5 ^ kind;
  for (let index = 0; index < text.length; index += 1) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash >>> 0;
}
