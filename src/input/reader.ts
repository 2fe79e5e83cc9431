import { isUtf8 } from 'node:buffer';
import type { InputOptions, JsonValue, Problem, RecordSource, Slice } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { createAnyRowReader, createObjectReader } from './event.js';
import { event, type InputRecord, NOT_UTF8, textOf, toBuffer, unreadable } from './input-record.js';
import { splitJson } from './json-cutter.js';
import { nestsTooDeep, parseJson } from './json-text.js';
import { LineEventReader, LineSource } from './line-event.js';
import {
  hasLostBytes,
  type RejectedRecord,
  rowOfRejected,
  sourceOfRejected,
  unwrapRejected,
} from './rejects.js';
import { createTableReader, type Table } from './table-reader.js';

/** What is known of a file from its beginning: plain data, all that is needed to read its slices. */
export type FileHead =
  | { readonly format: 'csv'; readonly table: Table }
  | { readonly format: 'ndjson' | 'json'; readonly table?: undefined };

/**
 * Reads the records of a slice, one at a time. Pure: the same slice gives the same records. Throws UserError
 * `CSV_HEADER_CHANGED`.
 */
export type SliceReader = (slice: Slice) => Iterable<InputRecord>;

/**
 * Makes the reader of one file's slices.
 *
 * @throws UserError `PLACE_INVALID`.
 */
export function createSliceReader(head: FileHead, options: InputOptions): SliceReader {
  const read =
    head.format === 'csv' ? createTableReader(head.table, options) : createJsonReader(head.format, options);
  return (slice) => {
    if (slice.problem === undefined) return read(slice);
    return [unreadable(slice.line, slice.problem, { kind: 'text', text: textOf(slice.bytes) })];
  };
}

const [LF, CR] = [0x0a, 0x0d];
const TOO_DEEP: Problem = {
  code: 'RECORD_TOO_DEEP',
  message: 'The record has lists or objects nested more than 200 deep, which no event has.',
};
/** More keys than this no event has, nor the header of a table: to find a place for each would take all memory. */
const MAX_KEYS = 40_000;
const TOO_WIDE: Problem = {
  code: 'RECORD_TOO_LARGE',
  message: `The record has more than ${MAX_KEYS} keys, which no event has.`,
};
const STILL_UNREADABLE: Problem = {
  code: 'REJECTED_STILL_UNREADABLE',
  message: 'The text in "record" still cannot be read; fix it, or write the record as a JSON object.',
};
const STILL_NOT_UTF8: Problem = {
  code: 'REJECTED_STILL_UNREADABLE',
  message: '"record" still has U+FFFD where bytes were not UTF-8; write what belongs there.',
};

function createJsonReader(format: 'ndjson' | 'json', options: InputOptions): SliceReader {
  const toEvent = createObjectReader(options);
  const readRow = createAnyRowReader(options);
  const readText = (text: string, line: number): InputRecord => {
    const value = parseJson(text);
    if (value === undefined) {
      return unreadable(line, nestsTooDeep(text) ? TOO_DEEP : notJson(format), { kind: 'text', text });
    }
    const rejected = isJsonObject(value) ? unwrapRejected(value) : undefined;
    if (rejected === undefined) return fromValue(value, line);
    return { ...readRejected(rejected, line), fromRejects: true };
  };
  const readRejected = (rejected: RejectedRecord, line: number): InputRecord => {
    if (hasLostBytes(rejected)) return unreadable(line, STILL_NOT_UTF8, sourceOfRejected(rejected));
    const row = rowOfRejected(rejected, options.groupBy);
    const { record, messageId, columns } = rejected;
    if (row !== undefined) {
      if (row.columns.length > MAX_KEYS) return unreadable(line, TOO_WIDE, { kind: 'row', ...row });
      return event(line, readRow(row.columns, row.cells, messageId), { kind: 'row', ...row });
    }
    if (typeof record !== 'string') return fromValue(record, line, messageId);
    const repaired = columns === undefined ? parseJson(record) : undefined;
    if (repaired !== undefined) return fromValue(repaired, line, messageId);
    return unreadable(line, STILL_UNREADABLE, sourceOfRejected(rejected));
  };
  const fromValue = (value: JsonValue, line: number, messageId?: string): InputRecord => {
    if (isJsonObject(value)) {
      const source: RecordSource = { kind: 'object', value };
      if (Object.keys(value).length > MAX_KEYS) return unreadable(line, TOO_WIDE, source);
      return event(line, toEvent(value, messageId), source);
    }
    const problem: Problem = { code: 'RECORD_NOT_AN_OBJECT', message: 'The record is not a JSON object.' };
    return unreadable(line, problem, { kind: 'text', text: JSON.stringify(value) });
  };
  const readPiece = (text: string, isText: boolean, line: number): InputRecord =>
    isText ? readText(text, line) : unreadable(line, NOT_UTF8, { kind: 'text', text });
  if (format === 'json') {
    return ({ bytes: slice, line }) =>
      splitJson(slice).map(({ bytes, linesBefore }) =>
        readPiece(textOf(bytes).trim(), isUtf8(bytes), line + linesBefore),
      );
  }
  // What `source.columns` names has to be moved.
  const events = options.columns.size === 0 ? new LineEventReader() : undefined;
  return function* readLines({ bytes: sliceBytes, line: firstLine }) {
    const bytes = toBuffer(sliceBytes);
    const isText = isUtf8(bytes);
    const plainReader = isText ? events : undefined;
    const asLatin1 = plainReader === undefined ? '' : bytes.toString('latin1');
    let line = firstLine;
    for (let at = 0; at < bytes.length; line += 1) {
      const next = bytes.indexOf(LF, at);
      const end = next === -1 ? bytes.length : next;
      const last = bytes[end - 1] === CR ? end - 1 : end;
      const plain = plainReader?.read(bytes, asLatin1, at, last);
      if (plain !== undefined) {
        yield event(line, plain, new LineSource(plain));
      } else {
        const one = bytes.subarray(at, end);
        const text = textOf(one).trim();
        if (text !== '') yield readPiece(text, isText || isUtf8(one), line);
      }
      at = end + 1;
    }
  };
}

function notJson(format: 'ndjson' | 'json'): Problem {
  return format === 'ndjson'
    ? { code: 'NDJSON_INVALID', message: 'The line is not valid JSON; write one object on each line.' }
    : {
        code: 'JSON_INVALID',
        message: 'The element is not valid JSON, or the file ends in the middle of it.',
      };
}
