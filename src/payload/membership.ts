import type { BatchContent, BatchSubject, EventDataItem } from './wire.js';

/** The batch that takes a person out of an audience: who they were when they were added, and nothing else of them. */
export function dropBatch(
  subject: BatchSubject,
  audience: string,
  messageId: string,
  timestampMs: number,
): BatchContent {
  const drop: EventDataItem = {
    event_type: 'custom_event',
    data: {
      event_name: 'audiencemembershipupdate',
      custom_event_type: 'other',
      source_message_id: `aud_${messageId}`,
      timestamp_unixtime_ms: timestampMs,
      custom_attributes: { audience_name: audience, status: 'drop' },
    },
  };
  return { ...subject, user_attributes: { [`segment_${audience}`]: false }, events: [drop] };
}
