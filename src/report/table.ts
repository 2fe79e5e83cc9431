import { printable } from '../printable.js';

/** A table for people: columns as wide as their widest cell, with a line end after each line. */
export function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const printed = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) =>
    printed.reduce((most, row) => Math.max(most, (row[column] ?? '').length), 0),
  );
  const lines = printed.map((row) =>
    row
      .map((text, column) => text.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
