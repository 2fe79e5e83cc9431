import { fnv1a } from '../fnv.js';
import type { Delivery } from '../payload/delivery.js';
import { hashOfEmail } from '../payload/identifiers.js';
import { MAX_BATCH_BYTES, MAX_EVENTS_PER_REQUEST, MAX_USER_ATTRIBUTES } from '../payload/limits.js';
import { SOURCE_REQUEST_ID_BYTES } from '../payload/source-request-id.js';
import type { BatchContent } from '../payload/wire.js';
import { KeyTable } from './key-table.js';

interface Group {
  readonly index: number;
  /** The first one. */
  readonly delivery: Delivery;
  events: number;
  /** Of a group of several: who it is, names of the user attributes, and bytes of the merged batch at most. */
  merged: { readonly subject: string; readonly names: Set<string>; bytes: number } | undefined;
}

/**
 * Lets events of one user that arrive close together share a batch, which costs the rate limit one instead of several
 * (contract.md, section 1). Deliveries share only when everything that says who and where is equal (identities with the
 * RTID, device, ip, environment, route), the merged batch keeps every limit, and no other batch of that user came in
 * between. The result depends on what is added alone, so that a dry run shows what a run would send.
 */
export class Grouping {
  readonly #groups: Group[] = [];
  /** Of each user key, the latest group, counted from 1. */
  readonly #latestOfUser = new KeyTable();

  /**
   * Adds the next delivery in file order.
   *
   * @param index its number, counted from 0.
   * @param userKeys what {@link userKeysOf} gave.
   * @returns the index of the first delivery in its batch.
   */
  add(index: number, delivery: Delivery, userKeys: readonly number[]): number {
    const latest = this.#latestOfUser.get(userKeys[0] ?? 0);
    const group = this.#groups[latest - 1];
    const isLatest = group !== undefined && userKeys.every((key) => this.#latestOfUser.get(key) === latest);
    if (isLatest && join(group, delivery)) return group.index;
    const events = delivery.batch.events?.length ?? 0;
    const fresh = this.#groups.push({ index, delivery, events, merged: undefined });
    for (let at = 0; at < userKeys.length; at += 1) this.#latestOfUser.set(userKeys[at] ?? 0, fresh);
    return index;
  }

  /** Forgets everything: what comes next is of another slice. */
  clear(): void {
    this.#groups.length = 0;
    this.#latestOfUser.clear();
  }
}

/** Adds a delivery to a group if it may. @returns whether it did. */
function join(group: Group, delivery: Delivery): boolean {
  const { batch, route } = delivery;
  const { delivery: first } = group;
  const events = batch.events?.length ?? 0;
  if (first.route !== route) return false;
  group.merged ??= {
    subject: first.subjectJson,
    names: new Set(Object.keys(first.batch.user_attributes)),
    bytes: Buffer.byteLength(first.json) + SOURCE_REQUEST_ID_BYTES,
  };
  const { names, subject } = group.merged;
  if (subject !== delivery.subjectJson) return false;
  const bytes = group.merged.bytes + Buffer.byteLength(delivery.json);
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
 * What identifies the user of a batch: batches that share one of these must reach the server in order. Hashes of 32 bits:
 * where two users have the same one, they only wait for each other.
 */
export function userKeysOf({ user_identities: identities, device_info: device, ip }: BatchContent): number[] {
  const { customerid, other2 } = identities;
  const keys: number[] = [];
  const address = hashOfEmail(identities);
  // A part of a SHA-256 identifies as well as the whole.
  if (address !== undefined) keys.push(fnv1a(1, address.slice(0, 12)));
  if (customerid !== undefined) keys.push(fnv1a(3, customerid));
  if (other2 !== undefined) keys.push(fnv1a(4, other2));
  const {
    ios_advertising_id: idfa,
    android_advertising_id: aaid,
    ios_idfv: idfv,
    android_uuid: uuid,
  } = device;
  if (idfa !== undefined) keys.push(fnv1a(5, idfa));
  if (aaid !== undefined) keys.push(fnv1a(5, aaid));
  if (idfv !== undefined) keys.push(fnv1a(5, idfv));
  if (uuid !== undefined) keys.push(fnv1a(5, uuid));
  // An ip with a user agent identifies the user only where nothing better does: a whole office can share one.
  if (keys.length === 0) keys.push(fnv1a(fnv1a(6, ip ?? ''), device.http_header_user_agent ?? ''));
  return keys;
}
