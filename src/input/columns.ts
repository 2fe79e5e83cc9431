import { isPlaceName, type Place, parsePlace } from './places.js';

/** Where one column goes. */
export interface ColumnPlan {
  /** The column's name, trimmed. */
  readonly column: string;
  readonly places: readonly Place[];
  /** Where two columns lead to one place, the lower rank goes first, and the first cell that is not blank wins. */
  readonly rank: number;
}

const RTID: Place = ['integrations', 'Rokt Conversions API', 'rtid'];
const RANK = { configured: 0, named: 1, warehouse: 2, usual: 3, other: 9 } as const;

/** Columns that only a Segment warehouse table has. */
const WAREHOUSE_SIGN = /^(?:context_\w+|received_at|sent_at|original_timestamp|event_text|uuid_ts)$/;

/** The columns of Segment's warehouse tables; those of one place in order of preference. */
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
  ['context_ip', ['context.ip', 2]],
  ['context_user_agent', ['context.userAgent', 2]],
  ['context_device_id', ['context.device.id', 2]],
  ['context_device_type', ['context.device.type', 2]],
  ['context_device_advertising_id', ['context.device.advertisingId', 2]],
  ['context_device_ad_tracking_enabled', ['context.device.adTrackingEnabled', 2]],
  ['context_page_search', ['context.page.search', 2]],
  ['context_page_url', ['context.page.url', 2]],
  ['context_page_path', ['context.page.path', 2]],
  ['context_page_referrer', ['context.page.referrer', 2]],
  ['context_personas_computation_key', ['context.personas.computation_key', 2]],
  ['context_personas_computation_class', ['context.personas.computation_class', 2]],
  ['context_personas_computation_id', ['context.personas.computation_id', 2]],
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
): readonly ColumnPlan[] {
  const byLowerName = new Map([...configured].map(([name, places]) => [name.trim().toLowerCase(), places]));
  const warehouse = columns.some((column) => WAREHOUSE_SIGN.test(column));
  const identifies = columns.some((column) => column.toLowerCase() === 'type');
  return columns
    .map((column): ColumnPlan => {
      const given = configured.get(column) ?? byLowerName.get(column.toLowerCase());
      if (given !== undefined) {
        return { column, places: given.map((place) => parsePlace(place, column)), rank: RANK.configured };
      }
      if (isPlaceName(column)) return { column, places: [parsePlace(column, column)], rank: RANK.named };
      const fromWarehouse = WAREHOUSE.get(column);
      if (fromWarehouse !== undefined && (warehouse || column !== 'id')) {
        return { column, places: [parsePlace(fromWarehouse[0], column)], rank: fromWarehouse[1] };
      }
      if (warehouse && column.startsWith('context_')) {
        return { column, places: [['context', column.slice('context_'.length)]], rank: RANK.warehouse };
      }
      const plain = column.toLowerCase().replaceAll(/[^\p{L}\p{N}]/gu, '');
      const usual = USUAL.get(plain);
      const rank = RANK.usual + USUAL_ORDER.indexOf(plain) / 1000;
      if (usual === 'rtid') return { column, places: identifies ? [RTID, ['traits', 'rtid']] : [RTID], rank };
      if (usual !== undefined) return { column, places: [parsePlace(usual, column)], rank };
      return { column, places: [['properties', safeName(column)]], rank: RANK.other };
    })
    .sort((a, b) => a.rank - b.rank);
}

/** A column may be called anything; an own property called `__proto__` would be lost on the way. */
function safeName(column: string): string {
  return column === '__proto__' ? '_proto_' : column;
}
