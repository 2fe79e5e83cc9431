import type { FileProblem, InputOptions } from '../interfaces.js';
import { planColumns } from './columns.js';
import type { OpenedInput } from './open.js';

/**
 * Looks for tables whose rows are grouped while no column leads to `messageId`. The id of a group is made of its rows
 * then, so that two parts of an order, and the order with another row, are two. Only the header is looked at: to find the
 * parts themselves, the orders of a run would have to be remembered.
 */
export function groupsWithoutId(
  inputs: readonly Pick<OpenedInput, 'file' | 'head'>[],
  { columns: configured }: Pick<InputOptions, 'columns'>,
): readonly FileProblem[] {
  return inputs.flatMap(({ file, head: { table } }): FileProblem[] => {
    const field = table?.groupBy === undefined ? undefined : table.columns[table.groupBy];
    if (table === undefined || field === undefined) return [];
    const plans = planColumns(table.columns, configured, 'keep');
    if (plans.some(({ places }) => places.some((place) => place.length === 1 && place[0] === 'messageId')))
      return [];
    const message =
      'The rows of an order are one event, but no column gives that an id: an order whose rows stand apart, are in two files, or come again otherwise, is sent twice. Before the first upload, add messageId in source.columns to the places of the column that has its id; later, what was sent would be sent again.';
    return [{ file, line: table.line, problem: { code: 'GROUP_WITHOUT_ID', message, field } }];
  });
}
