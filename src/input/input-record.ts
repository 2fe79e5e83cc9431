import type { Problem, RecordSource, SegmentEvent } from '../interfaces.js';
import type { LineEvent } from './line-event.js';
import type { RowEvent } from './row-event.js';

/**
 * The event of a record: of a row or a line, one that is put together only where it is asked for as a whole, and that
 * never leaves its thread.
 */
export type RecordEvent = SegmentEvent | RowEvent | LineEvent;

/** One record of an input file. */
export interface InputRecord {
  /** 1-based line on which the record starts (a CSV's header is line 1). */
  readonly line: number;
  /** The event, or why the record could not be read as one. */
  readonly content:
    | { readonly kind: 'event'; readonly event: RecordEvent }
    | { readonly kind: 'unreadable'; readonly problem: Problem };
  readonly source: RecordSource;
  /** Set where it was a line of a rejects file, out of which it was taken. */
  readonly fromRejects?: true;
}

/** Why a record is not read whose bytes are no UTF-8. */
export const NOT_UTF8: Problem = {
  code: 'INPUT_NOT_UTF8',
  message: 'The record has bytes that are not UTF-8; export the file as UTF-8.',
};

/** A record that is an event. */
export function event(line: number, content: RecordEvent, source: RecordSource): InputRecord {
  return { line, content: { kind: 'event', event: content }, source };
}

/** A record that could not be read. */
export function unreadable(line: number, problem: Problem, source: RecordSource): InputRecord {
  return { line, content: { kind: 'unreadable', problem }, source };
}

/** The same bytes as a `Buffer`. */
export function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

/** Bytes of UTF-8 as text. */
export function textOf(bytes: Uint8Array): string {
  return toBuffer(bytes).toString('utf8');
}
