/** The header of a table of orders, as a shop exports it, with its line end. */
export const HEADER = 'Order Number,Email,Total,Currency,Paid at\n';

/** When the order 0 was paid, in Unix ms: a day ago, so that no test is warned of old events. */
export const FIRST_PAID_MS = Date.now() - 86_400_000;

/** The row of an order, `o-7`: paid a second after the one before it, by a user of its own unless another is named. */
export function orderRow(n: number, user = n, total = n): string {
  const paid = new Date(FIRST_PAID_MS + n * 1000).toISOString();
  return `o-${n},user${user}@example.com,${total}.50,USD,${paid}\n`;
}

/** The rows of the orders from one up to another. */
export function orderRows(from: number, to: number): string {
  return Array.from({ length: to - from }, (_, n) => orderRow(from + n)).join('');
}

/**
 * A table of orders, paid a second after one another.
 *
 * @param cells of an order: its e-mail address, total and currency.
 * @param timeOf how its time is written; default: as ISO 8601.
 */
export function orderTable(
  count: number,
  cells: (n: number) => string,
  timeOf = (iso: string): string => iso,
): string {
  const rows = Array.from({ length: count }, (_, n) => {
    return `o-${n},${cells(n)},${timeOf(new Date(FIRST_PAID_MS + n * 1000).toISOString())}\n`;
  });
  return HEADER + rows.join('');
}
