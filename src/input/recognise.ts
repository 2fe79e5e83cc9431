import { SOURCE_PRESET_NAMES, SOURCE_PRESETS, type SourcePresetName } from '../config/source-presets.js';
import { isWarehouse, planColumns } from './columns.js';
import type { Place } from './places.js';

/** What a file's columns tell that it is; undefined: rows of no known system. */
export function recognise(columns: readonly string[]): SourcePresetName | undefined {
  const present = new Set(columns.map((column) => column.trim().toLowerCase()));
  const shop = SOURCE_PRESET_NAMES.find((name) => {
    const { signs } = SOURCE_PRESETS[name];
    return signs.length > 0 && signs.every((sign) => present.has(sign.toLowerCase()));
  });
  return shop ?? (isWarehouse(columns) ? 'warehouse' : undefined);
}

/** Where a column goes, and what for. */
export interface ColumnUse {
  readonly column: string;
  /** The place in the event, as `source.columns` would write it. */
  readonly place: string;
  /** What the default mapping makes of it; undefined: nothing. */
  readonly use: string | undefined;
}

const USES: ReadonlyMap<string, string> = new Map([
  ['event', 'event name (conversiontype)'],
  ['type', 'kind of call'],
  ['messageId', 'id of the event'],
  ['timestamp', 'time of the event'],
  ['userId', 'customer id'],
  ['properties.order_id', 'order id (confirmationref)'],
  ['properties.revenue', 'amount'],
  ['properties.currency', 'currency'],
  ['properties.audience_name', 'audience'],
  ['properties.audience_membership', 'membership of the audience'],
  ['context.ip', 'ip'],
  ['context.userAgent', 'user agent'],
  ['context.device.type', 'kind of device'],
  ['context.device.id', 'device id'],
  ['context.device.advertisingId', 'advertising id'],
  ['context.page.search', 'RTID, where it has an rtid parameter'],
  ['context.personas.computation_key', 'audience'],
  ['context.personas.computation_class', 'kind of computation'],
  ['integrations.Rokt Conversions API.rtid', 'RTID'],
  ...['properties', 'traits'].flatMap((object): [string, string][] => [
    [`${object}.email`, 'e-mail address'],
    [`${object}.first_name`, 'first name'],
    [`${object}.last_name`, 'last name'],
    [`${object}.phone`, 'mobile'],
    [`${object}.address.postal_code`, 'billing zip code'],
    [`${object}.birthday`, 'date of birth'],
    [`${object}.gender`, 'gender'],
  ]),
]);

/** Where each column of a table goes, and what for; in the order of the columns. */
export function columnUses(
  columns: readonly string[],
  configured: ReadonlyMap<string, readonly string[]>,
): readonly ColumnUse[] {
  const placesOf = new Map(
    planColumns(columns, configured, 'keep').map(({ column, places }) => [column, places]),
  );
  return columns.map((column) => {
    const texts = placesOf.get(column)?.map(placeText) ?? [];
    const used = texts.find((text) => USES.has(text));
    return { column, place: used ?? texts[0] ?? '', use: used === undefined ? undefined : USES.get(used) };
  });
}

/** A place as `parsePlace` reads it. */
function placeText(place: Place): string {
  return place.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? key : `${text}.${key}`),
    '',
  );
}

/** What the times of some records tell of how to read them. */
export interface TimesSeen {
  /** `either`: no date of a form such as 1/2/2026 tells which of the two is the day. Undefined: there is none. */
  readonly dateOrder: 'dmy' | 'mdy' | 'either' | undefined;
  /** Whether some name no time zone. */
  readonly zoneless: boolean;
}

/** A zone behind a time: behind a date alone, -01 and -2026 are a part of that. */
const ZONED = /:\d{2}(?:[.,]\d+)?\s?(?:Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?)$/i;

/** Looks through timestamps as they were written. */
export function lookAtTimes(times: readonly string[]): TimesSeen {
  const numbers = times.flatMap((time) => {
    const match = /^(\d{1,2})[/.-](\d{1,2})[/.-]\d{4}/.exec(time.trim());
    return match === null ? [] : [[Number(match[1]), Number(match[2])] as const];
  });
  const dmy = numbers.some(([first]) => first > 12);
  const mdy = numbers.some(([, second]) => second > 12);
  return {
    dateOrder: numbers.length === 0 ? undefined : dmy === mdy ? 'either' : dmy ? 'dmy' : 'mdy',
    zoneless: times.some((time) => !ZONED.test(time.trim()) && /\D/.test(time.trim())),
  };
}
