import type { Delivery } from '../../src/payload/prepare.js';
import { sourceRequestId } from '../../src/payload/source-request-id.js';
import type { BatchContent } from '../../src/payload/wire.js';
import { identify } from '../../src/state/keys.js';

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
  const json = JSON.stringify(batch);
  return {
    mapping: 'Send',
    id: identify('test', { messageId: id, mapping: 'Send' }),
    batch,
    subjectJson: JSON.stringify(subject),
    json,
    bytes: Buffer.byteLength(json),
    contentId: sourceRequestId(json),
    route: options.route ?? 'live',
    timestampMs,
  };
}
