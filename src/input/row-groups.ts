import { isUtf8 } from 'node:buffer';
import type { Slice } from '../interfaces.js';
import { csvRecords } from './csv-cutter.js';
import { type CsvDialect, parseRecord, tryParse } from './csv-parser.js';
import { countByte, type RecordBytes } from './cut.js';
import { toBuffer } from './input-record.js';
import type { Table } from './table-reader.js';
import { isBlank, isEmptyCell, isNoId } from './values.js';

/** Rows of one group longer than this, in bytes, are cut all the same. */
const MOST_BYTES = 4 << 20;

/**
 * Cuts slices again, so that consecutive rows with the same value in one column (`source.groupBy`) are in one slice.
 *
 * @param column its index.
 */
export async function* wholeGroups(
  slices: AsyncIterable<Slice>,
  table: Table,
  column: number,
): AsyncGenerator<Slice> {
  let held: Held | undefined;
  for await (const slice of slices) {
    if (slice.pause === true) {
      // The next row may belong to the last group.
      yield slice;
      continue;
    }
    if (slice.problem !== undefined) {
      if (held !== undefined) yield held.slice;
      held = undefined;
      yield slice;
      continue;
    }
    const line = held?.slice.line ?? slice.line;
    const bytes = toBuffer(held === undefined ? slice.bytes : Buffer.concat([held.slice.bytes, slice.bytes]));
    const from: Offset = held?.seen ?? { at: 0, line };
    const { start, seen } = lookFrom(bytes, from, table, column);
    if (start !== undefined) {
      yield { bytes: bytes.subarray(0, start.at), line };
      held = {
        slice: { bytes: bytes.subarray(start.at), line: start.line },
        seen: { at: seen.at - start.at, line: seen.line },
      };
    } else if (bytes.length < MOST_BYTES) {
      held = { slice: { bytes, line }, seen };
    } else {
      yield { bytes, line };
      held = undefined;
    }
  }
  if (held !== undefined) yield held.slice;
}

/** An offset in bytes, and the line that it is on, 1-based. */
interface Offset {
  readonly at: number;
  readonly line: number;
}

/** Rows that may go on in the next slice. */
interface Held {
  readonly slice: Slice;
  /** Where to look on once there is more: no row before that begins a slice. */
  readonly seen: Offset;
}

/**
 * Looks for the last row before which a slice may be cut: it can be read, and so can the row before it, which is of
 * another group. A row between them that cannot be read may be of either. Blank lines stand between rows, and end no
 * group.
 */
function lookFrom(
  bytes: Buffer,
  from: Offset,
  table: Table,
  column: number,
): { readonly start: Offset | undefined; readonly seen: Offset } {
  const rest = bytes.subarray(from.at);
  const startOf = (piece: RecordBytes): Offset => ({
    at: piece.bytes.byteOffset - bytes.byteOffset,
    line: from.line + piece.linesBefore,
  });
  const end: Offset = {
    at: bytes.length,
    line: from.line + countByte(rest, table.dialect.newline.charCodeAt(0)),
  };
  let seen: Offset | undefined;
  let later: { readonly piece: RecordBytes; readonly key: string | undefined } | undefined;
  for (const piece of csvRecords(rest, table.dialect).reverse()) {
    const cells = cellsOf(piece, table);
    if (isBlankRow(cells)) continue;
    if (cells.length !== table.columns.length) {
      seen ??= end;
      later = undefined;
      continue;
    }
    seen ??= startOf(piece);
    const key = groupKey(cells, column);
    if (later !== undefined && (later.key === undefined || later.key !== key))
      return { start: startOf(later.piece), seen };
    later = { piece, key };
  }
  // Blank lines alone leave it open whether the row before them can be read.
  return { start: undefined, seen: seen ?? from };
}

/** The cells of a row; none where it cannot be read. */
function cellsOf({ bytes }: RecordBytes, { dialect }: Table): readonly string[] {
  if (!isUtf8(bytes)) return [];
  const [cells = [], ...others] = tryParse(bytes.toString('utf8'), dialect, parseRecord) ?? [];
  return others.length === 0 ? cells : [];
}

/**
 * Whether a row that cannot be read has a group's value where it belongs, as counted from its beginning or from its end:
 * what is wrong with it stands behind that or before it.
 */
export function standsIn(text: string, key: string, { columns, dialect }: Table, column: number): boolean {
  const cells =
    tryParse(text, dialect, parseRecord)?.[0] ??
    text.split(dialect.delimiter).map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));
  return [column, cells.length - columns.length + column].some((at) => groupKey(cells, at) === key);
}

/** A row as it is written in a file. */
export function rowText(cells: readonly string[], { delimiter }: CsvDialect): string {
  return cells
    .map((cell) =>
      cell.includes(delimiter) || /["\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell,
    )
    .join(delimiter);
}

/** Whether it is a blank line, or a row of nothing but delimiters, as spreadsheets leave it where cells were cleared. */
export function isBlankRow(cells: readonly string[]): boolean {
  return cells.length > 0 && cells.every(isBlank);
}

/** The value of a row that names its group; undefined where it is empty, or stands for none: such rows are of several. */
export function groupKey(cells: readonly string[], column: number): string | undefined {
  const key = cells[column]?.trim();
  return key === undefined || isEmptyCell(key) || isNoId(key) ? undefined : key;
}

/** One row of several: in each column the first value that is not empty. */
export function mergeRows(rows: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = rows;
  return first.map((cell, index) => {
    if (!isEmptyCell(cell)) return cell;
    return others.find((row) => !isEmptyCell(row[index] ?? ''))?.[index] ?? cell;
  });
}
