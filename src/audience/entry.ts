import type { DeliveryId, DeliveryKey, RecordSource } from '../interfaces.js';
import { Delivery } from '../payload/delivery.js';
import type { PreparedRecord } from '../payload/prepare.js';
import type { Route } from '../payload/route.js';
import type { BatchContent } from '../payload/wire.js';

/** What the input said of one person, kept until all of it was read. */
export interface Entry {
  readonly file: string;
  readonly record: PreparedRecord & { readonly outcome: { readonly kind: 'ready' } };
  /** See `person.ts`. */
  readonly identifiers: readonly string[];
}

/** An entry as a spool has it. */
export interface StoredEntry {
  /** The number of the person whom it names; absent where what the input had said of that person before counts. */
  readonly person?: number | undefined;
  readonly file: string;
  readonly line: number;
  readonly source: RecordSource;
  readonly messageId: string;
  readonly warnings: PreparedRecord['warnings'];
  readonly identifiers: readonly string[];
  readonly deliveries: readonly {
    readonly mapping: string;
    readonly batch: BatchContent;
    readonly route: Route;
    readonly timestampMs: number;
  }[];
}

/** An entry as a line of a spool. */
export function encodeEntry({ file, record, identifiers }: Entry, person: number | undefined): string {
  const { line, source, warnings, outcome } = record;
  const stored: StoredEntry = {
    person,
    file,
    line,
    source,
    messageId: outcome.messageId,
    warnings,
    identifiers,
    deliveries: outcome.deliveries.map(({ mapping, batch, route, timestampMs }) => ({
      mapping,
      batch,
      route,
      timestampMs,
    })),
  };
  return JSON.stringify(stored);
}

/** The entry of a line that {@link encodeEntry} made. */
export function decodeEntry(line: string): StoredEntry {
  const stored: StoredEntry = JSON.parse(line);
  return stored;
}

/** The record of an entry, or of who leaves without one, to be delivered. */
export function recordOf(
  {
    line,
    source,
    messageId,
    warnings,
    deliveries: stored,
  }: Omit<StoredEntry, 'file' | 'identifiers' | 'person'>,
  identify: (key: DeliveryKey) => DeliveryId,
): Entry['record'] {
  const deliveries = stored.map(({ mapping, batch, route, timestampMs }) => {
    const payload = { batch, route, timestampMs, atMidnight: false, emailCameHashed: false };
    return new Delivery(mapping, identify({ messageId, mapping }), payload);
  });
  return { line, source, messageId, warnings, outcome: { kind: 'ready', messageId, deliveries } };
}

/** JSON of who a batch is about, without the environment: what a leave will be sent with. */
export function subjectOf({
  environment: _,
  user_attributes: __,
  events: ___,
  ...subject
}: BatchContent): string {
  return JSON.stringify(subject);
}
