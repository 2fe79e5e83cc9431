import type { Slice } from '../interfaces.js';
import { csvRecords } from './csv-cutter.js';
import { type CsvDialect, parseRecord, tryParse } from './csv-parser.js';
import type { RecordBytes } from './cut.js';
import { toBuffer } from './input-record.js';
import { isEmptyCell } from './values.js';

/** Rows of one group longer than this, in bytes, are cut all the same. */
const MOST_BYTES = 4 << 20;

/**
 * Cuts slices again, so that consecutive rows with the same value in one column (`source.groupBy`) are in one slice.
 *
 * @param column its index.
 */
export async function* wholeGroups(
  slices: AsyncIterable<Slice>,
  dialect: CsvDialect,
  column: number,
): AsyncGenerator<Slice> {
  let held: Slice | undefined;
  for await (const slice of slices) {
    if (slice.pause === true) {
      // The next row may belong to the last group.
      yield slice;
      continue;
    }
    if (slice.problem !== undefined) {
      if (held !== undefined) yield held;
      held = undefined;
      yield slice;
      continue;
    }
    const joined: Slice =
      held === undefined ? slice : { bytes: Buffer.concat([held.bytes, slice.bytes]), line: held.line };
    const bytes = toBuffer(joined.bytes);
    const last = lastGroup(csvRecords(bytes, dialect), dialect, column);
    const at = last === undefined ? 0 : last.bytes.byteOffset - bytes.byteOffset;
    if (last === undefined || (at === 0 && bytes.length < MOST_BYTES)) {
      held = joined;
    } else if (at === 0) {
      yield joined;
      held = undefined;
    } else {
      yield { bytes: bytes.subarray(0, at), line: joined.line };
      held = { bytes: bytes.subarray(at), line: joined.line + last.linesBefore };
    }
  }
  if (held !== undefined) yield held;
}

/** The first row of the last group, or the first of nothing but blank lines: they stand between rows, and end no group. */
function lastGroup(
  pieces: readonly RecordBytes[],
  dialect: CsvDialect,
  column: number,
): RecordBytes | undefined {
  let first: RecordBytes | undefined;
  let key: string | undefined;
  for (let index = pieces.length - 1; index >= 0; index -= 1) {
    const piece = pieces[index];
    const cells = piece === undefined ? [] : cellsOf(piece, dialect);
    if (isBlankRow(cells)) continue;
    const own = groupKey(cells, column);
    if (first !== undefined && (key === undefined || own !== key)) break;
    first = piece;
    key = own;
  }
  return first ?? pieces[0];
}

/** The cells of a row; none where it cannot be read. */
function cellsOf({ bytes }: RecordBytes, dialect: CsvDialect): readonly string[] {
  const [cells = []] = tryParse(bytes.toString('utf8'), dialect, parseRecord) ?? [];
  return cells;
}

/** Whether it is a blank line. */
export function isBlankRow(cells: readonly string[]): boolean {
  return cells.length === 1 && cells[0]?.trim() === '';
}

/** The value of a row that names its group; undefined where it is empty. */
export function groupKey(cells: readonly string[], column: number): string | undefined {
  const key = cells[column]?.trim();
  return key === undefined || isEmptyCell(key) ? undefined : key;
}

/** One row of several: in each column the first value that is not empty. */
export function mergeRows(rows: readonly (readonly string[])[]): string[] {
  const [first = [], ...others] = rows;
  return first.map((cell, index) => {
    if (!isEmptyCell(cell)) return cell;
    return others.find((row) => !isEmptyCell(row[index] ?? ''))?.[index] ?? cell;
  });
}
