import { isJsonObject } from '../json.js';
import { withoutMark } from './cell-values.js';
import type { ColumnUse } from './column-uses.js';
import { idOf } from './event.js';
import type { InputRecord } from './input-record.js';
import { trimmed } from './values.js';
import { wholeEvent } from './whole-event.js';

/** What a table shows of orders that have several rows. */
export interface OrderRows {
  /** The column that has an order's id. */
  readonly column: string;
  /** Whether all rows of an order have its amount, or none: else each has that of an item. */
  readonly isTotal: boolean;
}

/**
 * Looks for rows that follow one another and have one order id, as exports with a row for each item of an order have
 * them.
 *
 * @param records of one table, in its order.
 * @returns undefined where no order has several rows.
 */
export function lookAtOrderRows(
  records: readonly InputRecord[],
  columns: readonly ColumnUse[],
): OrderRows | undefined {
  const rows = records.flatMap(({ content, source }) => {
    if (content.kind === 'unreadable' || source.kind !== 'row') return [];
    const { properties } = wholeEvent(content.event);
    const { order_id: id, revenue } = isJsonObject(properties) ? properties : {};
    return [{ id: idOf(id), revenue, cells: source.cells }];
  });
  let isTotal: boolean | undefined;
  let first = rows[0];
  for (const row of rows.slice(1)) {
    if (row.id === undefined || row.id !== first?.id) {
      first = row;
      continue;
    }
    const total = first.revenue ?? row.revenue;
    isTotal = isTotal !== false && (row.revenue ?? total) === total;
    first = { ...first, revenue: total };
  }
  const column = columns.find(({ place }, index) => {
    return (
      place === 'properties.order_id' &&
      rows.every(({ id, cells }) => withoutMark(trimmed(cells[index] ?? '')) === (id ?? ''))
    );
  });
  return isTotal === undefined || column === undefined ? undefined : { column: column.column, isTotal };
}
