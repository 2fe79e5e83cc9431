import { describe, expect, it } from 'vitest';
import { membershipIn } from '../../src/payload/membership.js';
import { useFolder } from '../helpers/folder.js';
import { batchesIn } from '../helpers/prepare.js';

const folder = useFolder();

const batchesOf = (file: string) => batchesIn(folder.path, file);
const { write } = folder;

/** A table with commas. No cell of these has one. */
const table = (...rows: readonly (readonly (string | number)[])[]): string =>
  `${rows.map((row) => row.join(',')).join('\n')}\n`;

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

  it('rows without a message id have ids of their own, and are not one that comes again', async () => {
    const columns = ['message_id', 'order_id', 'timestamp', 'email', 'revenue', 'context_ip'];
    const rows = [1, 2].map((n) => ['\\N', n, '2026-11-01T10:00:00Z', `a${n}@example.com`, 5, '\\N']);
    write('o.csv', table(columns, ...rows));
    const ids = (await batchesOf('o.csv')).map(({ events }) => events?.[0]?.data.source_message_id);
    expect(new Set(ids).size).toBe(2);
    expect(ids).not.toContain('\\N');
  });

  it('rows without a value to group by are no group', async () => {
    write('rokt-capi.config.yaml', 'version: 1\nsource: { groupBy: order_id }\n');
    write('o.csv', table(header, row(1, 'NULL').with(0, 'NULL'), row(2, 'NULL').with(0, 'NULL')));
    expect(await batchesOf('o.csv')).toHaveLength(2);
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

it.each([
  ['1.2345678E7', '12345678'],
  ['5.812345678901E12', '5812345678901'],
  ['1.2E7', '12000000'],
  ['1.0E7', '10000000'],
  ['1.23456789E7', '1.23456789E7'],
  ['1.2345678E7x', '1.2345678E7x'],
])('a customer id and a phone that Java or Spark has written as %s are %s', async (written, whole) => {
  const header = ['order_id', 'created_at', 'email', 'phone', 'total', 'customer_id'];
  write('o.csv', table(header, ['1', '2026-11-01T10:00:00Z', 'a@example.com', written, '10', written]));
  const [batch] = await batchesOf('o.csv');
  expect(batch).toMatchObject({ user_identities: { customerid: whole }, user_attributes: { mobile: whole } });
});

it('ids that are kept as text for Excel by a formula are what the formula gives', async () => {
  const header = ['order_id', 'created_at', 'email', 'phone', 'zip', 'total', 'customer_id'];
  const text = (value: string) => `"=""${value}"""`;
  write(
    'o.csv',
    table(header, [
      ...[text('007'), '2026-11-01T10:00:00Z', 'a@example.com', text('0049171'), text('01067'), '10'],
      text('0042'),
    ]),
  );
  const [batch] = await batchesOf('o.csv');
  expect(batch).toMatchObject({
    user_identities: { customerid: '0042' },
    user_attributes: { mobile: '0049171', billingzipcode: '01067' },
  });
  expect(batch?.events?.[0]?.data.custom_attributes).toMatchObject({ confirmationref: '007' });
});

it('the id that an event has is not another one for being a formula: it was known as that before', async () => {
  write('o.csv', 'message_id,timestamp,email\n"=""007""",2026-11-01T10:00:00Z,a@example.com\n');
  expect((await batchesOf('o.csv'))[0]?.events?.[0]?.data.source_message_id).toBe('="007"');
});

describe('numbers that a spreadsheet has rounded', () => {
  const header = ['Order ID', 'Order Date', 'Email', 'Phone', 'Total', 'Customer ID'];
  const row = (n: number, rounded: string) => [
    ...[rounded, '2026-11-01T10:00:00Z', `a${n}@example.com`, rounded, '1.5E+02', rounded],
  ];

  it.each(['5.81235E+12', '1E+10', '"5,81235E+12"', '5.81235e+12'])(
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

it.each([
  ['t', 'f'],
  ['1', '0'],
  ['TRUE', 'False'],
])('a membership that a database writes as %s or %s is one', async (yes, no) => {
  const header = ['user_id', 'audience_name', 'audience_membership', 'timestamp'];
  const row = (n: number, is: string) => [`u${n}`, 'vip', is, '2026-11-01T10:00:00Z'];
  write('changes.csv', table(header, row(1, yes), row(2, no)));
  const memberships = (await batchesOf('changes.csv')).map(membershipIn);
  expect(memberships).toEqual([
    { name: 'vip', member: true },
    { name: 'vip', member: false },
  ]);
});
