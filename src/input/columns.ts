import { columnKey } from '../config/column-key.js';
import { isObjectPlace, isPlace, isPlaceName, PLUGIN_RTID, type Place, parsePlace } from './places.js';

/** Where one column goes. */
export interface ColumnPlan {
  /** The column's name, trimmed. */
  readonly column: string;
  readonly places: readonly Place[];
  /** Where a value goes that finds its place taken. */
  readonly own: Place;
  /** Where two columns lead to one place, the lower rank goes first, and the first cell that is not blank wins. */
  readonly rank: number;
  /** Of an id that only such devices have: it goes there where the row names no other device. */
  readonly device?: DeviceType;
}

/** The device types whose ids Rokt takes (contract.md, section 3). */
export type DeviceType = 'ios' | 'android';

const RANK = { configured: 0, named: 1, warehouse: 2, usual: 3, device: 4, other: 9 } as const;

/** Columns that only a Segment warehouse table has. */
const WAREHOUSE_SIGN = /^(?:context_\w+|received_at|sent_at|original_timestamp|event_text|uuid_ts)$/;

/** The columns of Segment's warehouse tables whose names are not those of their places; of one place in order of preference. */
const WAREHOUSE: ReadonlyMap<string, readonly [place: string, rank: number]> = new Map([
  ['message_id', ['messageId', 2]],
  ['id', ['messageId', 2.1]],
  ['user_id', ['userId', 2]],
  ['anonymous_id', ['anonymousId', 2]],
  ['group_id', ['groupId', 2]],
  ['event_text', ['event', 0.5]],
  ['original_timestamp', ['timestamp', 2.1]],
  ['sent_at', ['timestamp', 2.2]],
  ['received_at', ['timestamp', 2.3]],
  ['context_user_agent', ['context.userAgent', 2]],
  ['context_device_advertising_id', ['context.device.advertisingId', 2]],
  ['context_device_ad_tracking_enabled', ['context.device.adTrackingEnabled', 2]],
]);

/** Usual header names of order tables, without blanks and punctuation; those of one place in order of preference. */
const USUAL: ReadonlyMap<string, string> = new Map(
  Object.entries({
    messageId: ['messageid', 'eventid'],
    event: ['event', 'eventname'],
    type: ['eventtype'],
    userId: ['userid', 'customerid', 'customernumber', 'customerno', 'clientid', 'memberid'],
    anonymousId: ['anonymousid'],
    timestamp: [
      'timestamp',
      'eventtime',
      'paidat',
      'purchasedat',
      'completedat',
      'orderedat',
      'createdat',
      'orderdate',
      'orderedon',
      'ordertime',
      'orderdatetime',
      'purchasedate',
      'transactiondate',
      'datetime',
      'createdate',
      'createddate',
      'datecreated',
      'created',
      'date',
      'time',
    ],
    'properties.order_id': [
      'orderid',
      'ordernumber',
      'orderno',
      'ordernr',
      'orderref',
      'orderreference',
      'transactionid',
      'confirmationref',
      'confirmationnumber',
      'invoiceid',
      'invoicenumber',
      'order',
      'id',
    ],
    'properties.revenue': [
      'revenue',
      'total',
      'ordertotal',
      'grandtotal',
      'totalprice',
      'pricetotal',
      'amount',
      'orderamount',
      'totalamount',
      'ordervalue',
      'totalpaid',
      'value',
    ],
    'properties.currency': ['currency', 'currencycode', 'ordercurrency'],
    'properties.email': [
      'email',
      'emailaddress',
      'mail',
      'customeremail',
      'contactemail',
      'billingemail',
      'buyeremail',
      'useremail',
    ],
    'properties.phone': [
      'phone',
      'phonenumber',
      'mobile',
      'mobilenumber',
      'mobilephone',
      'telephone',
      'tel',
      'customerphone',
      'billingphone',
    ],
    'properties.first_name': ['firstname', 'givenname', 'forename', 'billingfirstname', 'customerfirstname'],
    'properties.last_name': ['lastname', 'surname', 'familyname', 'billinglastname', 'customerlastname'],
    'properties.address.postal_code': [
      'postalcode',
      'postcode',
      'zip',
      'zipcode',
      'billingzip',
      'billingzipcode',
      'billingpostcode',
      'billingpostalcode',
    ],
    'properties.address.city': ['city', 'billingcity'],
    'properties.address.state': ['state', 'billingstate', 'province'],
    'properties.birthday': ['birthday', 'birthdate', 'dateofbirth', 'dob'],
    'properties.gender': ['gender', 'sex'],
    'properties.audience_name': ['audiencename'],
    'properties.audience_membership': ['audiencemembership'],
    'context.ip': ['ip', 'ipaddress', 'clientip', 'customerip', 'remoteip', 'userip'],
    'context.userAgent': ['useragent', 'browseruseragent', 'clientuseragent', 'httpuseragent'],
    'context.page.search': ['pagesearch', 'landingpagesearch', 'querystring'],
    'context.device.type': ['devicetype'],
    'context.device.id': ['deviceid'],
    'context.device.advertisingId': ['advertisingid', 'deviceadvertisingid'],
    rtid: ['rtid', 'rclid', 'roktclickid', 'roktrtid', 'roktid', 'rokttransactionid'],
  }).flatMap(([place, names]) => names.map((name) => [name, place] as const)),
);
const USUAL_ORDER = [...USUAL.keys()];

/** Ids of devices, whose names say the type of the device. */
const DEVICE_IDS: ReadonlyMap<string, readonly [place: string, device: DeviceType]> = new Map([
  ['idfa', ['context.device.advertisingId', 'ios']],
  ['iosadvertisingid', ['context.device.advertisingId', 'ios']],
  ['iosidfa', ['context.device.advertisingId', 'ios']],
  ['gaid', ['context.device.advertisingId', 'android']],
  ['aaid', ['context.device.advertisingId', 'android']],
  ['androidadvertisingid', ['context.device.advertisingId', 'android']],
  ['googleadvertisingid', ['context.device.advertisingId', 'android']],
  ['idfv', ['context.device.id', 'ios']],
  ['iosidfv', ['context.device.id', 'ios']],
  ['androiduuid', ['context.device.id', 'android']],
]);

/** The objects of a Segment event's `context`: a warehouse table has `context_os_name` for `context.os.name`. */
const CONTEXT_OBJECT =
  /^context_(app|campaign|device|library|location|network|os|page|personas|referrer|screen|traits)_(.+)$/;

/** How to take names that look like a place and are none (`a.__proto__`). */
export type OnBadName =
  /** They are an error: a header can be fixed before anything is sent. */
  | 'throw'
  /** They go into `properties` as they are: one record must not stop the others. */
  | 'keep';

/**
 * Where each column of a table goes in the event: as `source.columns` says, as its name says (`context.ip`), as
 * Segment's warehouse tables name it, as order tables usually name it, or else into `properties` under its own name.
 *
 * @param columns header names, trimmed.
 * @param configured `source.columns`.
 * @returns plans in the order in which cells are to be put into the event.
 * @throws UserError `PLACE_INVALID`.
 */
export function planColumns(
  columns: readonly string[],
  configured: ReadonlyMap<string, readonly string[]>,
  onBadName: OnBadName = 'throw',
): readonly ColumnPlan[] {
  const byKey = new Map([...configured].map(([name, places]) => [columnKey(name), places]));
  const inOrder = [...byKey.keys()];
  const warehouse = isWarehouse(columns);
  const nameOf = segmentNames(columns);
  const identifies = columns.some((column) => column.toLowerCase() === 'type');
  return columns
    .map((column): ColumnPlan => {
      const name = nameOf(column);
      const own = ownPlace(name);
      const given = configured.get(column) ?? byKey.get(columnKey(column));
      if (given !== undefined) {
        const rank = RANK.configured + inOrder.indexOf(columnKey(column)) / 1_000_000;
        return { column, places: given.map((place) => parsePlace(place, column)), own, rank };
      }
      if (isPlaceName(name) && (onBadName === 'throw' || isPlace(name))) {
        return { column, places: [parsePlace(name, column)], own, rank: RANK.named };
      }
      const known = planUpper(name, own) ?? planWarehouse(name, warehouse) ?? planUsual(name, identifies);
      return { ...(known ?? { places: [own], rank: RANK.other }), column, own };
    })
    .sort((a, b) => a.rank - b.rank);
}

/** Whether these are the columns of a table of Segment's warehouse. */
export function isWarehouse(columns: readonly string[]): boolean {
  const nameOf = segmentNames(columns);
  return columns.some((column) => WAREHOUSE_SIGN.test(nameOf(column)));
}

/** What Segment calls a column: Snowflake has the names of the warehouse's tables in upper case. */
function segmentNames(columns: readonly string[]): (column: string) => string {
  const isUpper = (column: string): boolean => column === column.toUpperCase();
  const isSnowflake = columns.some((column) => isUpper(column) && WAREHOUSE_SIGN.test(column.toLowerCase()));
  return (column) => (isSnowflake && isUpper(column) ? column.toLowerCase() : column);
}

/** Where a column goes that nothing else is known of. */
function ownPlace(column: string): Place {
  // An own property called __proto__ would be lost on the way.
  return ['properties', column === '__proto__' ? '_proto_' : column];
}

/** What a column's name alone says. */
type KnownPlan = Omit<ColumnPlan, 'column' | 'own'>;

/** Snowflake calls the columns with a call's objects and its type TRAITS and TYPE. They are also found as before. */
function planUpper(column: string, own: Place): KnownPlan | undefined {
  const place = [column.toLowerCase()];
  const isUpper = column === column.toUpperCase() && (isObjectPlace(place) || place[0] === 'type');
  return isUpper ? { places: [place, own], rank: RANK.named } : undefined;
}

function planWarehouse(column: string, warehouse: boolean): KnownPlan | undefined {
  // Elsewhere an `id` is an order's.
  const known = warehouse || column !== 'id' ? WAREHOUSE.get(column) : undefined;
  if (known !== undefined) return { places: [parsePlace(known[0], column)], rank: known[1] };
  const [, object, key] = CONTEXT_OBJECT.exec(column) ?? [];
  if (object !== undefined && key !== undefined) {
    return { places: [['context', object, key]], rank: RANK.warehouse };
  }
  if (!warehouse || !column.startsWith('context_')) return undefined;
  return { places: [['context', column.slice('context_'.length)]], rank: RANK.warehouse };
}

function planUsual(column: string, identifies: boolean): KnownPlan | undefined {
  const plain = column.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
  const [idPlace, device] = DEVICE_IDS.get(plain) ?? [];
  if (idPlace !== undefined && device !== undefined) {
    return { places: [parsePlace(idPlace, column)], rank: RANK.device, device };
  }
  const usual = USUAL.get(plain);
  if (usual === undefined) return undefined;
  if (usual === 'rtid') {
    const places = identifies ? [PLUGIN_RTID, ['traits', 'rtid']] : [PLUGIN_RTID];
    return { places, rank: RANK.usual + USUAL_ORDER.indexOf(plain) / 1000 };
  }
  const place = parsePlace(usual, column);
  // A column that is called like the place itself has no other to go to, so it comes before its synonyms.
  const order = place.at(-1) === column ? 0 : (1 + USUAL_ORDER.indexOf(plain)) / 1000;
  return { places: [place], rank: RANK.usual + order };
}
