import { planColumns } from './columns.js';
import { PLUGIN_RTID, placeText } from './places.js';

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
  [placeText(PLUGIN_RTID), 'RTID'],
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
