import { batchesOf, type OutgoingBatch } from '../../src/delivery/batching.js';
import { type PackedSlice, Packer } from '../../src/delivery/packed-slice.js';
import { RunSlice } from '../../src/delivery/run-slice.js';
import { RunUnit } from '../../src/delivery/unit.js';
import { Delivery } from '../../src/payload/delivery.js';
import type { PreparedRecord } from '../../src/payload/prepare.js';
import type { BatchContent } from '../../src/payload/wire.js';
import { identify } from '../../src/state/keys.js';

const NO_RECORD = { line: 0, source: { kind: 'text', text: '' }, warnings: [] } as const;

/** A delivery of one conversion, as the payload station makes it. */
export function conversion(
  id: string,
  options: {
    readonly user?: string;
    readonly rtid?: string;
    readonly timestampMs?: number;
    readonly attributes?: BatchContent['user_attributes'];
    readonly route?: Delivery['route'];
    readonly padding?: string;
  } = {},
): Delivery {
  const timestampMs = options.timestampMs ?? 1_790_000_000_000;
  const subject = {
    environment: 'production',
    device_info: {},
    user_identities: {
      customerid: options.user ?? `user-${id}`,
      ...(options.rtid === undefined ? {} : { other2: options.rtid }),
    },
  } as const;
  const batch: BatchContent = {
    ...subject,
    user_attributes: options.attributes ?? {},
    events: [
      {
        event_type: 'custom_event',
        data: {
          event_name: 'conversion',
          custom_event_type: 'transaction',
          source_message_id: id,
          timestamp_unixtime_ms: timestampMs,
          custom_attributes: {
            conversiontype: 'Order Completed',
            confirmationref: id,
            ...(options.padding === undefined ? {} : { padding: options.padding }),
          },
        },
      },
    ],
  };
  const route = options.route ?? 'live';
  return new Delivery('Send', identify('test', { messageId: id, mapping: 'Send' }), {
    batch,
    route,
    timestampMs,
    atMidnight: false,
    emailCameHashed: false,
  });
}

/** A record that is ready with these deliveries. */
export function readyRecord(messageId: string, deliveries: readonly Delivery[]): PreparedRecord {
  return {
    line: 1,
    source: { kind: 'object', value: {} },
    messageId,
    warnings: [],
    outcome: { kind: 'ready', messageId, deliveries },
  };
}

/** A slice of these records. */
export function packRecords(records: readonly PreparedRecord[]): PackedSlice {
  const packer = new Packer({ separate: false, bodies: true });
  for (const record of records) packer.add(record);
  return packer.take();
}

/** The batches of these deliveries, as they come out of one slice. */
export function batchesFor(deliveries: readonly Delivery[]): OutgoingBatch[] {
  const records = deliveries.map((delivery, index) => readyRecord(String(index), [delivery]));
  const packed = packRecords(records);
  const slice = new RunSlice({ file: 'f', packed, recordAt: (index) => records[index] ?? NO_RECORD });
  const units = records.map((_, index) => new RunUnit(slice, index));
  return batchesOf(units);
}

/** The JSON of a batch. */
export function jsonOf({ body }: Pick<OutgoingBatch, 'body'>): string {
  return Buffer.from(body).toString();
}

/** The JSON of the batch of a unit that is sent alone. */
export function jsonOfUnit({ bodies, bodyStart, bodyEnd }: RunUnit): string {
  return Buffer.from(bodies.subarray(bodyStart, bodyEnd)).toString();
}
