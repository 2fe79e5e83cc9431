import type { RecordEvent, SegmentEvent } from '../interfaces.js';
import { LineEvent } from './line-event.js';
import { RowEvent } from './row-event.js';

/** An event as a plain object. */
export function wholeEvent(event: RecordEvent): SegmentEvent {
  return event instanceof RowEvent || event instanceof LineEvent ? event.whole : event;
}
