import { isUtf8 } from 'node:buffer';
import type { InputOptions, Problem, RecordSource, Slice } from '../interfaces.js';
import { csvRecords } from './csv-cutter.js';
import { createHeaderTest, headerChanged } from './csv-header.js';
import { type CsvDialect, parseRecord, tryParse } from './csv-parser.js';
import { countByte } from './cut.js';
import { event, type InputRecord, NOT_UTF8, textOf, toBuffer, unreadable } from './input-record.js';
import { RowColumns } from './row-columns.js';
import { RowEvent } from './row-event.js';
import { isBlankRow } from './row-groups.js';
import { type Row, wholeOrders } from './whole-orders.js';

/** What is known of a table from its beginning: plain data. */
export interface Table {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly dialect: CsvDialect;
  readonly columns: readonly string[];
  /** 1-based line of the header. */
  readonly line: number;
  /** The column whose value the rows of one record have in common; absent: each row is a record. */
  readonly groupBy?: number;
}

/**
 * Makes the reader of a table's slices, which throws UserError `CSV_HEADER_CHANGED`.
 *
 * @throws UserError `PLACE_INVALID`.
 */
export function createTableReader(
  table: Table,
  options: InputOptions,
): (slice: Slice) => Iterable<InputRecord> {
  const { file, columns, groupBy } = table;
  const rowColumns = new RowColumns(columns, options);
  // Of files that were joined (zcat *.csv.gz) each has one.
  const headerAgain = createHeaderTest(columns);
  const isHeader = (cells: readonly string[], line: number): boolean => {
    const header = headerAgain(cells);
    if (header === 'other') throw headerChanged({ file, line });
    return header === 'same';
  };
  const toRecord = (cells: readonly string[], line: number): InputRecord =>
    event(line, new RowEvent(rowColumns, cells), { kind: 'row', columns, cells });
  if (groupBy === undefined) {
    return createRowsReader(table, (cells, line) =>
      isHeader(cells, line) ? undefined : toRecord(cells, line),
    );
  }
  const readRows = createRowsReader(
    table,
    (cells, line): Row => ({ cells, line, isHeader: isHeader(cells, line) }),
  );
  return (slice) => wholeOrders(readRows(slice), table, groupBy, toRecord);
}

/** Reads rows; `whole` makes something, or nothing, of each that has as many cells as the header, the others are records. */
function createRowsReader<Made>(
  { dialect, columns }: Table,
  whole: (cells: readonly string[], line: number) => Made | undefined,
): (slice: Slice) => Iterable<Made | InputRecord> {
  const sourceOf = (text: string): RecordSource => ({
    kind: 'text',
    text: text.replace(/(?:\r?\n|\r)$/, ''),
    table: { columns, delimiter: dialect.delimiter },
  });
  const readRagged = (cells: readonly string[], line: number, text: string): InputRecord => {
    const problem: Problem = {
      code: 'CSV_RAGGED_ROW',
      message: `The row has ${cells.length} cells where the header has ${columns.length}; look for a missing or unquoted delimiter.`,
    };
    return unreadable(line, problem, sourceOf(text));
  };
  const readOne = (bytes: Buffer, line: number): (Made | InputRecord)[] => {
    const text = textOf(bytes);
    if (!isUtf8(bytes)) return [unreadable(line, NOT_UTF8, sourceOf(text))];
    let rows: string[][];
    try {
      rows = parseRecord(text, dialect);
    } catch (error) {
      return [unreadable(line, quoteProblem(error), sourceOf(text))];
    }
    return rows.flatMap((cells): (Made | InputRecord)[] => {
      if (isBlankRow(cells)) return [];
      if (cells.length !== columns.length) return [readRagged(cells, line, text)];
      const made = whole(cells, line);
      return made === undefined ? [] : [made];
    });
  };
  return function* readRows({ bytes: sliceBytes, line: firstLine }) {
    const bytes = toBuffer(sliceBytes);
    const rows = isUtf8(bytes) ? tryParse(textOf(bytes), dialect) : undefined;
    if (rows === undefined) {
      for (const one of csvRecords(bytes, dialect)) yield* readOne(one.bytes, firstLine + one.linesBefore);
      return;
    }
    const { newline } = dialect;
    const ends = countByte(bytes, newline.charCodeAt(0));
    // Else each row is one line, and need not be searched for ends of lines in it.
    const isLonger = ends > rows.length - (bytes.at(-1) === newline.charCodeAt(0) ? 0 : 1);
    let line = firstLine;
    let lines: readonly string[] | undefined;
    for (const cells of rows) {
      const start = line;
      line += 1 + (isLonger ? lineEndsIn(cells, newline) : 0);
      if (isBlankRow(cells)) continue;
      if (cells.length === columns.length) {
        const made = whole(cells, start);
        if (made !== undefined) yield made;
      } else {
        lines ??= textOf(bytes).split(newline);
        const own = lines.slice(start - firstLine, line - firstLine).join(newline);
        yield readRagged(cells, start, own);
      }
    }
  };
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
        message: 'A quote is in the wrong place; quote the whole cell and double the quotes in it.',
      };
}

function lineEndsIn(cells: readonly string[], newline: string): number {
  let count = 0;
  for (const cell of cells) {
    for (let at = cell.indexOf(newline); at !== -1; at = cell.indexOf(newline, at + 1)) count += 1;
  }
  return count;
}
