import type { MappingEntry } from '../config/config.js';
import { planColumns } from '../input/columns.js';
import { createRowReader, type RowReader } from '../input/event.js';
import { placeText } from '../input/places.js';
import { isEmptyCell } from '../input/values.js';
import type { InputOptions, RecordSource } from '../interfaces.js';
import { pathGetter } from './path.js';
import { createPlacesReader, type PlacesReader } from './trace.js';

/** Tells which column of a table a field of a record's payload was read from. */
export type ColumnOf = (source: RecordSource, field: string) => string | undefined;

/** To make one of the row takes longer than all else, and no column is to be told of it. */
const NO_ID = '';

interface Table {
  readonly read: RowReader;
  /** Where each column may lead: a place as text, and the column's index. */
  readonly leads: readonly { readonly place: string; readonly index: number }[];
}

/**
 * Makes a {@link ColumnOf}. It gives undefined where the record is no row of a table, or the field is made of no column
 * or of several.
 *
 * @param mappings any of which may have made the payload.
 */
export function createColumnOf(mappings: readonly MappingEntry[], options: InputOptions): ColumnOf {
  const tables = new WeakMap<readonly string[], Table>();
  let readers: readonly PlacesReader[] | undefined;
  return (source, field) => {
    if (source.kind !== 'row') return undefined;
    const { columns, cells } = source;
    readers ??= mappings.map(createPlacesReader);
    const table = tables.get(columns) ?? toTable(columns, options);
    tables.set(columns, table);
    const event = table.read(cells, NO_ID);
    const places = new Set(readers.flatMap((read) => read(field, event)));
    const found = new Set([...places].flatMap((place) => columnsAt(place, table, cells)));
    const [only] = found;
    return only === undefined || found.size > 1 ? undefined : columns[only];
  };
}

function toTable(columns: readonly string[], options: InputOptions): Table {
  const leads = planColumns(columns, options.columns, 'keep').flatMap(({ column, places, own }) =>
    [...places, own].map((place) => ({ place: placeText(place), index: columns.indexOf(column) })),
  );
  return { read: createRowReader(columns, options, 'keep'), leads };
}

/** Which columns what stands at a place is from: of those that may lead there, the ones without which it changes. */
function columnsAt(place: string, { read, leads }: Table, cells: readonly string[]): readonly number[] {
  const isAt = (above: string): boolean =>
    place === above || place.startsWith(`${above}.`) || place.startsWith(`${above}[`);
  const filled = leads.filter((lead) => isAt(lead.place) && !isEmptyCell(cells[lead.index] ?? ''));
  const indexes = [...new Set(filled.map(({ index }) => index))];
  const get = pathGetter(`$.${place}`);
  if (indexes.length < 2 || get === undefined) return indexes;
  const value = get(read(cells, NO_ID));
  return indexes.filter((index) => get(read(cells.with(index, ''), NO_ID)) !== value);
}
