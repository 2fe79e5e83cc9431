import type { DeliveryId, DeliveryKey, JsonValue, RecordSource } from '../interfaces.js';
import type { Route } from '../payload/payload.js';
import type { Delivery, PreparedRecord } from '../payload/prepare.js';
import { sourceRequestId } from '../payload/source-request-id.js';
import type { BatchContent } from '../payload/wire.js';

/** What the input said of one person, kept until all of it was read. */
export interface Entry {
  readonly file: string;
  readonly record: PreparedRecord & { readonly outcome: { readonly kind: 'ready' } };
  /** See `person.ts`. */
  readonly identifiers: readonly string[];
}

interface Stored {
  readonly file: string;
  readonly line: number;
  readonly source: RecordSource;
  readonly messageId: string;
  readonly warnings: PreparedRecord['warnings'];
  readonly identifiers: readonly string[];
  readonly deliveries: readonly { mapping: string; json: string; route: Route; timestampMs: number }[];
}

/** An entry as a line of a spool. */
export function encodeEntry({ file, record, identifiers }: Entry): string {
  const { line, source, warnings, outcome } = record;
  const stored: Stored = {
    file,
    line,
    source,
    messageId: outcome.messageId,
    warnings,
    identifiers,
    deliveries: outcome.deliveries.map(({ mapping, json, route, timestampMs }) => ({
      mapping,
      json,
      route,
      timestampMs,
    })),
  };
  return JSON.stringify(stored);
}

/** The entry of a line that {@link encodeEntry} made. */
export function decodeEntry(text: string, identify: (key: DeliveryKey) => DeliveryId): Entry {
  const stored: Stored = JSON.parse(text);
  const { file, line, source, messageId, warnings, identifiers } = stored;
  const deliveries = stored.deliveries.map(({ mapping, json, route, timestampMs }) =>
    toDelivery(JSON.parse(json), { json, route, timestampMs, mapping, id: identify({ messageId, mapping }) }),
  );
  return {
    file,
    record: { line, source, messageId, warnings, outcome: { kind: 'ready', messageId, deliveries } },
    identifiers,
  };
}

/** A delivery of a batch that was made before. */
export function toDelivery(
  batch: BatchContent,
  known: Pick<Delivery, 'json' | 'route' | 'timestampMs' | 'mapping' | 'id'>,
): Delivery {
  const { user_attributes: _, events: __, ...subject } = batch;
  return {
    ...known,
    batch,
    subjectJson: JSON.stringify(subject),
    bytes: Buffer.byteLength(known.json),
    contentId: sourceRequestId(known.json),
  };
}

/** Name and direction of the audience membership change in a batch; undefined where there is none. */
export function membershipIn(
  batch: BatchContent,
): { readonly audience: string; readonly member: boolean } | undefined {
  for (const { data } of batch.events ?? []) {
    const { audience_name: audience, status }: Record<string, JsonValue | undefined> = data.custom_attributes;
    if (data.event_name === 'audiencemembershipupdate' && typeof audience === 'string') {
      return { audience, member: status === 'add' };
    }
  }
  return undefined;
}
