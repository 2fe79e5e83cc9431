import type { Problem } from '../interfaces.js';

/** How many places are kept of records that have something in common. */
const PLACES_KEPT = 3;

/** Where a record begins. */
export interface RecordPlace {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** Of the table, which what is wrong with the record was read from; absent where that is not known. */
  readonly column?: string;
}

/** Some records, the first few by their places. */
export interface Group {
  count: number;
  readonly places: RecordPlace[];
}

/** Nobody yet. */
export function emptyGroup(): Group {
  return { count: 0, places: [] };
}

/** Adds a record to a group. @param column tells the column of its place, if that is kept. */
export function enter(
  group: Group,
  file: string,
  line: number,
  column: () => string | undefined = () => undefined,
): void {
  group.count += 1;
  if (group.places.length >= PLACES_KEPT) return;
  const name = column();
  group.places.push({ file, line, ...(name === undefined ? {} : { column: name }) });
}

/** The group of a key; made where there is none, with what else is to be said of it. */
export function groupOf<About extends object>(
  groups: Map<string, Group & About>,
  key: string,
  about: About,
): Group & About {
  let group = groups.get(key);
  if (group === undefined) {
    group = { ...about, ...emptyGroup() };
    groups.set(key, group);
  }
  return group;
}

/** The groups, the largest first. */
export function mostFrequentFirst<Entry extends Group>(groups: ReadonlyMap<string, Entry>): readonly Entry[] {
  return [...groups.values()].sort((a, b) => b.count - a.count);
}

/** `orders.csv:2 (Total)`; without the column where that is not known. */
export function formatPlace({ file, line, column }: RecordPlace): string {
  return `${file}:${line}${column === undefined ? '' : ` (${column})`}`;
}

/** `orders.csv:2 (Total), orders.csv:7 (Total), …`: those that are kept, and whether there are more. */
export function formatPlaces({ count, places }: Group): string {
  const more = count > places.length && places.length > 0 ? ['…'] : [];
  return [...places.map(formatPlace), ...more].join(', ');
}

/** A code with the field that it is about: `AMOUNT_UNREADABLE (eventDetails.amount)`. */
export function problemName({ code, field }: Pick<Problem, 'field'> & { readonly code: string }): string {
  return field === undefined ? code : `${code} (${field})`;
}
