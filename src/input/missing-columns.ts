import { columnKey } from '../config/column-key.js';
import type { FileProblem } from '../interfaces.js';
import { nearest } from '../nearest.js';
import { mayBeRow } from './csv-header.js';
import type { OpenedInput } from './open.js';

/**
 * The columns that are configured and that no table of a run has, once for each table: misspelt, or renamed since. What
 * is configured for one of several exports is there in that one.
 *
 * @param configured names under `source.columns`.
 */
export function missingColumns(
  inputs: readonly Pick<OpenedInput, 'head'>[],
  configured: readonly string[],
): readonly FileProblem[] {
  const tables = inputs.flatMap(({ head: { table } }) =>
    table === undefined || table.columns.length === 0 ? [] : [table],
  );
  const present = new Set(tables.flatMap(({ columns }) => columns.map(columnKey)));
  const named = new Set(configured.map(columnKey));
  return configured
    .filter((name) => !present.has(columnKey(name)))
    .flatMap((name) =>
      tables.map(({ file, line, columns }): FileProblem => {
        const free = mayBeRow(columns) ? [] : columns.filter((column) => !named.has(columnKey(column)));
        const close = nearest(name, free);
        const hint = close === undefined ? 'write it as it is in the header.' : `did you mean "${close}"?`;
        const message = `source.columns names a column that no table has; ${hint}`;
        return { file, line, problem: { code: 'COLUMN_MISSING', message, field: name } };
      }),
    );
}
