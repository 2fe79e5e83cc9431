import type { SegmentEvent } from '../interfaces.js';
import { LineEvent } from './line-event.js';
import { RowEvent } from './row-event.js';

/** An event as a plain object; what is plain already stays as it is. */
export function wholeEvent<Plain>(event: RowEvent | LineEvent | Plain): SegmentEvent | Plain {
  return event instanceof RowEvent || event instanceof LineEvent ? event.whole : event;
}
