import type { JsonObject, JsonValue, RecordSource } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { tryParse } from './csv-parser.js';

/** A line of a rejects file, taken out of its wrapping. */
export interface RejectedRecord {
  /** The record: an object, or text that could not be parsed. */
  readonly record: JsonValue;
  /** The id that the record had: mended, it keeps it. */
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
        // Else the row of a table whose columns are called as an event's keys could not be told from an event.
        columns: source.columns,
        record: Object.fromEntries(
          source.columns.map((column, index) => [column, source.cells[index] ?? '']),
        ),
      };
    case 'object':
      return { record: source.value };
    case 'text':
      return {
        ...(source.columns === undefined
          ? {}
          : { columns: source.columns, delimiter: source.delimiter ?? ',' }),
        record: source.text,
      };
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

/** The row of a table that a rejected record is, as mended; undefined where it is none, or still cannot be read. */
export function rowOfRejected({ record, columns, delimiter = ',' }: RejectedRecord): TableRow | undefined {
  if (columns === undefined) return undefined;
  if (typeof record === 'string') return rowOfText(record, columns, delimiter);
  return isJsonObject(record) ? rowOfObject(record, columns) : undefined;
}

function rowOfText(text: string, columns: readonly string[], delimiter: string): TableRow | undefined {
  const known = ([',', ';', '\t', '|'] as const).find((one) => one === delimiter);
  const rows = known === undefined ? undefined : tryParse(text, { delimiter: known, newline: '\n' });
  const [cells] = rows ?? [];
  return rows?.length === 1 && cells?.length === columns.length ? { columns, cells } : undefined;
}

/** What was added in mending are further columns, and what is no text is taken as a cell would have it. */
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
