import type { GroupBy, JsonObject, JsonValue, RecordSource } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { indexOfColumn } from './csv-header.js';
import { DELIMITERS, tryParse } from './csv-parser.js';
import { groupKey, mergeRows } from './row-groups.js';

/** A line of a rejects file, taken out of its wrapping. */
export interface RejectedRecord {
  /** Why it was rejected. */
  readonly code: string;
  /** The record: an object, or text that could not be parsed. */
  readonly record: JsonValue;
  /** The id that the record had: fixed, it keeps it. */
  readonly messageId?: string;
  /** The header of the table that the record is a row of; rows in files of earlier versions have none. */
  readonly columns?: readonly string[];
  readonly delimiter?: string;
}

/** The parts of a rejects file's line that come from the record: design.md, section 3. */
export function toRejectedSource(source: RecordSource): JsonObject {
  switch (source.kind) {
    case 'row':
      return {
        // Else the row of a table whose columns are called as an event's keys could not be distinguished from an event.
        columns: source.columns,
        record: Object.fromEntries(
          source.columns.map((column, index) => [column, source.cells[index] ?? '']),
        ),
      };
    case 'object':
      return { record: source.value };
    case 'text':
      return { ...source.table, record: source.text };
  }
}

/** The record in a line of a rejects file; undefined where `object` is none. */
export function unwrapRejected(object: JsonObject): RejectedRecord | undefined {
  const { file, line, reason, code, record, messageId, columns, delimiter } = object;
  if (
    typeof file !== 'string' ||
    typeof line !== 'number' ||
    typeof reason !== 'string' ||
    typeof code !== 'string' ||
    record === undefined
  ) {
    return undefined;
  }
  const names = Array.isArray(columns)
    ? columns.filter((name: JsonValue) => typeof name === 'string')
    : undefined;
  return {
    code,
    record,
    ...(typeof messageId === 'string' ? { messageId } : {}),
    ...(names === undefined ? {} : { columns: names }),
    ...(typeof delimiter === 'string' ? { delimiter } : {}),
  };
}

/** A row of a table: as many cells as columns. */
export interface TableRow {
  readonly columns: readonly string[];
  readonly cells: readonly string[];
}

/**
 * The row of a table that a rejected record is, as fixed; undefined where it is none, or still cannot be read. All rows of
 * an order are one.
 */
export function rowOfRejected(
  { record, columns, delimiter = ',' }: RejectedRecord,
  groupBy?: GroupBy,
): TableRow | undefined {
  if (columns === undefined) return undefined;
  if (typeof record === 'string') return rowOfText(record, columns, delimiter, groupBy);
  return isJsonObject(record) ? rowOfObject(record, columns) : undefined;
}

/**
 * Whether the record was no UTF-8, and U+FFFD still stands in it for what could not be read. Rejected for that once more,
 * it has the second code, which may have another reason too; but nobody writes U+FFFD on purpose.
 */
export function hasLostBytes({ code, record }: RejectedRecord): boolean {
  const isPossible = code === 'INPUT_NOT_UTF8' || code === 'REJECTED_STILL_UNREADABLE';
  return isPossible && JSON.stringify(record).includes('\ufffd');
}

/** The source of a rejected record that still cannot be read: its line is written again as it is. */
export function sourceOfRejected(rejected: RejectedRecord): RecordSource {
  const { record, columns, delimiter = ',' } = rejected;
  if (typeof record === 'string') {
    return {
      kind: 'text',
      text: record,
      ...(columns === undefined ? {} : { table: { columns, delimiter } }),
    };
  }
  const row = rowOfRejected(rejected);
  if (row !== undefined) return { kind: 'row', ...row };
  return isJsonObject(record)
    ? { kind: 'object', value: record }
    : { kind: 'text', text: JSON.stringify(record) };
}

function rowOfText(
  text: string,
  columns: readonly string[],
  delimiter: string,
  groupBy: GroupBy | undefined,
): TableRow | undefined {
  const known = DELIMITERS.find((one) => one === delimiter);
  const rows = known === undefined ? undefined : tryParse(text, { delimiter: known, newline: '\n' });
  const [first] = rows ?? [];
  if (rows === undefined || first === undefined) return undefined;
  if (rows.some((cells) => cells.length !== columns.length)) return undefined;
  if (rows.length === 1) return { columns, cells: first };
  const column = groupBy === undefined ? -1 : indexOfColumn(columns, groupBy.column);
  const key = groupKey(first, column);
  const isOrder = key !== undefined && rows.every((cells) => groupKey(cells, column) === key);
  return isOrder ? { columns, cells: mergeRows(rows) } : undefined;
}

/** What was added in fixing it are further columns, and what is no text is taken as a cell would have it. */
function rowOfObject(record: JsonObject, columns: readonly string[]): TableRow {
  const known = new Set(columns);
  const all = [...columns, ...Object.keys(record).filter((key) => !known.has(key))];
  return {
    columns: all,
    cells: all.map((column) => (Object.hasOwn(record, column) ? toCell(record[column]) : '')),
  };
}

function toCell(value: JsonValue | undefined): string {
  if (typeof value === 'string') return value;
  if (value === undefined || value === null) return '';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}
