import type { InputOptions, JsonValue, RecordSource, SegmentEvent } from '../interfaces.js';
import { createObjectReader, createRowReader } from './event.js';

/**
 * Of each place of a record's event (`properties.order_id`), the column that its value came from. Found by trying: the
 * places that change when a column is blank are those that it is at. A place that several columns change, an id made
 * from the content, is not in it; nor is anything that was in the record under that very place.
 *
 * @throws UserError `PLACE_INVALID`, which reading the record would have thrown before.
 */
export function originsOf(source: RecordSource, options: InputOptions): ReadonlyMap<string, string> {
  if (source.kind === 'text') return new Map();
  const { columns, event, without } =
    source.kind === 'row' ? ofRow(source, options) : ofObject(source, options);
  const whole = placesOf(event);
  const origins = new Map<string, string>();
  const ambiguous = new Set<string>();
  for (const [index, column] of columns.entries()) {
    const rest = placesOf(without(index));
    for (const [place, value] of whole) {
      if (rest.get(place) === value) continue;
      if (origins.has(place)) ambiguous.add(place);
      else origins.set(place, column);
    }
  }
  for (const [place, column] of origins) {
    const isItself = place === column || place.startsWith(`${column}.`) || place.startsWith(`${column}[`);
    if (isItself || ambiguous.has(place)) origins.delete(place);
  }
  return origins;
}

interface Table {
  readonly columns: readonly string[];
  readonly event: SegmentEvent;
  /** The event without what is in the column with this index. */
  readonly without: (index: number) => SegmentEvent;
}

function ofRow({ columns, cells }: RecordSource & { readonly kind: 'row' }, options: InputOptions): Table {
  const read = createRowReader(columns, options, 'keep');
  return { columns, event: read(cells), without: (index) => read(cells.with(index, '')) };
}

function ofObject({ value }: RecordSource & { readonly kind: 'object' }, options: InputOptions): Table {
  const read = createObjectReader(options);
  const columns = Object.keys(value);
  return {
    columns,
    event: read(value),
    without: (index) => {
      const { [columns[index] ?? '']: _, ...rest } = value;
      return read(rest);
    },
  };
}

/** Every place of an event that holds a value, as a path reads it. */
function placesOf(event: SegmentEvent): ReadonlyMap<string, JsonValue> {
  const places = new Map<string, JsonValue>();
  const visit = (value: JsonValue | undefined, place: string): void => {
    if (value === undefined) return;
    if (typeof value !== 'object' || value === null) {
      places.set(place, value);
      return;
    }
    for (const [key, inner] of Object.entries(value)) {
      visit(inner, Array.isArray(value) ? `${place}[${key}]` : place === '' ? key : `${place}.${key}`);
    }
  };
  visit(event, '');
  return places;
}
