import type { Code } from '../codes.js';
import { CURRENCY_CODES } from '../currencies.js';
import { IDENTIFIERS, type Identifier } from '../payload/identifiers.js';
import { OTHER_CURRENCY, type Quality } from '../payload/quality.js';
import { counted, toMinute } from './words.js';

/** A count of records, and its share (0 to 1) of all deliverable ones. */
export interface Share {
  readonly records: number;
  readonly share: number;
}

/** Something that a person would want to look at. */
export interface QualityWarning {
  /** Stable, for scripts. */
  readonly code: Code;
  readonly message: string;
}

/** The match quality of a run, as reports and `--json` give it. Holds no value of any record. */
export interface QualityReport {
  /**
   * Deliverable records, as they were read: without those that earlier runs delivered, with those that repeat one of this
   * run or that the server refused.
   */
  readonly records: number;
  readonly identifiers: Readonly<Record<Identifier, Share>>;
  /** Records with two identifiers or more. */
  readonly several: Share;
  /** Records whose e-mail address came as a SHA-256. */
  readonly hashedEmails: Share;
  /** Events by day (UTC), oldest first. */
  readonly days: readonly { readonly day: string; readonly events: number }[];
  readonly amounts: readonly { readonly currency: string; readonly events: number; readonly total: number }[];
  /** ISO 8601; absent where there is no record. */
  readonly oldest?: string;
  readonly newest?: string;
  readonly warnings: readonly QualityWarning[];
}

/** From this many records on, what is odd is no chance. */
const ENOUGH = 20;
/** Under this share hardly any has it. */
const RARE = 0.01;
const DAY_MS = 86_400_000;

/** What identifiers are called for people. */
const IDENTIFIER_NAMES: Readonly<Record<Identifier, string>> = {
  email: 'e-mail',
  customerId: 'customer id',
  rtid: 'RTID',
  deviceId: 'device id',
  ip: 'ip with user agent',
};

/** Brings what was counted into the form of reports. */
export function describeQuality(quality: Quality): QualityReport {
  const { records } = quality;
  const share = (count: number): Share => ({
    records: count,
    share: records === 0 ? 0 : Math.round((count / records) * 1e6) / 1e6,
  });
  const { email, customerId, rtid, deviceId, ip } = quality.identifiers;
  const byTime = [...quality.days].sort(([a], [b]) => a - b);
  return {
    records,
    identifiers: {
      email: share(email),
      customerId: share(customerId),
      rtid: share(rtid),
      deviceId: share(deviceId),
      ip: share(ip),
    },
    several: share(quality.several),
    hashedEmails: share(quality.hashedEmails),
    days: byTime.map(([day, events]) => ({ day: new Date(day * DAY_MS).toISOString().slice(0, 10), events })),
    amounts: [...quality.amounts]
      .map(([currency, { events, total }]) => ({ currency, events, total: Math.round(total * 100) / 100 }))
      .sort((a, b) => b.events - a.events),
    ...(records === 0
      ? {}
      : {
          oldest: new Date(quality.oldestMs).toISOString(),
          newest: new Date(quality.newestMs).toISOString(),
        }),
    warnings: warningsOf(quality),
  };
}

function warningsOf(quality: Quality): QualityWarning[] {
  const { records, identifiers, midnight, amounts, emails } = quality;
  if (records < ENOUGH) return [];
  const warnings: QualityWarning[] = [];
  const warn = (code: Code, message: string): void => {
    warnings.push({ code, message });
  };
  const mostFrequent = Math.max(0, ...emails.counts);
  if (mostFrequent * 5 >= identifiers.email * 2 && identifiers.email >= ENOUGH) {
    warn(
      'EMAILS_EQUAL',
      `At least ${mostFrequent} of ${identifiers.email} e-mail addresses are the same one: is it your own, or a placeholder?`,
    );
  }
  const priced = [...amounts.values()].reduce((sum, { events }) => sum + events, 0);
  const rareAmount = quality.orders < ENOUGH ? undefined : rareAmong(quality.orders, 'order', priced);
  if (rareAmount !== undefined) {
    warn(
      'AMOUNTS_RARE',
      `${rareAmount} an amount: was its column renamed? Its place is properties.revenue (source.columns).`,
    );
  }
  if (priced >= ENOUGH && quality.orders < priced * RARE) {
    warn(
      'ORDER_IDS_RARE',
      `${quality.orders === 0 ? 'No event with an amount has' : 'Under 1 % of the events with an amount have'} an order id: was its column renamed? Its place is properties.order_id (source.columns).`,
    );
  }
  const zero = [...amounts.values()].reduce((sum, tally) => sum + tally.zero, 0);
  if (priced > 0 && zero === priced) {
    warn('AMOUNTS_ZERO', 'Every amount is 0: is the right column mapped to properties.revenue?');
  }
  if (midnight === records) {
    warn(
      'TIMES_AT_MIDNIGHT',
      'Every event is at midnight: the column has dates only, and a conversion is matched by its time.',
    );
  }
  const unknown = [...amounts]
    .filter(([currency]) => !isCurrency(currency))
    .reduce((sum, [, { events }]) => sum + events, 0);
  if (unknown > 0) {
    warn(
      'CURRENCY_UNKNOWN',
      `${unknown} amounts have no currency, or one that is not an ISO 4217 code: write USD, EUR, …`,
    );
  }
  if (quality.repeatedOrders > 0) {
    warn(
      'ORDER_ID_REPEATED',
      `${counted(quality.repeatedOrders, 'record')} with the order id of the one before: if an order has a row for each of its items, name the column of its id in source.groupBy (of JSON, give it the place messageId too), or each row counts as an order.`,
    );
  }
  if (quality.sharedIds >= records * RARE) {
    warn(
      'MESSAGE_ID_REPEATED',
      `${counted(quality.sharedIds, 'record')} with the id of the one before, and another e-mail address: of each id only the first is sent. Has the column that leads to messageId an id for each order?`,
    );
  }
  const rareEmail = rareAmong(records, 'record', identifiers.email);
  if (rareEmail !== undefined) {
    warn(
      'EMAIL_RARE',
      `${rareEmail} an e-mail address, by which most users are found: was its column renamed? Its place is properties.email (source.columns).`,
    );
  }
  const rareRtid = rareAmong(records, 'record', identifiers.rtid);
  if (rareRtid !== undefined) {
    warn(
      'RTID_RARE',
      `${rareRtid} an RTID: only it ties a conversion to a click. See rokt-capi serve-plugin.`,
    );
  }
  return warnings;
}

/** `No record has`, where hardly any of so many has something; undefined where more have. */
function rareAmong(all: number, what: 'record' | 'order', count: number): string | undefined {
  if (count >= all * RARE) return undefined;
  return count === 0 ? `No ${what} has` : `Under 1 % of the ${what}s have`;
}

function isCurrency(code: string): boolean {
  return code !== '' && code !== OTHER_CURRENCY && CURRENCY_CODES.has(code);
}

/**
 * The share of each identifier, of two or more, and of hashed addresses where there are any, with its name for people, in
 * the order in which they are told.
 */
export function namedShares({
  identifiers,
  several,
  hashedEmails,
}: QualityReport): [name: string, share: Share][] {
  return [
    ...IDENTIFIERS.map((name): [string, Share] => [IDENTIFIER_NAMES[name], identifiers[name]]),
    ['two or more', several],
    ...(hashedEmails.records === 0 ? [] : [['e-mail came hashed', hashedEmails] satisfies [string, Share]]),
  ];
}

/** From when to when the events are, in words; empty where there is none. */
export function formatPeriod({ oldest, newest }: QualityReport): string {
  if (oldest === undefined || newest === undefined) return '';
  return `events from ${toMinute(oldest)} to ${toMinute(newest)} UTC`;
}

/** What a currency is called for people. */
export function currencyName(currency: string): string {
  return currency === '' ? '(no currency)' : currency;
}

/** The quality for a terminal, without a line end at its end; empty where there is nothing to tell of. */
export function formatQuality(quality: QualityReport): string[] {
  if (quality.records === 0) return [];
  const lines = namedShares(quality);
  const width = Math.max(...lines.map(([name]) => name.length));
  return [
    '',
    'Match quality:',
    ...lines.map(
      ([name, { share, records }]) => `  ${name.padEnd(width)}  ${percent(share).padStart(7)}  ${records}`,
    ),
    `  ${formatPeriod(quality)}`,
    ...quality.amounts.map(
      ({ currency, events, total }) =>
        `  ${total.toFixed(2)} ${currencyName(currency)} in ${counted(events, 'event')}`,
    ),
    ...quality.warnings.map(({ code, message }) => `  ! ${code}: ${message}`),
  ];
}

/** `12.5 %` of a share from 0 to 1. */
export function percent(share: number): string {
  return `${(share * 100).toFixed(1)} %`;
}
