import { fnv1a } from '../fnv.js';
import type { Delivery } from './delivery.js';
import { IDENTIFIER_BITS, IDENTIFIERS, type Identifier, identifiersIn } from './identifiers.js';
import { asText } from './values.js';
import type { BatchContent, EventDataItem } from './wire.js';

/** Amounts of one currency. */
export interface AmountTally {
  events: number;
  /** How many of them are 0. */
  zero: number;
  total: number;
}

/** What comes up most often; a place of the list is free where its count is 0. */
export interface Frequent {
  readonly keys: Uint32Array;
  /** How often, at least. */
  readonly counts: Uint32Array;
}

/**
 * What the deliverable records of a slice, or of a whole run, have to find users and to value conversions by. Holds no
 * value of any record: e-mail addresses are in it as hashes of 32 bits.
 */
export interface Quality {
  records: number;
  readonly identifiers: Record<Identifier, number>;
  /** Records with two identifiers or more. */
  several: number;
  /** Records whose e-mail address came as a SHA-256. */
  hashedEmails: number;
  /** Days since 1970 (UTC) to events. */
  readonly days: Map<number, number>;
  /** Currency, empty where there is none, to its amounts. */
  readonly amounts: Map<string, AmountTally>;
  /** Unix ms. */
  oldestMs: number;
  /** Unix ms. */
  newestMs: number;
  /** Records whose time is midnight on the clock that it was written by. */
  midnight: number;
  /** The most frequent e-mail addresses. */
  readonly emails: Frequent;
  /** Records with a conversion that has an order id. */
  orders: number;
  /** Records that have the order id of the conversion before them in their slice, and are another event. */
  repeatedOrders: number;
  /** Records that have the id of the conversion before them in their slice, and another e-mail address. */
  sharedIds: number;
  /** Of the last conversion of a slice: hashes of 32 bits; 0 where it has no order id, or no e-mail address. */
  readonly last: { order: number; event: number; email: number };
}

const DAY_MS = 86_400_000;
/** As many addresses are followed: one that more than a ninth of the records have is among them. */
const FOLLOWED = 8;
/** As many currencies are told apart: more of them are no currencies. */
const MOST_CURRENCIES = 50;

/** Nothing yet. */
export function emptyQuality(): Quality {
  return {
    records: 0,
    identifiers: { email: 0, customerId: 0, rtid: 0, deviceId: 0, ip: 0 },
    several: 0,
    hashedEmails: 0,
    days: new Map(),
    amounts: new Map(),
    oldestMs: Number.POSITIVE_INFINITY,
    newestMs: Number.NEGATIVE_INFINITY,
    midnight: 0,
    emails: { keys: new Uint32Array(FOLLOWED), counts: new Uint32Array(FOLLOWED) },
    orders: 0,
    repeatedOrders: 0,
    sharedIds: 0,
    last: { order: 0, event: 0, email: 0 },
  };
}

/**
 * Adds a record, with what all its deliveries together have.
 *
 * @param deliveries at least one.
 * @param emailKey of `userKeysOf`, of the first that has an e-mail address; 0 where none has.
 */
export function addToQuality(quality: Quality, deliveries: readonly Delivery[], emailKey: number): void {
  const [first] = deliveries;
  if (first === undefined) return;
  let found = 0;
  for (const { batch } of deliveries) found |= identifiersIn(batch);
  quality.records += 1;
  for (const name of IDENTIFIERS) if ((found & IDENTIFIER_BITS[name]) !== 0) quality.identifiers[name] += 1;
  // More than one bit.
  if ((found & (found - 1)) !== 0) quality.several += 1;
  if (deliveries.some(({ emailCameHashed }) => emailCameHashed)) quality.hashedEmails += 1;
  if ((found & IDENTIFIER_BITS.email) !== 0) follow(quality.emails, emailKey, 1);
  const { timestampMs, atMidnight } = first;
  const day = Math.floor(timestampMs / DAY_MS);
  quality.days.set(day, (quality.days.get(day) ?? 0) + 1);
  if (atMidnight) quality.midnight += 1;
  quality.oldestMs = Math.min(quality.oldestMs, timestampMs);
  quality.newestMs = Math.max(quality.newestMs, timestampMs);
  followOrder(quality, deliveries, emailKey);
  // Several deliveries of a record have one amount.
  for (const { batch } of deliveries) if (addAmounts(quality, batch)) return;
}

/** Counts a record that has an order id, and one that has an id of the conversion before: its order's, or its own. */
function followOrder(quality: Quality, deliveries: readonly Delivery[], email: number): void {
  for (const { id, batch } of deliveries) {
    for (const { data } of batch.events ?? []) {
      if (data.event_name !== 'conversion') continue;
      const { confirmationref } = data.custom_attributes;
      const order = typeof confirmationref === 'string' ? fnv1a(1, confirmationref) : 0;
      const { last } = quality;
      if (order !== 0) quality.orders += 1;
      // A hash already, of the message id and the mapping.
      const event = id[0] ?? 0;
      if (event !== last.event) {
        if (order !== 0 && order === last.order) quality.repeatedOrders += 1;
      } else if (email !== last.email && email !== 0 && last.email !== 0) quality.sharedIds += 1;
      last.order = order;
      last.event = event;
      last.email = email;
      return;
    }
  }
}

/** @returns whether there was one. */
function addAmounts(quality: Quality, { events = [] }: BatchContent): boolean {
  let found = false;
  for (const event of events) {
    if (event.data.event_name === 'conversion' && addAmount(quality, event)) found = true;
  }
  return found;
}

/** Adds what another slice had. */
export function mergeQuality(into: Quality, other: Quality): void {
  into.records += other.records;
  into.several += other.several;
  into.hashedEmails += other.hashedEmails;
  into.midnight += other.midnight;
  into.orders += other.orders;
  into.repeatedOrders += other.repeatedOrders;
  into.sharedIds += other.sharedIds;
  into.oldestMs = Math.min(into.oldestMs, other.oldestMs);
  into.newestMs = Math.max(into.newestMs, other.newestMs);
  for (const name of IDENTIFIERS) into.identifiers[name] += other.identifiers[name];
  for (const [day, events] of other.days) into.days.set(day, (into.days.get(day) ?? 0) + events);
  for (const [currency, { events, zero, total }] of other.amounts) {
    const tally = amountsOf(into, currency);
    tally.events += events;
    tally.zero += zero;
    tally.total += total;
  }
  for (const [at, count] of other.emails.counts.entries()) {
    if (count > 0) follow(into.emails, other.emails.keys[at] ?? 0, count);
  }
}

function addAmount(quality: Quality, { data }: EventDataItem): boolean {
  const { amount, currency } = data.custom_attributes;
  if (typeof amount !== 'number') return false;
  // Mostly it is written as it is counted.
  const known = typeof currency === 'string' ? quality.amounts.get(currency) : undefined;
  const tally = known ?? amountsOf(quality, asText(currency)?.toUpperCase() ?? '');
  tally.events += 1;
  tally.total += amount;
  if (amount === 0) tally.zero += 1;
  return true;
}

/** What is told apart is short, and there is little of it: what stands in a wrong column is kept out of reports. */
function amountsOf({ amounts }: Quality, currency: string): AmountTally {
  const name = /^[A-Z]{3}$/.test(currency) || currency === '' ? currency : OTHER_CURRENCY;
  const key = amounts.has(name) || amounts.size < MOST_CURRENCIES ? name : OTHER_CURRENCY;
  let tally = amounts.get(key);
  if (tally === undefined) {
    tally = { events: 0, zero: 0, total: 0 };
    amounts.set(key, tally);
  }
  return tally;
}

/** What stands for texts that are no currency. */
export const OTHER_CURRENCY = 'other';

/** Counts so that what is frequent stays (Misra and Gries): what is left is at most what there was. */
function follow(emails: Frequent, email: number, count: number): void {
  const { keys, counts } = emails;
  let free = -1;
  for (let at = 0; at < FOLLOWED; at += 1) {
    if (counts[at] === 0) free = at;
    else if (keys[at] === email) {
      counts[at] = (counts[at] ?? 0) + count;
      return;
    }
  }
  if (free >= 0) {
    keys[free] = email;
    counts[free] = count;
    return;
  }
  let least = count;
  for (let at = 0; at < FOLLOWED; at += 1) least = Math.min(least, counts[at] ?? 0);
  for (let at = 0; at < FOLLOWED; at += 1) counts[at] = (counts[at] ?? 0) - least;
  if (count > least) follow(emails, email, count - least);
}
