import type { InputOptions, JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { type Converter, converterOf, noneTestOf, takesAnyText } from './cell-values.js';
import { type DeviceType, type OnBadName, planColumns } from './columns.js';
import { hourOf } from './hour.js';
import { isTimestampPlace, type Place } from './places.js';
import { type Branch, childOf, put, putInto } from './tree.js';

/** Puts a row's values into an event in the making. */
export type Placer = (event: Branch, values: readonly (JsonValue | undefined)[]) => void;

/** What is done with one column of every row. */
export interface Step {
  /** Of the column, in the row. */
  readonly index: number;
  readonly place: Place;
  /** Where a value goes that is no object. */
  readonly scalarPlace: Place;
  /** The object that `scalarPlace` is in, as its number in the list of {@link Parents}; undefined where a list is. */
  readonly parent: number | undefined;
  /** The last key of `scalarPlace`. */
  readonly key: string;
  /** Where it goes when that is taken. */
  readonly own: Place;
  readonly convert: Converter;
  /** Whether a value stands for nothing here. */
  readonly isNone: (value: JsonValue) => boolean;
  /** Of a date's column, that of its time of day, in the row. */
  readonly clock: number | undefined;
  /** Whether every text that is something can stand there. */
  readonly sure: boolean;
  readonly device: DeviceType | undefined;
}

/** Objects that values are put into, as the keys that lead there: each is looked for once a row. */
type Parents = readonly (readonly string[])[];

/** Where it stands what the device is. */
export const DEVICE_TYPE: Place = ['context', 'device', 'type'];

/**
 * Makes what puts the values of rows with these columns into events. Everything that depends on the columns alone is
 * done here, once.
 *
 * @throws UserError `PLACE_INVALID`.
 */
export function createPlacer(
  columns: readonly string[],
  options: InputOptions,
  onBadName: OnBadName,
): Placer {
  const { steps, parents } = planSteps(columns, options, onBadName);
  return (event, values) => {
    const found: (Branch | undefined)[] = [];
    for (let at = 0; at < steps.length; at += 1) {
      const step = steps[at];
      const value = step === undefined ? undefined : cellOf(step, values);
      if (step === undefined || value === undefined || value === null || step.isNone(value)) continue;
      const { parent, device } = step;
      const converted = isOtherDevice(event, device) ? undefined : step.convert(value);
      let placed = false;
      if (parent !== undefined && converted !== undefined && !isJsonObject(converted)) {
        found[parent] ??= childOf(event, parents[parent] ?? []);
        placed = found[parent] !== undefined && putInto(found[parent], step.key, converted);
      } else if (converted !== undefined) {
        placed = put(event, isJsonObject(converted) ? step.place : step.scalarPlace, converted);
      }
      if (!placed) put(event, step.own, value);
      else if (device !== undefined) put(event, DEVICE_TYPE, device);
    }
  };
}

/**
 * What is to be done with each column, in this order.
 *
 * @throws UserError `PLACE_INVALID`.
 */
export function planSteps(
  columns: readonly string[],
  options: InputOptions,
  onBadName: OnBadName,
): { readonly steps: readonly Step[]; readonly parents: Parents } {
  const indexOf = new Map(columns.map((column, index) => [column, index]));
  const plans = planColumns(columns, options.columns, onBadName);
  const holders = new Set(plans.flatMap(({ places }) => places.flatMap(aboveOf)));
  const parents: (readonly string[])[] = [];
  const parentNumbers = new Map<string, number>();
  const parentOf = (place: Place): number | undefined => {
    const keys = place.slice(0, -1).filter((key) => typeof key === 'string');
    if (keys.length < place.length - 1 || typeof place.at(-1) === 'number') return undefined;
    const known = parentNumbers.get(JSON.stringify(keys));
    if (known !== undefined) return known;
    parentNumbers.set(JSON.stringify(keys), parents.length);
    return parents.push(keys) - 1;
  };
  const clocks = new Map(
    plans
      .filter(({ places }) => places.some(isTimestampPlace))
      .map(({ column }) => [column.toLowerCase(), indexOf.get(column)]),
  );
  const steps = plans.flatMap(({ column, places, own, device }) =>
    places.map((place): Step => {
      // `address` beside `zip`: the address is an object, and the text becomes a part of it.
      const scalarPlace = holders.has(JSON.stringify(place)) ? [...place, column] : place;
      return {
        place,
        index: indexOf.get(column) ?? 0,
        own,
        scalarPlace,
        parent: parentOf(scalarPlace),
        key: String(scalarPlace.at(-1)),
        convert: converterOf(place, column),
        isNone: noneTestOf(place, column),
        clock: isTimestampPlace(place) && /date$/i.test(column) ? clocks.get(clockName(column)) : undefined,
        sure: device === undefined && takesAnyText(place),
        device,
      };
    }),
  );
  return { steps, parents };
}

/** The places that hold another one, as JSON. */
function aboveOf(place: Place): string[] {
  return place.slice(1).map((_, depth) => JSON.stringify(place.slice(0, depth + 1)));
}

/** `Order Date` has its time of day in `Order Time`. */
function clockName(column: string): string {
  return column.toLowerCase().replace(/date$/, 'time');
}

/** Unix time; eight digits are a day: 20261101. */
const UNIX_TIME = /^(?!\d{8}$)\d+$/;
const CLOCK =
  /^(\d{1,2})(:[0-5]\d)(:[0-5]\d)?(?:\.\d+)?(?:\s?([AP])\.?M\.?)?\s?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)?$/i;
/** Only with such a date is a zone read. */
const ISO_DATE = /^\d{4}(?:[-/]|\d{4}$)/;

/** What the column has, with the time of day where another has that. */
function cellOf({ index, clock }: Step, values: readonly (JsonValue | undefined)[]): JsonValue | undefined {
  const value = values[index];
  const time = clock === undefined ? undefined : values[clock];
  if (typeof value !== 'string' || typeof time !== 'string') return value;
  const date = value.trim();
  const isDate = date !== '' && !date.includes(':') && !UNIX_TIME.test(date);
  const clockTime = isDate ? clockOf(time.trim(), ISO_DATE.test(date)) : undefined;
  return clockTime === undefined ? value : `${date} ${clockTime}`;
}

/** A time of day as it is behind a date: 09:15:00 for 9:15 AM; undefined where the text is none that can be read there. */
function clockOf(text: string, zoned: boolean): string | undefined {
  const [, shown, minute = '', second = ':00', half, zone = ''] = CLOCK.exec(text) ?? [];
  const hour = shown === undefined ? undefined : hourOf(shown, half);
  if (hour === undefined || (zone !== '' && !zoned)) return undefined;
  return `${String(hour).padStart(2, '0')}${minute}${second}${zone}`;
}

function isOtherDevice({ context }: Branch, device: DeviceType | undefined): boolean {
  if (device === undefined || !isJsonObject(context) || !isJsonObject(context.device)) return false;
  const { type } = context.device;
  return typeof type === 'string' && type.trim().toLowerCase() !== device;
}
