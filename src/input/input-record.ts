import type { InputRecord, Problem, RecordEvent, RecordSource } from '../interfaces.js';

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
