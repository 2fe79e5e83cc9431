import type { EventDataItem } from './wire.js';

/** An event data item (contract.md, section 2). `timestampMs`: Unix ms. */
export function eventDataItem(
  name: EventDataItem['data']['event_name'],
  type: EventDataItem['data']['custom_event_type'],
  id: string,
  timestampMs: number,
  attributes: EventDataItem['data']['custom_attributes'],
): EventDataItem {
  return {
    event_type: 'custom_event',
    data: {
      event_name: name,
      custom_event_type: type,
      source_message_id: id,
      timestamp_unixtime_ms: timestampMs,
      custom_attributes: attributes,
    },
  };
}
