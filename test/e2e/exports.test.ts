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

it('of a Shopify export that is sorted by item, each order is sent with the row that has its total, and none that was called off', async () => {
  const header =
    'Name,Email,Financial Status,Paid at,Total,Created at,Lineitem quantity,Lineitem name,Cancelled at';
  const time = '2026-11-01T10:00:00Z';
  const first = (order: string, item: string, status: string, cancelled = '') =>
    [order, 'a@example.com', status, time, 30, time, 1, item, cancelled] as const;
  const other = (order: string, item: string) =>
    [order, 'a@example.com', '', '', '', time, 1, item, ''] as const;
  write(
    'export.csv',
    table(
      header.split(','),
      ...[other('#2', 'Cap'), other('#3', 'Cap'), other('#1', 'Cup'), first('#3', 'Hat', 'voided')],
      ...[first('#1', 'Mug', 'paid'), first('#2', 'Pen', 'paid', time)],
    ),
  );
  await go('init', 'export.csv');
  const conversions = (await batchesOf('export.csv')).flatMap(({ events = [] }) => events);
  expect(conversions.map(({ data }) => data.custom_attributes)).toMatchObject([
    { confirmationref: '#1', amount: 30 },
  ]);
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

  it('is known by the order id, with the config that init writes: one that comes again with other rows, or apart, is not sent again', async () => {
    write('o.csv', table(header, row(1, 'Mug', 30), row(1, 'Cup', 30), row(2, 'Mug', 5)));
    await go('init', 'o.csv');
    expect((await go('send', 'o.csv', '--sandbox', '--state', 's')).code).toBe(0);
    write('o.csv', table(header, row(1, 'Cap', 30), row(2, 'Mug', 5), row(1, 'Mug', 30), row(3, 'Mug', 7)));
    const again = await go('send', 'o.csv', '--sandbox', '--state', 's', '--json');
    expect(JSON.parse(again.stdout)).toMatchObject({ read: 4, accepted: 1, duplicate: 3 });
  });

  it('is warned of, where a config written by hand groups it and no column gives an order its id: parts of it are sent as two', async () => {
    write('o.csv', table(header, row(1, 'Mug', 30), row(2, 'Mug', 5), row(1, 'Cup', 30)));
    const codes = async (columns: string): Promise<string[]> => {
      write('rokt-capi.config.yaml', `version: 1\nsource: { groupBy: order number${columns} }\n`);
      const { warnings }: { warnings: { code: string }[] } = JSON.parse(
        (await go('validate', 'o.csv', '--json')).stdout,
      );
      return warnings.map(({ code }) => code);
    };
    expect(await codes('')).toContain('GROUP_WITHOUT_ID');
    expect(await batchesOf('o.csv')).toHaveLength(3);
    const withId = ', columns: { Order Number: [properties.order_id, messageId] }';
    expect(await codes(withId)).not.toContain('GROUP_WITHOUT_ID');
    expect(await batchesOf('o.csv')).toHaveLength(2);
  });

  it('is grouped also where Excel has put an apostrophe before the order id', async () => {
    write('o.csv', table(header, row(1, 'Mug', 30), row(1, 'Cup', 30)).replaceAll('\n1', "\n'0001"));
    expect((await go('init', 'o.csv')).stdout).toContain('are one order: see source.groupBy.');
    const conversions = (await batchesOf('o.csv')).flatMap(({ events = [] }) => events);
    expect(conversions.map(({ data }) => data.custom_attributes)).toMatchObject([
      { confirmationref: '0001', amount: 30 },
    ]);
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
    // With --strict an old event is an error.
    const day = new Date(Date.now() - 2 * 86_400_000).toISOString().slice(0, 10);
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
      table(header, ['ch_1', `${day} 20:38`, '49.00', '0.00', 'usd', 1, 'Paid', 'a@example.com']),
    );
    expect((await go('init', 'o.csv')).stdout).toContain('payments exported from Stripe');
    const path = join(folder.path, 'rokt-capi.config.yaml');
    const config = readFileSync(path, 'utf8');
    expect(config).not.toContain('timezone');
    writeFileSync(path, config.replace('source:', 'source:\n  timezone: America/New_York'));
    const ended = await go('validate', 'o.csv', '--strict', '--out', 'out.ndjson');
    expect(ended.code, ended.stderr).toBe(0);
    expect((await batchesOf('o.csv'))[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(
      Date.parse(`${day}T20:38Z`),
    );
  });
});

describe('numbers that a spreadsheet has rounded', () => {
  const header = ['Order ID', 'Order Date', 'Email', 'Phone', 'Total', 'Customer ID'];
  const row = (n: number, rounded: string) => [
    ...[rounded, '2026-11-01T10:00:00Z', `a${n}@example.com`, rounded, '1.5E+02', rounded],
  ];

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

it('an export of all profiles that has the audience as a trait: who has false there is no member, nor was one', async () => {
  const sync = async (file: string, ...args: readonly string[]) => {
    const ended = await go('sync-audience', file, '--dry-run', '--json', ...args);
    expect(ended.code, ended.stderr).toBe(0);
    return JSON.parse(ended.stdout);
  };
  const header = ['canonical_segment_id', 'user_id', 'email', 'premium_users', 'received_at'];
  const row = (n: number, is: boolean) =>
    [`c${n}`, `u${n}`, `a${n}@example.com`, String(is), '2026-11-01 10:00:00'] as const;
  write('user_traits.csv', table(header, row(1, true), row(2, false), row(3, false), row(4, true)));
  const all = await sync('user_traits.csv', '--audience', 'Premium Users');
  expect(all).toMatchObject({ read: 4, accepted: 2, skipped: 2 });
  write('before.csv', table(header, row(1, true), row(2, false)));
  const changed = await sync('user_traits.csv', '--audience', 'premium_users', '--previous', 'before.csv');
  expect(changed.audiences, 'who joined, with who was there').toMatchObject([
    { joined: 1, left: 0, unchanged: 1 },
  ]);
});

it("a computed trait of Engage in a table is nobody's membership", async () => {
  const personas = 'context_personas_computation_key,context_personas_computation_class';
  const row = 'm1,identify,u1,2026-11-01T10:00:00Z,orders,computed_trait,1';
  write('traits.csv', `message_id,type,user_id,timestamp,${personas},traits.orders\n${row}\n`);
  const ended = await go('sync-audience', 'traits.csv', '--dry-run', '--json');
  expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 0, skipped: 1, audiences: [] });
});

describe('tables that were joined, the second with its columns in another order or with another one', () => {
  const time = '2026-11-01T10:00:00Z';
  const first = ['order_id', 'email', 'total', 'tax', 'timestamp'];
  const second = ['order_id', 'email', 'tax', 'total', 'timestamp'];
  const rows = (from: number, to: number) =>
    Array.from({ length: to - from }, (_, n) => [from + n, `a${from + n}@example.com`, 50, 8, time]);

  it('stop a run there: no total is sent that is a tax', async () => {
    write('orders.csv', table(first, ...rows(0, 3_000), second, ...rows(3_000, 6_000)));
    write('grouped.json', '{"version":1,"source":{"groupBy":"order_id"}}');
    for (const more of [[], ['--config', 'grouped.json', '--max-rejects', '5']]) {
      const ended = await go('send', 'orders.csv', '--sandbox', '--rate', '100000', '--json', ...more);
      expect(ended.code, ended.stderr).toBe(5);
      const { read, accepted, errors } = JSON.parse(ended.stdout);
      expect(errors).toMatchObject([{ code: 'CSV_HEADER_CHANGED', file: 'orders.csv', line: 3_002 }]);
      expect(accepted).toBe(read);
      expect(read).toBeLessThanOrEqual(3_000);
    }
  });

  it('also where a column has given way to another', async () => {
    const third = first.map((name) => (name === 'total' ? 'net' : name));
    write('orders.csv', table(first, ...rows(0, 2), third, ...rows(2, 4)));
    const ended = await go('send', 'orders.csv', '--dry-run', '--json');
    expect(ended.code).toBe(2);
    expect(JSON.parse(ended.stdout).errors).toMatchObject([{ code: 'CSV_HEADER_CHANGED', line: 4 }]);
  });

  it('are no snapshot', async () => {
    write('vip.csv', table(first, ...rows(0, 2), second, ...rows(2, 4)));
    const ended = await go('sync-audience', 'vip.csv', '--dry-run');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('vip.csv:4: CSV_HEADER_CHANGED');
  });

  it('are read by their own headers where they are named one after the other', async () => {
    write('a.csv', table(first, ...rows(0, 2)));
    write('b.csv', table(second, [3, 'a3@example.com', 8, 50, time]));
    const ended = await go('send', 'a.csv', 'b.csv', '--dry-run', '--json');
    expect(JSON.parse(ended.stdout).quality.amounts).toMatchObject([{ total: 150 }]);
  });
});
