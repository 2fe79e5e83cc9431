import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Batch } from '../../src/payload/wire.js';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();

const go = (...args: readonly string[]) => run(args, { cwd: folder.path });
const { write } = folder;

/** A table with commas. No cell of these has one. */
const table = (...rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.join(',')).join('\n')}\n`;

async function batchesOf(file: string): Promise<Batch[]> {
  const ended = await go('send', file, '--dry-run', '--out', 'out.ndjson', '--json');
  expect(ended.code, ended.stderr).toBe(0);
  const text = readFileSync(join(folder.path, 'out.ndjson'), 'utf8').trim();
  return text === '' ? [] : text.split('\n').map((line): Batch => JSON.parse(line));
}

describe('a database writes what is nothing as a word', () => {
  const header = [
    'order_id',
    'created_at',
    'email',
    'last_name',
    'phone',
    'zip',
    'total',
    'customer_id',
    'rtid',
  ];
  const row = (n: number, none: string, lastName = none) =>
    [n, '2026-11-01 10:00:00Z', `a${n}@example.com`, lastName, none, none, '9.50', none, none] as const;

  it.each(['NULL', 'null', '\\N'])(
    '%s is no customer id that all guests share, and no phone',
    async (none) => {
      write('o.csv', table(header, row(1, none), row(2, none)));
      const batches = await batchesOf('o.csv');
      expect(batches.map(({ user_identities }) => user_identities)).toEqual([
        { email: 'a1@example.com' },
        { email: 'a2@example.com' },
      ]);
      expect(batches.map(({ user_attributes }) => user_attributes)).toEqual([{}, {}]);
    },
  );

  it('leaves the name of a person alone who is called Null', async () => {
    write('o.csv', table(header, row(1, 'NULL', 'Null')));
    expect((await batchesOf('o.csv'))[0]?.user_attributes).toEqual({ lastname: 'Null' });
  });

  it('rows without a message id are orders of their own, not one that comes again', async () => {
    const columns = ['message_id', 'order_id', 'timestamp', 'email', 'revenue', 'context_ip'];
    const rows = [1, 2].map((n) => ['\\N', n, '2026-11-01T10:00:00Z', `a${n}@example.com`, 5, '\\N']);
    write('o.csv', table(columns, ...rows));
    expect(await batchesOf('o.csv')).toHaveLength(2);
  });

  it('rows without a value to group by are no group', async () => {
    write('rokt-capi.config.yaml', 'version: 1\nsource: { groupBy: order_id }\n');
    write('o.csv', table(header, row(1, 'NULL').with(0, 'NULL'), row(2, 'NULL').with(0, 'NULL')));
    expect(await batchesOf('o.csv')).toHaveLength(2);
  });
});

describe('what is no order is skipped with the config that init writes, or that just names the system, and what was refunded is one', () => {
  const time = '2026-11-01 10:00:00';
  const woo = ['order_id', 'order_date', 'status', 'order_total', 'billing_email', 'billing_first_name'];
  const shopify =
    'Name,Email,Financial Status,Paid at,Total,Created at,Lineitem quantity,Lineitem name,Cancelled at';
  it.each([
    [
      'shopify',
      shopify.split(','),
      (status: string, n: number) => [
        ...[`#${n}`, `a${n}@example.com`, status.replace('cancelled', 'paid'), time, 5, time, 1, 'Mug'],
        status === 'cancelled' ? time : '',
      ],
      ['paid', 'partially_paid', 'authorized', 'pending', 'partially_refunded', 'refunded'],
      ['voided', 'expired', 'cancelled'],
    ],
    [
      'woocommerce',
      woo,
      (status: string, n: number) => [n, time, status, 5, `a${n}@example.com`, 'Ann'],
      ['completed', 'processing', 'on-hold', 'refunded', 'wc-completed'],
      ['pending', 'failed', 'cancelled', 'checkout-draft', 'wc-failed'],
    ],
    [
      'woocommerce',
      woo.map((name) => name.replace('status', 'order_status')),
      (status: string, n: number) => [n, time, status, 5, `a${n}@example.com`, 'Ann'],
      ['completed'],
      ['failed', 'cancelled'],
    ],
    [
      'bigcommerce',
      ['Order ID', 'Order Date', 'Order Status', 'Order Total (inc tax)', 'Customer Email'],
      (status: string, n: number) => [n, time, status, 5, `a${n}@example.com`],
      ['Completed', 'Shipped', 'Awaiting Fulfillment', 'Awaiting Payment', 'Refunded'],
      ['Incomplete', 'Pending', 'Cancelled', 'Declined'],
    ],
    [
      'magento',
      ['ID', 'Purchase Date', 'Grand Total (Purchased)', 'Status', 'Customer Email'],
      (status: string, n: number) => [n, time, 5, status, `a${n}@example.com`],
      ['complete', 'processing', 'pending', 'closed', 'Complete'],
      ['canceled', 'pending_payment', 'Canceled', 'Pending Payment'],
    ],
    [
      'stripe',
      [
        'id',
        'Created date (UTC)',
        'Amount',
        'Amount Refunded',
        'Currency',
        'Captured',
        'Mode',
        'Status',
        'Customer Email',
      ],
      (status: string, n: number) => [
        ...[`ch_${n}`, time, 5, 0, 'usd', 'true', status === 'test' ? 'Test' : 'Live'],
        ...[status.replace('test', 'Paid'), `a${n}@example.com`],
      ],
      ['Paid', 'Refunded'],
      ['Failed', 'Canceled', 'requires_payment_method', 'Incomplete', 'test'],
    ],
  ])('%s', async (preset, header, row, orders, others) => {
    write('export.csv', table(header, ...[...others, ...orders].map(row)));
    const made = await go('init', 'export.csv');
    expect(made.stdout).toContain('is skipped: see the trigger in the config.');
    expect(readFileSync(join(folder.path, 'rokt-capi.config.yaml'), 'utf8')).toContain(`preset: ${preset}\n`);
    write('named.yaml', `version: 1\nsource: { preset: ${preset} }\nmappings: [{ name: Send }]\n`);
    for (const config of ['rokt-capi.config.yaml', 'named.yaml']) {
      const ended = await go('validate', 'export.csv', '--json', '--config', config);
      expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: orders.length, skipped: others.length });
    }
  });

  it('and a trigger of the mapping is taken as it stands', async () => {
    const header = ['Order ID', 'Order Date', 'Order Status', 'Order Total (inc tax)', 'Customer Email'];
    write('export.csv', table(header, [1, time, 'Cancelled', 5, 'a@example.com']));
    const mapping = `{ name: Send, trigger: 'event = "Order Completed"' }`;
    write('rokt-capi.config.yaml', `version: 1\nsource: { preset: bigcommerce }\nmappings: [${mapping}]\n`);
    const ended = await go('validate', 'export.csv', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 1, skipped: 0 });
  });
});

describe('a table of no known system with a row for each item of an order', () => {
  const header = ['Order Number', 'Order Date', 'Email', 'Total', 'Item'];
  const row = (order: number, item: string, total: number | '') =>
    [order, '2026-11-01T10:00:00Z', `a${order}@example.com`, total, item] as const;

  it.each([
    ['is repeated', [row(1, 'Mug', 30), row(1, 'Cup', 30), row(2, 'Mug', 5)]],
    ['stands in the first row alone', [row(1, 'Mug', 30), row(1, 'Cup', ''), row(2, 'Mug', 5)]],
    ['stands in the last row alone', [row(1, 'Mug', ''), row(1, 'Cup', 30), row(2, 'Mug', 5)]],
  ])('is sent once an order, with the config that init writes, where the total %s', async (_, rows) => {
    write('o.csv', table(header, ...rows));
    const made = await go('init', 'o.csv');
    expect(made.stdout).toContain('with the same Order Number are one order: see source.groupBy.');
    const conversions = (await batchesOf('o.csv')).flatMap(({ events = [] }) => events);
    expect(conversions.map(({ data }) => data.custom_attributes.amount)).toEqual([30, 5]);
  });

  it('is reported, and not grouped, where each row has an amount of its own', async () => {
    write('o.csv', table(header, row(1, 'Mug', 10), row(1, 'Cup', 20), row(2, 'Mug', 5)));
    expect((await go('init', 'o.csv')).stdout).toContain(
      '! Rows with the same Order Number have different amounts',
    );
    expect((await batchesOf('o.csv')).flatMap(({ events = [] }) => events)).toHaveLength(3);
  });

  it('is not spoken of where each order has one row', async () => {
    write('o.csv', table(header, row(1, 'Mug', 10), row(2, 'Cup', 20), row(1, 'Mug', 5)));
    const made = await go('init', 'o.csv');
    expect(made).toMatchObject({ code: 0, stdout: expect.not.stringContaining('with the same') });
  });
});

describe('an export of the plugin Advanced Order Export For WooCommerce', () => {
  it('is one conversion an order, with its total, its time and the buyer', async () => {
    const header =
      'Order Number,Order Status,Order Date,First Name (Billing),Last Name (Billing),Postcode (Billing),Email (Billing),Phone (Billing),Order Subtotal Amount,Order Refund Amount,Order Total Amount,Item #,Item Name,Item Cost';
    const row = (order: number, status: string, item: number) => [
      ...[
        order,
        status,
        '2026-11-01 14:05',
        'Ann',
        'Lee',
        '02116',
        `a${order}@example.com`,
        '+1 617 555 0100',
      ],
      ...[50, 0, 58.5, item, 'Tea', 25],
    ];
    write(
      'o.csv',
      table(
        header.split(','),
        row(1, 'Completed', 1),
        row(1, 'Completed', 2),
        row(2, 'Pending payment', 1),
        row(3, 'Refunded', 1),
      ),
    );
    expect((await go('init', 'o.csv')).stdout).toContain('orders exported from WooCommerce');
    const batches = await batchesOf('o.csv');
    expect(batches.map(({ events }) => events?.[0]?.data.custom_attributes)).toEqual(
      ['1', '3'].map((id) => ({ conversiontype: 'Order Completed', confirmationref: id, amount: 58.5 })),
    );
    expect(batches[0]?.user_identities).toEqual({ email: 'a1@example.com' });
    expect(batches[0]?.user_attributes).toEqual({
      ...{ firstname: 'Ann', lastname: 'Lee', mobile: '+1 617 555 0100', billingzipcode: '02116' },
    });
    expect(batches[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(Date.UTC(2026, 10, 1, 14, 5));
  });
});

describe('an export of payments from Stripe', () => {
  it('is known by few columns, and its times are UTC whatever zone the config says', async () => {
    const header = [
      'id',
      'Created date (UTC)',
      'Amount',
      'Amount Refunded',
      'Currency',
      'Fee',
      'Status',
      'Customer Email',
    ];
    write(
      'o.csv',
      table(header, ['ch_1', '2026-11-01 20:38', '49.00', '0.00', 'usd', 1, 'Paid', 'a@example.com']),
    );
    expect((await go('init', 'o.csv')).stdout).toContain('payments exported from Stripe');
    const path = join(folder.path, 'rokt-capi.config.yaml');
    const config = readFileSync(path, 'utf8');
    expect(config).not.toContain('timezone');
    writeFileSync(path, config.replace('source:', 'source:\n  timezone: America/New_York'));
    const ended = await go('validate', 'o.csv', '--strict', '--out', 'out.ndjson');
    expect(ended.code, ended.stderr).toBe(0);
    expect((await batchesOf('o.csv'))[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(
      Date.UTC(2026, 10, 1, 20, 38),
    );
  });
});

it.each([
  '2026-11-01 20:38',
  '20261101T2038',
  '2026/11/1 20:38',
  '11/1/2026 8:38 PM',
  'Nov 1, 2026, 8:38 PM',
])('%s in a column that says (UTC) is UTC, also where a spreadsheet has written it anew', async (time) => {
  const source =
    'source: { timezone: America/New_York, dateOrder: mdy, columns: { "Paid (UTC)": timestamp } }';
  write('rokt-capi.config.yaml', `version: 1\n${source}\n`);
  write('o.csv', `order_id,email,total,Paid (UTC)\n1,a@example.com,5,"${time}"\n`);
  expect((await batchesOf('o.csv'))[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(
    Date.UTC(2026, 10, 1, 20, 38),
  );
});

it.each([
  '2026-11-01',
  '2026/11/1',
  '11/1/2026',
  'Nov 1, 2026',
  '1-Nov-2026',
  'Sun, 01 Nov 2026',
  'Sunday, November 1, 2026',
  ' 1793491200 ',
  ' 20261101 ',
  '2026-11-01 UTC',
])('a day alone, %s, in a column that says (UTC) is one of UTC', async (day) => {
  const source =
    'source: { timezone: America/New_York, dateOrder: mdy, columns: { "Paid (UTC)": timestamp } }';
  write('rokt-capi.config.yaml', `version: 1\n${source}\n`);
  write('o.csv', `order_id,email,total,Paid (UTC)\n1,a@example.com,5,"${day}"\n`);
  expect((await batchesOf('o.csv'))[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(Date.UTC(2026, 10, 1));
});

it('a customer id, a phone and a zip code are whole where pandas writes them as 4.0, and an order id stays as it is', async () => {
  const header = ['order_id', 'created_at', 'email', 'phone', 'zip', 'total', 'customer_id'];
  const row = (order: string, customer: string) => [
    ...[order, '2026-11-01 10:00:00Z', `a${order}@example.com`, '16175550100.0', '10115.0', '10.0', customer],
  ];
  write('o.csv', table(header, row('1001.0', '4.0'), row('1001.1', '0.0')));
  const batches = await batchesOf('o.csv');
  expect(batches.map(({ user_identities: { customerid } }) => customerid)).toEqual(['4', undefined]);
  expect(batches[0]?.user_attributes).toEqual({ mobile: '16175550100', billingzipcode: '10115' });
  expect(batches[0]?.events?.[0]?.data.custom_attributes).toMatchObject({
    confirmationref: '1001.0',
    amount: 10,
  });
});

describe('numbers that a spreadsheet has rounded', () => {
  const header = ['Order ID', 'Order Date', 'Email', 'Phone', 'Total', 'Customer ID'];
  const row = (n: number, rounded: string) => [
    ...[rounded, '2026-11-01T10:00:00Z', `a${n}@example.com`, rounded, '1.5E+02', rounded],
  ];

  it.each(['5.81235E+12', '1E+10', '"5,81235E+12"'])(
    '%s identifies nobody, and is left out',
    async (rounded) => {
      write('o.csv', table(header, row(1, rounded), row(2, rounded)));
      const batches = await batchesOf('o.csv');
      expect(batches.map(({ user_identities }) => user_identities)).toEqual([
        { email: 'a1@example.com' },
        { email: 'a2@example.com' },
      ]);
      expect(batches[0]?.user_attributes).toEqual({});
      expect(batches[0]?.events?.[0]?.data.custom_attributes).toEqual({
        conversiontype: 'Order Completed',
        amount: 150,
      });
    },
  );

  it('make no message id: the second order was no duplicate of the first', async () => {
    write(
      'rokt-capi.config.yaml',
      'version: 1\nsource: { columns: { Order ID: [messageId, properties.order_id] } }\n',
    );
    write('o.csv', table(header, row(1, '5.81235E+12'), row(2, '5.81235E+12')));
    const ended = await go('validate', 'o.csv', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 0, duplicate: 0, rejected: 2 });
  });
});

describe('an export of all profiles that has the audience as a trait', () => {
  const sync = async (file: string, ...args: readonly string[]) => {
    const ended = await go('sync-audience', file, '--dry-run', '--json', ...args);
    expect(ended.code, ended.stderr).toBe(0);
    const { read, accepted, skipped } = JSON.parse(ended.stdout);
    return { read, accepted, skipped };
  };

  it.each(['false', 'FALSE', 'F', '0', 'No', '', 'NULL'])(
    'a table: who has %j there is no member',
    async (no) => {
      const yes = { F: 'T', 0: '1', No: 'Yes' }[no] ?? 'true';
      const header = ['canonical_segment_id', 'user_id', 'email', 'premium_users', 'received_at'];
      const row = (n: number, is: string) => [
        `c${n}`,
        `u${n}`,
        `a${n}@example.com`,
        is,
        '2026-11-01 10:00:00',
      ];
      write('user_traits.csv', table(header, row(1, yes), row(2, no), row(3, no), row(4, yes)));
      const result = await sync('user_traits.csv', '--audience', 'Premium Users');
      expect(result).toEqual({ read: 4, accepted: 2, skipped: 2 });
      write('premium_users.csv', table(header, row(1, yes), row(2, no)));
      const changed = await sync(
        'user_traits.csv',
        '--audience',
        'premium_users',
        '--previous',
        'premium_users.csv',
      );
      expect(changed, 'who joined, with who was there').toMatchObject({ read: 4, skipped: 2 });
    },
  );

  it('JSON: a list of members says nothing of it, or true', async () => {
    const profile = (n: number, traits: object) => ({
      user_id: `u${n}`,
      traits: { email: `a${n}@example.com`, ...traits },
    });
    const profiles = [{}, { vip: true }, { vip: false }, { vip: null }].map((traits, n) =>
      profile(n, traits),
    );
    write('vip.json', JSON.stringify(profiles));
    expect(await sync('vip.json')).toEqual({ read: 4, accepted: 2, skipped: 2 });
  });

  it('a column of other content says nothing of it', async () => {
    write(
      'vip.csv',
      table(
        ['user_id', 'email', 'vip'],
        ['u1', 'a@example.com', '2026-11-01'],
        ['u2', 'b@example.com', 'gold'],
      ),
    );
    expect(await sync('vip.csv')).toEqual({ read: 2, accepted: 2, skipped: 0 });
    write('phone.csv', table(['user_id', 'phone'], ['u1', ''], ['u2', '0']));
    expect(await sync('phone.csv')).toEqual({ read: 2, accepted: 2, skipped: 0 });
  });
});

it.each([
  ['t', 'f'],
  ['1', '0'],
  ['TRUE', 'False'],
])('changes of an audience in a table of a database, where a boolean is %s or %s', async (yes, no) => {
  const header = ['user_id', 'audience_name', 'audience_membership', 'timestamp'];
  const row = (n: number, is: string) => [`u${n}`, 'vip', is, '2026-11-01T10:00:00Z'];
  write('changes.csv', table(header, row(1, yes), row(2, no)));
  const ended = await go('sync-audience', 'changes.csv', '--dry-run', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({
    accepted: 2,
    skipped: 0,
    audiences: [{ joined: 1, left: 1 }],
  });
});

it('orders of Salesforce, as its Data Loader names the columns, are read', async () => {
  const header = ['ID', 'ORDERNUMBER', 'CREATEDDATE', 'TOTALAMOUNT', 'EMAIL'];
  write('o.csv', table(header, ['801A', '00000100', '2026-11-01T10:00:00.000Z', '99.5', 'a@example.com']));
  const [batch] = await batchesOf('o.csv');
  expect(batch?.events?.[0]?.data).toMatchObject({
    timestamp_unixtime_ms: Date.UTC(2026, 10, 1, 10),
    custom_attributes: { confirmationref: '00000100', amount: 99.5 },
  });
});

it.each([
  ['properties.test != true', 'true'],
  ['properties.test != "TRUE"', 'TRUE'],
  ['properties.test = false', 'True'],
])('a trigger %s leaves out rows that have %s there', async (condition, yes) => {
  write('rokt-capi.config.yaml', `version: 1\nmappings: [{ name: Send, trigger: '${condition}' }]\n`);
  const row = (n: number, test: string) => [n, '2026-11-01T10:00:00Z', `a${n}@example.com`, test];
  const no = yes === 'TRUE' ? 'FALSE' : 'false';
  write('o.csv', table(['order_id', 'created_at', 'email', 'test'], row(1, yes), row(2, no)));
  const batches = await batchesOf('o.csv');
  expect(batches.map(({ user_identities }) => user_identities.email)).toEqual(['a2@example.com']);
});

describe("a computed trait of Engage in a table, whose value is 0 or 1, is nobody's membership", () => {
  const header = [
    'message_id',
    'type',
    'user_id',
    'timestamp',
    'context_personas_computation_key',
    'context_personas_computation_class',
    'traits.orders',
  ];
  const row = (n: number, kind: string, value: string) =>
    [`m${n}`, 'identify', `u${n}`, '2026-11-01T10:00:00Z', 'orders', kind, value] as const;

  it.each(['1', '0', 't', 'F'])('%s', async (value) => {
    write('traits.csv', table(header, row(1, 'computed_trait', value), row(2, 'trait', value)));
    const batches = await batchesOf('traits.csv');
    expect(batches.map(({ user_attributes, events }) => [user_attributes, events])).toEqual([
      [{}, undefined],
      [{}, undefined],
    ]);
    const ended = await go('sync-audience', 'traits.csv', '--dry-run', '--json');
    expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 0, skipped: 2, audiences: [] });
  });

  it.each(['audience', 'journey_step'])('that of an %s is one', async (kind) => {
    write('traits.csv', table(header, row(1, kind, '1'), row(2, kind, 'f')));
    const batches = await batchesOf('traits.csv');
    expect(batches.map(({ user_attributes }) => user_attributes)).toEqual([
      { segment_orders: true },
      { segment_orders: false },
    ]);
  });
});
