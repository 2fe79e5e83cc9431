/** All that `source.preset` may be. */
export const SOURCE_PRESET_NAMES = [
  'shopify',
  'woocommerce',
  'bigcommerce',
  'magento',
  'stripe',
  'segment',
  'warehouse',
] as const;

/** One of {@link SOURCE_PRESET_NAMES}. */
export type SourcePresetName = (typeof SOURCE_PRESET_NAMES)[number];

/** How the export of one system is to be read: what `source.preset` stands for. */
export interface SourcePreset {
  /** What it is, for people. */
  readonly title: string;
  /** Columns that only such an export has: all of one of these lists. A warehouse table is known by `isWarehouse`. */
  readonly signs: readonly (readonly string[])[];
  /** Column to the places in the event. Of two that lead to one place the first that is not blank counts. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** The zone of its times that name none; absent where that is the shop's. */
  readonly timezone?: 'UTC';
  /** The column that rows of one order have in common, where an order has several rows. */
  readonly groupBy?: string;
  /**
   * FQL by which an order is known from what is none: a payment that failed or never came, an order that was called off, a
   * test. What was refunded was an order. Absent where the export does not say.
   */
  readonly isOrder?: string;
}

/** An order is recognised by its number, so that one which is exported again, then shipped, is not delivered again. */
const ORDER = ['properties.order_id', 'messageId'];

/** The address and the contact, as most shops call them. */
const contact = (prefix: string, names: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(
    Object.entries(names).map(([name, place]) => [`${prefix}${name}`, `properties.${place}`]),
  );

/** FQL for a place that holds none of these words. */
const isNone = (place: string, ...words: readonly string[]): string =>
  words.map((word) => `${place} != "${word}"`).join(' and ');

/** Columns to the places that each leads to, of which one may be given alone. */
export function leadTo(
  columns: Readonly<Record<string, string | readonly string[]>>,
): ReadonlyMap<string, readonly string[]> {
  return new Map(
    Object.entries(columns).map(([name, places]) => [name, typeof places === 'string' ? [places] : places]),
  );
}

/** What WooCommerce's own reports leave out, and a cart in the checkout; as the database has it, and as it is shown. */
const WOOCOMMERCE_UNPAID = [
  ...['pending', 'failed', 'cancelled', 'checkout-draft'].flatMap((status) => [status, `wc-${status}`]),
  ...['Pending payment', 'Failed', 'Cancelled', 'Draft'],
];

/** Of a payment in Stripe; its export has those that failed too. */
const STRIPE_UNPAID = [
  'Failed',
  'Canceled',
  'canceled',
  'Incomplete',
  'requires_payment_method',
  'requires_confirmation',
  'requires_action',
];

/** What each of {@link SOURCE_PRESET_NAMES} stands for. */
export const SOURCE_PRESETS: Readonly<Record<SourcePresetName, SourcePreset>> = {
  shopify: {
    title: 'orders exported from Shopify',
    signs: [['Name', 'Financial Status', 'Paid at', 'Lineitem quantity', 'Lineitem name']],
    columns: leadTo({
      Name: ORDER,
      'Paid at': 'timestamp',
      'Created at': 'timestamp',
      Email: 'properties.email',
      Total: 'properties.revenue',
      Currency: 'properties.currency',
      Subtotal: 'properties.subtotal',
      Shipping: 'properties.shipping',
      Taxes: 'properties.tax',
      'Discount Code': 'properties.coupon',
      'Discount Amount': 'properties.discount',
      'Financial Status': 'properties.financial_status',
      'Cancelled at': 'properties.cancelled_at',
      ...contact('Billing ', {
        Phone: 'phone',
        Zip: 'address.postal_code',
        City: 'address.city',
        Province: 'address.state',
        Country: 'address.country',
      }),
      Phone: 'properties.phone',
      'Shipping Zip': 'properties.address.postal_code',
      Id: 'properties.shopify_id',
      // Of a till, and of no one's phone.
      'Device ID': 'properties.pos_device_id',
    }),
    groupBy: 'Name',
    // Only the first row of an order says these. Without it, the others are items of one that may be called off.
    isOrder: `${isNone('properties.financial_status', 'voided', 'expired')} and properties.cancelled_at = null and (properties.financial_status != null or properties.revenue != null)`,
  },
  woocommerce: {
    title: 'orders exported from WooCommerce',
    signs: [
      ['order_id', 'order_total', 'billing_email', 'billing_first_name'],
      // Of the plugin Advanced Order Export.
      ['Order Number', 'Order Total Amount', 'Email (Billing)'],
    ],
    columns: leadTo({
      'Order Number': ORDER,
      'Order Date': 'timestamp',
      'Order Total Amount': 'properties.revenue',
      'Order Status': 'properties.status',
      'Email (Billing)': 'properties.email',
      'First Name (Billing)': 'properties.first_name',
      'Last Name (Billing)': 'properties.last_name',
      'Phone (Billing)': 'properties.phone',
      'Postcode (Billing)': 'properties.address.postal_code',
      'City (Billing)': 'properties.address.city',
      'State Code (Billing)': 'properties.address.state',
      'Country Code (Billing)': 'properties.address.country',
      order_number: 'properties.order_id',
      order_id: ORDER,
      paid_date: 'timestamp',
      date_paid: 'timestamp',
      order_date: 'timestamp',
      date: 'timestamp',
      order_total: 'properties.revenue',
      order_currency: 'properties.currency',
      customer_email: 'properties.email',
      customer_id: 'userId',
      customer_user: 'userId',
      customer_ip_address: 'context.ip',
      customer_ip: 'context.ip',
      customer_user_agent: 'context.userAgent',
      status: 'properties.status',
      order_status: 'properties.status',
      ...contact('billing_', {
        email: 'email',
        first_name: 'first_name',
        last_name: 'last_name',
        phone: 'phone',
        postcode: 'address.postal_code',
        city: 'address.city',
        state: 'address.state',
        country: 'address.country',
      }),
    }),
    groupBy: 'Order Number',
    isOrder: isNone('properties.status', ...WOOCOMMERCE_UNPAID),
  },
  bigcommerce: {
    title: 'orders exported from BigCommerce',
    signs: [['Order ID', 'Order Total (inc tax)', 'Customer Email']],
    columns: leadTo({
      'Order ID': ORDER,
      'Order Date': 'timestamp',
      'Order Total (inc tax)': 'properties.revenue',
      'Order Currency Code': 'properties.currency',
      'Customer Email': 'properties.email',
      'Customer ID': 'userId',
      'Customer Phone': 'properties.phone',
      'Order Status': 'properties.status',
      ...contact('Billing ', {
        Email: 'email',
        Phone: 'phone',
        'First Name': 'first_name',
        'Last Name': 'last_name',
        Zip: 'address.postal_code',
        Suburb: 'address.city',
        State: 'address.state',
        Country: 'address.country',
      }),
    }),
    isOrder: isNone('properties.status', 'Incomplete', 'Pending', 'Cancelled', 'Declined'),
  },
  magento: {
    title: 'orders exported from Magento (Adobe Commerce)',
    signs: [['Purchase Date', 'Grand Total (Purchased)', 'Customer Email']],
    columns: leadTo({
      ID: ORDER,
      'Purchase Date': 'timestamp',
      'Grand Total (Purchased)': 'properties.revenue',
      'Customer Email': 'properties.email',
      Status: 'properties.status',
    }),
    // As the database has it, and as the grid shows it.
    isOrder: isNone('properties.status', 'canceled', 'Canceled', 'pending_payment', 'Pending Payment'),
  },
  stripe: {
    title: 'payments exported from Stripe',
    signs: [
      ['id', 'Amount', 'Currency', 'Captured', 'Customer Email'],
      ['id', 'Amount', 'Amount Refunded', 'Currency'],
    ],
    columns: leadTo({
      id: ORDER,
      'Created date (UTC)': 'timestamp',
      'Created (UTC)': 'timestamp',
      Amount: 'properties.revenue',
      Currency: 'properties.currency',
      'Customer Email': 'properties.email',
      'Customer ID': 'userId',
      'Card Address Zip': 'properties.address.postal_code',
      Status: 'properties.status',
      Mode: 'properties.mode',
    }),
    isOrder: `${isNone('properties.status', ...STRIPE_UNPAID)} and properties.mode != "Test"`,
  },
  segment: { title: 'Segment events', signs: [], columns: new Map() },
  warehouse: {
    title: 'a Segment warehouse table',
    signs: [],
    columns: new Map(),
    timezone: 'UTC',
  },
};

/**
 * The FQL trigger by which a mapping of `preset: send` takes only what is an order: the default where `source.preset`
 * names such a system. Undefined where its export does not tell.
 */
export function orderTrigger(preset: SourcePresetName): string | undefined {
  const { isOrder } = SOURCE_PRESETS[preset];
  return isOrder === undefined ? undefined : `event = "Order Completed" and ${isOrder}`;
}

/** The places by which {@link orderTrigger} tells an order, but for the amount, which the mapping reads as well. */
export function tellingPlaces(preset: SourcePresetName): readonly string[] {
  const read = SOURCE_PRESETS[preset].isOrder?.match(/properties\.\w+/g) ?? [];
  return [...new Set(read)].filter((place) => place !== 'properties.revenue');
}
