import { isUtf8 } from 'node:buffer';
import type {
  InputFormat,
  InputOptions,
  InputRecord,
  JsonObject,
  JsonValue,
  Problem,
  RecordSource,
  SegmentEvent,
  Slice,
} from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { csvRecords } from './csv-cutter.js';
import { type CsvDialect, parseCsv } from './csv-parser.js';
import { createObjectReader, createRowReader } from './event.js';
import { splitJson } from './json-cutter.js';
import { nestsTooDeep, parseJson } from './json-text.js';
import { unwrapRejected } from './rejects.js';

/** What is known of a file from its beginning: plain data, all that is needed to read its slices. */
export interface FileHead {
  readonly format: InputFormat;
  /** Of a table: how it is written, and its columns. */
  readonly table?: { readonly dialect: CsvDialect; readonly columns: readonly string[] };
}

/** Reads the records of a slice, one at a time. Pure: the same slice gives the same records. */
export type SliceReader = (slice: Slice) => Iterable<InputRecord>;

/**
 * Makes the reader of one file's slices.
 *
 * @throws UserError `PLACE_INVALID`.
 */
export function createSliceReader({ format, table }: FileHead, options: InputOptions): SliceReader {
  const read = format === 'csv' ? createTableReader(table, options) : createJsonReader(format, options);
  return (slice) => {
    if (slice.problem === undefined) return read(slice);
    return [unreadable(slice.line, slice.problem, { kind: 'text', text: textOf(slice.bytes) })];
  };
}

const NOT_UTF8: Problem = {
  code: 'INPUT_NOT_UTF8',
  message: 'The record has bytes that are no UTF-8; export the file as UTF-8.',
};

const TOO_DEEP: Problem = {
  code: 'RECORD_TOO_DEEP',
  message: 'The record has lists or objects in each other more than 200 deep, which no event has.',
};

function createTableReader(table: FileHead['table'], options: InputOptions): SliceReader {
  if (table === undefined) return () => [];
  const { dialect, columns } = table;
  const toEvent = createRowReader(columns, options);
  const readRow = (cells: readonly string[], line: number, text: () => string): InputRecord => {
    if (cells.length === columns.length) {
      return event(line, toEvent(cells), { kind: 'row', columns, cells });
    }
    const problem = {
      code: 'CSV_RAGGED_ROW',
      message: `The row has ${cells.length} cells where the header has ${columns.length}; look for a missing or unquoted delimiter.`,
    };
    return unreadable(line, problem, { kind: 'text', text: text(), columns, delimiter: dialect.delimiter });
  };
  const readOne = (bytes: Buffer, line: number): InputRecord[] => {
    const text = (): string => textOf(bytes).replace(/(?:\r?\n|\r)$/, '');
    const source = (): RecordSource => ({
      kind: 'text',
      text: text(),
      columns,
      delimiter: dialect.delimiter,
    });
    if (!isUtf8(bytes)) return [unreadable(line, NOT_UTF8, source())];
    try {
      return parseCsv(textOf(bytes), dialect).flatMap((cells) =>
        isBlank(cells) ? [] : [readRow(cells, line, text)],
      );
    } catch (error) {
      return [unreadable(line, quoteProblem(error), source())];
    }
  };
  return function* readTable({ bytes: sliceBytes, line: firstLine }) {
    const bytes = toBuffer(sliceBytes);
    const rows = isUtf8(bytes) ? tryParse(textOf(bytes), dialect) : undefined;
    if (rows === undefined) {
      for (const one of csvRecords(bytes, dialect)) yield* readOne(one.bytes, firstLine + one.linesBefore);
      return;
    }
    const quoted = bytes.includes(0x22);
    let line = firstLine;
    let lines: readonly string[] | undefined;
    for (const cells of rows) {
      const start = line;
      line += 1 + (quoted ? lineEndsIn(cells, dialect.newline) : 0);
      if (isBlank(cells)) continue;
      const end = line;
      const text = (): string => {
        lines ??= textOf(bytes).split(dialect.newline);
        return lines
          .slice(start - firstLine, end - firstLine)
          .join(dialect.newline)
          .replace(/\r$/, '');
      };
      yield readRow(cells, start, text);
    }
  };
}

function createJsonReader(format: 'ndjson' | 'json', options: InputOptions): SliceReader {
  const toEvent = createObjectReader(options);
  const readRejectedRow = (
    text: string,
    columns: readonly string[],
    delimiter: string,
  ): JsonObject | undefined => {
    const known = ([',', ';', '\t', '|'] as const).find((one) => one === delimiter);
    const rows = known === undefined ? undefined : tryParse(text, { delimiter: known, newline: '\n' });
    const [cells] = rows ?? [];
    if (rows?.length !== 1 || cells?.length !== columns.length) return undefined;
    return Object.fromEntries(columns.map((column, index) => [column, cells[index]]));
  };
  const readText = (text: string, line: number): InputRecord => {
    const value = parseJson(text);
    if (value === undefined) {
      return unreadable(line, nestsTooDeep(text) ? TOO_DEEP : notJson(format), { kind: 'text', text });
    }
    const wrapped = isJsonObject(value) ? unwrapRejected(value) : undefined;
    if (wrapped === undefined) return fromValue(value, line);
    const { record, messageId, columns, delimiter } = wrapped;
    if (typeof record !== 'string') return fromValue(record, line, messageId);
    const mended: JsonValue | undefined =
      columns === undefined ? parseJson(record) : readRejectedRow(record, columns, delimiter ?? ',');
    if (mended !== undefined) return fromValue(mended, line, messageId);
    const problem = {
      code: 'REJECTED_STILL_UNREADABLE',
      message: 'The text in "record" still cannot be read; mend it, or write the record as a JSON object.',
    };
    const table = columns === undefined ? {} : { columns, delimiter: delimiter ?? ',' };
    return unreadable(line, problem, { kind: 'text', text: record, ...table });
  };
  const fromValue = (value: JsonValue, line: number, messageId?: string): InputRecord => {
    if (isJsonObject(value)) return event(line, toEvent(value, messageId), { kind: 'object', value });
    const problem = { code: 'RECORD_NOT_AN_OBJECT', message: 'The record is no JSON object.' };
    return unreadable(line, problem, { kind: 'text', text: JSON.stringify(value) });
  };
  const readBytes = (bytes: Buffer, line: number): InputRecord =>
    isUtf8(bytes)
      ? readText(textOf(bytes).trim(), line)
      : unreadable(line, NOT_UTF8, { kind: 'text', text: textOf(bytes).trim() });
  if (format === 'json') {
    return ({ bytes, line }) =>
      splitJson(bytes).map((piece) => readBytes(piece.bytes, line + piece.linesBefore));
  }
  return function* readLines({ bytes: sliceBytes, line: firstLine }) {
    const bytes = toBuffer(sliceBytes);
    let line = firstLine;
    if (isUtf8(bytes)) {
      for (const text of textOf(bytes).split('\n')) {
        const trimmed = text.trim();
        if (trimmed !== '') yield readText(trimmed, line);
        line += 1;
      }
      return;
    }
    for (let at = 0; at < bytes.length; line += 1) {
      const next = bytes.indexOf(0x0a, at);
      const end = next === -1 ? bytes.length : next;
      const one = bytes.subarray(at, end);
      if (!isBlankLine(one)) yield readBytes(one, line);
      at = end + 1;
    }
  };
}

function tryParse(text: string, dialect: CsvDialect): string[][] | undefined {
  try {
    return parseCsv(text, dialect);
  } catch {
    return undefined;
  }
}

function quoteProblem(error: unknown): Problem {
  const open = error instanceof Error && 'code' in error && error.code === 'CSV_QUOTE_NOT_CLOSED';
  return open
    ? {
        code: 'CSV_QUOTE_NOT_CLOSED',
        message: 'A quote is opened and not closed; close it, or double it if it belongs to the text.',
      }
    : {
        code: 'CSV_QUOTE_INVALID',
        message: 'A quote stands in the wrong place; quote the whole cell and double the quotes in it.',
      };
}

function notJson(format: 'ndjson' | 'json'): Problem {
  return format === 'ndjson'
    ? { code: 'NDJSON_INVALID', message: 'The line is no JSON; write one object on each line.' }
    : { code: 'JSON_INVALID', message: 'The element is no JSON, or the file ends in the middle of it.' };
}

function event(line: number, content: SegmentEvent, source: RecordSource): InputRecord {
  return { line, content: { kind: 'event', event: content }, source };
}

function unreadable(line: number, problem: Problem, source: RecordSource): InputRecord {
  return { line, content: { kind: 'unreadable', problem }, source };
}

function isBlank(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]?.trim() === '';
}

function isBlankLine(bytes: Buffer): boolean {
  return bytes.every((byte) => byte === 0x20 || byte === 0x09 || byte === 0x0d);
}

function lineEndsIn(cells: readonly string[], newline: string): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf(newline); at !== -1; at = cell.indexOf(newline, at + 1)) count += 1;
  }
  return count;
}

function toBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

function textOf(bytes: Uint8Array): string {
  return toBuffer(bytes).toString('utf8');
}
