import type { InputRecord } from './input-record.js';
import { unreadable } from './input-record.js';
import { groupKey, mergeRows, rowText, standsIn } from './row-groups.js';
import type { Table } from './table-reader.js';

/** A row with as many cells as the header. */
export interface Row {
  /** 1-based. */
  readonly line: number;
  readonly cells: readonly string[];
  /** Of files that were joined; it is no record, and ends a group. */
  readonly isHeader: boolean;
}

/**
 * Makes one record of consecutive rows with one value in a column. Where one of them cannot be read, none is sent: what
 * it has may be the total, or that the order was called off. Then all are one record that cannot be read, which is fixed
 * as a whole. A row that cannot be read is of the group before it or behind it if it has its value in the right place, or
 * if it stands between rows of one group.
 *
 * @param rows of a slice that ends where a group does.
 * @param toRecord makes the record of a row.
 */
export function* wholeOrders(
  rows: Iterable<Row | InputRecord>,
  table: Table,
  groupBy: number,
  toRecord: (cells: readonly string[], line: number) => InputRecord,
): Generator<InputRecord> {
  let group: (Row | InputRecord)[] = [];
  let key: string | undefined;
  /** Rows that cannot be read, since the last one that can. */
  let waiting: InputRecord[] = [];
  const isOf = (record: InputRecord, of: string | undefined): boolean =>
    of !== undefined && record.source.kind === 'text' && standsIn(record.source.text, of, table, groupBy);
  for (const row of rows) {
    if (!('cells' in row)) {
      waiting.push(row);
      continue;
    }
    const next = row.isHeader ? undefined : groupKey(row.cells, groupBy);
    if (next === undefined || next !== key) {
      const before = waiting.findLastIndex((record) => isOf(record, key)) + 1;
      const behind = waiting.findIndex((record, index) => index >= before && isOf(record, next));
      const end = behind === -1 ? waiting.length : behind;
      yield* recordOf([...group, ...waiting.slice(0, before)]);
      yield* waiting.slice(before, end);
      group = waiting.slice(end);
      key = next;
    } else {
      group.push(...waiting);
    }
    waiting = [];
    if (!row.isHeader) group.push(row);
  }
  const before = waiting.findLastIndex((record) => isOf(record, key)) + 1;
  yield* recordOf([...group, ...waiting.slice(0, before)]);
  yield* waiting.slice(before);

  function* recordOf(parts: readonly (Row | InputRecord)[]): Generator<InputRecord> {
    const [first] = parts;
    if (first === undefined) return;
    const whole = parts.flatMap((part) => ('cells' in part ? [part.cells] : []));
    const damaged = parts.flatMap((part) => ('cells' in part ? [] : [part]));
    const [{ content } = { content: undefined }] = damaged;
    if (content?.kind !== 'unreadable') {
      yield toRecord(mergeRows(whole), first.line);
      return;
    }
    const { problem } = content;
    const { columns, dialect } = table;
    const text = parts
      .map((part) => {
        if ('cells' in part) return rowText(part.cells, dialect);
        return part.source.kind === 'text' ? part.source.text : '';
      })
      .join('\n');
    const message = `${problem.message} It is one of several rows of an order, which are rejected as one record.`;
    const source = { kind: 'text', text, table: { columns, delimiter: dialect.delimiter } } as const;
    yield unreadable(first.line, { ...problem, message }, source);
  }
}
