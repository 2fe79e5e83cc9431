import { spawnSync } from 'node:child_process';
import { copyFileSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import type { Batch } from '../../src/payload/wire.js';
import { cellsOf } from '../../src/report/cells.js';
import { useFolder } from '../helpers/folder.js';
import { BIN, FIXTURES, run } from '../helpers/program.js';
import { HAS_TERMINAL, inShell, KEYS, onTerminal } from '../helpers/terminal.js';

const folder = useFolder();

const CONFIG = 'rokt-capi.config.yaml';
const go = (args: readonly string[], input?: string) =>
  run(args, { cwd: folder.path, ...(input === undefined ? {} : { input }) });
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
const { write } = folder;
const SHOPIFY = 'orders_export.csv';
const copyShopify = (): void => copyFileSync(`${FIXTURES}shopify-orders.csv`, join(folder.path, SHOPIFY));

async function batchesOf(file: string, ...args: string[]): Promise<Batch[]> {
  const ended = await go(['send', file, '--dry-run', '--out', 'out.ndjson', '--quiet', ...args]);
  expect(ended.stderr).toBe('');
  return read('out.ndjson')
    .trim()
    .split('\n')
    .map((line): Batch => JSON.parse(line));
}

const conversionsOf = (batches: readonly Batch[]) =>
  batches.flatMap(({ events = [] }) => events.map(({ data }) => data.custom_attributes));

describe.runIf(HAS_TERMINAL)('on a terminal', () => {
  it('asks what the file cannot tell', async () => {
    write('orders.csv', 'Order Number,Email,Date\n1,a@example.com,2026-11-02 10:00\n');
    await onTerminal(['init', 'orders.csv'], folder.path, {
      'Which host': 'eu1\n',
      'Hash e-mail': 'yes\n',
      // As a person calls it who lives there; ICU lists Asia/Calcutta alone.
      'In which time zone': 'Asia/Kolkata\n',
    });
    const config = parse(read(CONFIG));
    expect(config).toMatchObject({ api: { pod: 'eu1' }, hashing: { email: true } });
    expect(config.source.timezone).toBe('Asia/Kolkata');
  });

  it('does not ask for the time zone of a warehouse table: it is UTC', async () => {
    copyFileSync(`${FIXTURES}warehouse.csv`, join(folder.path, 'warehouse.csv'));
    const { code, seen } = await onTerminal(['init', 'warehouse.csv'], folder.path, {
      'Which host': '\n',
      'Hash e-mail': '\n',
      'In which time zone': 'Asia/Kolkata\n',
    });
    expect({ code, asked: seen.includes('In which time zone') }).toEqual({ code: 0, asked: false });
    expect(read(CONFIG)).not.toContain('Kolkata');
  });

  it.each([
    ['Ctrl-C', '\u0003'],
    ['Ctrl-D', '\u0004'],
  ])('ends at a question with %s, says so, and writes nothing', async (_, key) => {
    copyShopify();
    const { code, seen } = await onTerminal(['init', SHOPIFY], folder.path, {
      'Hash e-mail': key,
      'Which host': '\n',
    });
    expect({ code, said: seen.trimEnd().split(/\r?\n/).at(-1) }).toEqual({
      code: 130,
      said: 'Cancelled; nothing was written.',
    });
    expect(existsSync(join(folder.path, CONFIG))).toBe(false);
  });

  it('goes on with its question after Ctrl-Z and fg: it ended with 13, and what was typed next went to the shell', async () => {
    write('orders.csv', 'Order Number,Email,Date\n1,a@example.com,2026-11-02T10:00:00Z\n');
    const { seen } = await inShell(['init', 'orders.csv'], folder.path, {
      'Which host': 'eu1\n',
      'Hash e-mail': KEYS.z,
      Stopped: 'fg\n',
      // The question as it is drawn again.
      'fg\r': 'yes\n',
      Wrote: 'exit\n',
    });
    expect(seen).toContain('looks like');
    expect(parse(read(CONFIG))).toMatchObject({ api: { pod: 'eu1' }, hashing: { email: true } });
  });

  it('takes several pasted lines as the answers to as many questions: only the first one counted', async () => {
    write('orders.csv', 'Order Number,Email,Date\n1,a@example.com,1/2/2026 10:00\n');
    await onTerminal(['init', 'orders.csv'], folder.path, { 'Which host': 'eu1\nyes\nday\nAsia/Kolkata\n' });
    expect(parse(read(CONFIG))).toMatchObject({
      api: { pod: 'eu1' },
      hashing: { email: true },
      source: { dateOrder: 'dmy', timezone: 'Asia/Kolkata' },
    });
  });

  it('says why it asks again, and takes YES or y for yes', async () => {
    write('orders.csv', 'Order Number,Email,Date\n1,a@example.com,2026-11-02 10:00\n');
    const { code, seen } = await onTerminal(['init', 'orders.csv'], folder.path, {
      'Which host': 'us9\nus\nUS1\n',
      'Hash e-mail': 'perhaps\ny\n',
      'In which time zone': 'Berlin\nEurope/Berlin\n',
    });
    const said = seen.split(/\r?\n/);
    expect(
      said.filter((line) => line === 'Please answer with one of: us1, us2, eu1, au1, inbound.'),
    ).toHaveLength(2);
    expect(said).toContain('Please answer with one of: yes, no.');
    expect(said).toContain('No such time zone is known.');
    expect(code).toBe(0);
    expect(parse(read(CONFIG))).toMatchObject({ api: { pod: 'us1' }, hashing: { email: true } });
  });

  it('does not warn of dates that show no order where it has just been told', async () => {
    write('orders.csv', 'Order Number,Email,Date\n1,a@example.com,1/2/2026\n');
    const { seen } = await onTerminal(['init', 'orders.csv'], folder.path, { 'Which host': '\n\nday\n\n' });
    expect(seen).toContain('Wrote');
    expect(seen).not.toContain('do not show whether');
  });

  it.each(['-', '/dev/stdin'])(
    'of a typed %s says what it waits for, and takes the defaults: it ended with 13',
    async (file) => {
      const { code, seen } = await onTerminal(['init', file], folder.path, {
        'Reading records from standard input; Ctrl-D ends it.': `Order Number,Email\n1,a@example.com\n${KEYS.d}`,
      });
      expect(code).toBe(0);
      expect(seen).toContain('Wrote');
      expect(parse(read(CONFIG))).toMatchObject({ api: { pod: 'us2' } });
    },
  );
});

it('lists columns in line with each other also where their names have wide characters', async () => {
  write('orders.csv', '注文番号,Email,Paid at,Total 👩‍👩‍👧\n1,a@example.com,2026-11-02T10:00:00Z,5\n');
  const { stdout } = await go(['init', 'orders.csv']);
  const columns = stdout.split('\n').filter((line) => line.includes('→') && line.startsWith('  '));
  expect(columns.length).toBeGreaterThan(1);
  expect(new Set(columns.map((line) => cellsOf(line.slice(0, line.indexOf('→')))))).toHaveLength(1);
});

it.each(['shopify-orders.csv', 'warehouse.csv', 'segment-events.ndjson'])(
  'reads %s from a pipe as it reads the file',
  async (name) => {
    const fixture = `${FIXTURES}${name}`;
    expect(await go(['init', fixture])).toMatchObject({ code: 0, stderr: '' });
    const piped = await go(['init', '-', '--config', 'piped.yaml'], readFileSync(fixture, 'utf8'));
    expect(piped).toMatchObject({ code: 0, stderr: '' });
    expect(piped.stdout).toContain('Standard input looks like');
    const settings = (file: string) => read(file).split('\n').slice(1);
    expect(settings('piped.yaml')).toEqual(settings(CONFIG));
  },
);

describe('from an empty folder and an export of Shopify', () => {
  it('init, validate and send --sandbox succeed without anything being edited', async () => {
    copyShopify();
    const made = await go(['init', SHOPIFY]);
    expect(made).toMatchObject({ code: 0, stderr: '' });
    expect(made.stdout).toContain('orders exported from Shopify');
    expect((await go(['validate', SHOPIFY])).code).toBe(0);
    const sent = await go(['send', SHOPIFY, '--sandbox', '--rate', '10000', '--json']);
    expect(sent.code).toBe(0);
    expect(JSON.parse(sent.stdout)).toMatchObject({ read: 40, accepted: 40, rejected: 0 });
  });

  it('every order of several rows is one conversion with its total, its number, its time and its contact', async () => {
    copyShopify();
    await go(['init', SHOPIFY]);
    const rows = read(SHOPIFY).split('\n').length - 2;
    expect(rows).toBeGreaterThan(70);
    const batches = await batchesOf(SHOPIFY);
    const conversions = conversionsOf(batches);
    expect(conversions).toHaveLength(40);
    expect(new Set(conversions.map(({ confirmationref }) => confirmationref)).size).toBe(40);
    // The first order has three items; what is in the file is written out here.
    expect(conversions[0]).toEqual({
      conversiontype: 'Order Completed',
      confirmationref: '#1001',
      amount: 151.07,
      currency: 'EUR',
    });
    expect(batches[0]?.user_attributes.billingzipcode).toBe('01067');
    expect(batches[1]?.user_attributes.mobile).toBe('+49 30 5550101');
    expect(batches[0]?.events?.[0]?.data.timestamp_unixtime_ms).toBe(Date.parse('2026-11-01T02:00:05+02:00'));
    expect(conversions.every(({ amount }) => typeof amount === 'number' && amount > 0)).toBe(true);
  });

  it('an order that is exported again, shipped meanwhile, is not delivered again', async () => {
    copyShopify();
    await go(['init', SHOPIFY]);
    const state = ['--sandbox', '--state', 's', '--rate', '10000', '--json'];
    expect(JSON.parse((await go(['send', SHOPIFY, ...state])).stdout).accepted).toBe(40);
    write('later.csv', read(SHOPIFY).replaceAll('fulfilled', 'returned'));
    expect(JSON.parse((await go(['send', 'later.csv', ...state])).stdout)).toMatchObject({
      accepted: 0,
      duplicate: 40,
    });
  });

  it('source.preset: shopify does the same without a file', async () => {
    copyShopify();
    await go(['init', SHOPIFY]);
    const made = await batchesOf(SHOPIFY);
    write('own.yaml', 'version: 1\nsource: { preset: shopify }\n');
    expect(await batchesOf(SHOPIFY, '--config', 'own.yaml')).toEqual(made);
    expect((await go(['init', '--preset', 'shopify', '--config', 'other.yaml'])).code).toBe(0);
    expect(await batchesOf(SHOPIFY, '--config', 'other.yaml')).toEqual(made);
  });
});

describe('init', () => {
  it('names every column that is not used, and leaves no column unnamed', async () => {
    copyShopify();
    await go(['init', SHOPIFY]);
    const [header = ''] = read(SHOPIFY).split('\n');
    const config = read(CONFIG);
    for (const column of header.split(',')) expect(config).toContain(JSON.stringify(column));
    expect(config.slice(config.indexOf('# Not used'))).toContain('"Lineitem sku"');
  });

  it.each([
    ['orders.csv', 'plain rows of no known system', 300],
    ['segment-events.ndjson', 'Segment events', 200],
    ['warehouse.csv', 'a Segment warehouse table', 200],
  ])('writes a config for %s that makes the batches that none makes', async (name, title, count) => {
    const file = `${FIXTURES}${name}`;
    const without = await batchesOf(file);
    expect((await go(['init', file])).stdout).toContain(title);
    const batches = await batchesOf(file, '--config', CONFIG);
    expect(batches).toEqual(without);
    expect(conversionsOf(batches).length).toBeLessThanOrEqual(count);
  });

  const time = '2026-11-01 10:00:00';
  it.each([
    [
      'woocommerce',
      `order_id,order_number,order_date,status,order_total,order_currency,customer_id,billing_first_name,billing_last_name,billing_email,billing_phone,billing_postcode\n71,2071,${time},completed,19.90,EUR,5,Ann,Lee,ann@example.com,'0301234,01067\n`,
      { confirmationref: '2071', amount: 19.9, currency: 'EUR' },
    ],
    [
      'bigcommerce',
      'Order ID,Order Status,Order Date,Order Total (inc tax),Order Currency Code,Customer ID,Customer Name,Customer Email,Billing Zip\n101,Completed,11/24/2026,25.00,USD,7,Ann Lee,ann@example.com,10001\n102,Completed,11/2/2026,25.00,USD,8,Ben Lee,ben@example.com,10001\n',
      { confirmationref: '101', amount: 25, currency: 'USD' },
    ],
    [
      'magento',
      'ID,Purchase Point,Purchase Date,Bill-to Name,Grand Total (Base),Grand Total (Purchased),Status,Customer Email\n000000012,Main,"Nov 1, 2026, 10:00:00 AM",Ann Lee,$30.00,$30.00,complete,ann@example.com\n',
      { confirmationref: '000000012', amount: 30 },
    ],
    [
      'stripe',
      `id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Customer ID,Customer Email\nch_3Pabc,${time.slice(0, 16)},42.00,0.00,usd,true,Paid,cus_1,ann@example.com\n`,
      { confirmationref: 'ch_3Pabc', amount: 42, currency: 'usd' },
    ],
  ])('recognises %s, and its orders go out as they are', async (preset, text, expected) => {
    write('export.csv', text);
    expect((await go(['init', 'export.csv', '--yes'])).code).toBe(0);
    expect(parse(read(CONFIG)).source.preset).toBe(preset);
    const batches = await batchesOf('export.csv');
    expect(conversionsOf(batches)[0]).toMatchObject(expected);
    const { email } = batches[0]?.user_identities ?? {};
    expect(email).toBe('ann@example.com');
    expect(new Date(batches[0]?.events?.[0]?.data.timestamp_unixtime_ms ?? 0).toISOString()).toMatch(
      /^2026-11-(01T10|24T00):00/,
    );
  });

  it('skips what is no order also where the config gives the column that tells it another place', async () => {
    const payment = (id: string, status: string) =>
      `${id},2026-11-01 10:00,42.00,0.00,usd,true,${status},cus_${id},${id}@example.com\n`;
    write(
      'payments.csv',
      `id,Created date (UTC),Amount,Amount Refunded,Currency,Captured,Status,Customer ID,Customer Email\n${payment('a', 'Paid')}${payment('b', 'Failed')}`,
    );
    write(
      CONFIG,
      `version: 1
source: { preset: stripe, columns: { status: properties.payment, Amount: properties.total } }
mappings:
  - { name: A, fields: { eventProperties: { payment: { "@path": $.properties.payment } } } }
`,
    );
    const conversions = conversionsOf(await batchesOf('payments.csv'));
    expect(conversions).toMatchObject([{ confirmationref: 'a', payment: 'Paid' }]);
    expect(conversions[0]).not.toHaveProperty('amount');
  });

  it('takes from dates such as 24/11/2026 which part is the day, and says so where none shows it', async () => {
    const rows = (dates: string[]) =>
      `Order Number,Email,Date\n${dates.map((date, n) => `${n},u${n}@example.com,${date}\n`).join('')}`;
    write('dmy.csv', rows(['2/11/2026 10:00', '24/11/2026']));
    await go(['init', 'dmy.csv']);
    expect(parse(read(CONFIG)).source).toMatchObject({ dateOrder: 'dmy', timezone: 'UTC' });
    const [batch] = await batchesOf('dmy.csv');
    expect(batch?.events?.[0]?.data.timestamp_unixtime_ms).toBe(Date.UTC(2026, 10, 2, 10));
    write('either.csv', rows(['2/11/2026']));
    const made = await go(['init', 'either.csv', '--force', '--yes']);
    expect(made.stdout).toContain('source.dateOrder');
  });

  it('says which column it misses', async () => {
    write('o.csv', 'Order Number,Email\n1,a@example.com\n');
    expect((await go(['init', 'o.csv'])).stdout).toContain('! No column looks like a time');
  });

  it('knows the columns of JSON records that the first of them does not have', async () => {
    write(
      'o.ndjson',
      '{"order_number":"1","paid_at":"2026-11-01T10:00:00Z"}\n{"order_number":"2","paid_at":"2026-11-01T11:00:00Z","email":"a@example.com","total":5,"note":"gift"}\n',
    );
    const { stdout } = await go(['init', 'o.ndjson']);
    expect(stdout).toMatch(/email +→ e-mail address\n +total +→ amount\n {2}1 column is not used/);
    expect(stdout).not.toContain('!');
  });

  it('leaves no open file of a snapshot to the garbage collector, of which Node warns, or ends the process', async () => {
    const members = Array.from({ length: 5_000 }, (_, index) => ({ email: `person${index}@example.com` }));
    write('audience.json', JSON.stringify({ audience_name: 'vip', members }));
    write('collect.cjs', 'const collect = () => { gc(); setTimeout(collect, 1).unref(); }; collect();');
    const ended = await run(['init', 'audience.json'], {
      cwd: folder.path,
      env: { NODE_OPTIONS: '--expose-gc --require ./collect.cjs' },
    });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });

  it('names no command for a snapshot of an audience but those that read one', async () => {
    const made = await go(['init', `${FIXTURES}audience.json`]);
    expect(made.stdout).toContain('looks like a snapshot of an audience.');
    expect(made.stdout).not.toContain('!');
    const next = made.stdout.slice(made.stdout.indexOf('Next:')).match(/(?<=rokt-capi ).*/g) ?? [];
    expect(next).toHaveLength(2);
    for (const command of next) expect((await go(command.split(' '))).code, command).toBe(0);
  });

  it('does not call a list of orders in an object, as the API of a shop gives it, a snapshot of an audience', async () => {
    const order = { order_id: 'o1', email: 'a@example.com', total: 5, created_at: '2026-11-01T10:00:00Z' };
    write('page.json', JSON.stringify({ data: [order], meta: { page: 1 } }));
    const { stdout } = await go(['init', 'page.json']);
    expect(stdout).not.toContain('audience');
    expect(stdout).toMatch(/total +→ amount/);
    expect(stdout).toContain('! The records are a list in an object; send reads a list alone');
    write('list.json', JSON.stringify([order]));
    expect(await batchesOf('list.json'), 'with that config').toHaveLength(1);
  });

  it('shows how columns become attributes in lines that are a config when they are uncommented', async () => {
    write(
      'o.csv',
      'Order Number,Email,Paid at,properties.shipping.code,properties.discount.code,Note\n1,a@example.com,2026-11-01T10:00:00Z,DHL,SPRING,gift\n',
    );
    await go(['init', 'o.csv']);
    const [before, after = ''] = read(CONFIG).split('# mappings:');
    const uncommented = after.replaceAll(/^# /gm, '').split('\ndelivery:');
    write('all.yaml', `${before}mappings:${uncommented.join('\ndelivery:')}`);
    const [conversion] = conversionsOf(await batchesOf('o.csv', '--config', 'all.yaml'));
    expect(conversion).toMatchObject({ code: 'SPRING' });
  });

  it('says that nothing shows whose the records are', async () => {
    write('o.csv', 'Order Number,Order Date,Order Total,Email (Billing)\n1,2026-11-01,5,a@example.com\n');
    expect((await go(['init', 'o.csv'])).stdout).toContain(
      '! No column looks like an e-mail address or another identifier: a record without one is rejected. Give the right column the place properties.email under source.columns.\n',
    );
    write('o.csv', 'Order Number,Order Date,Order Total,rtid\n1,2026-11-01,5,click\n');
    expect((await go(['init', 'o.csv', '--force'])).stdout).not.toContain('! ');
  });

  it.each(['our orders.csv', "it's; $odd.csv", '-o.csv'])(
    'says to type what a shell takes as it stands, for a file with the name %j',
    async (name) => {
      write(name, 'Order Number,Email,Order Total,Order Date\n1,a@example.com,5,2026-11-01T10:00:00Z\n');
      const config = join(folder.path, 'our config.yaml');
      const made = await go(['init', '--config', config, '--', name]);
      expect(made.code).toBe(0);
      const commands = (made.stdout.split('\nNext:\n')[1] ?? '').trim().split('\n');
      expect(commands).toHaveLength(2);
      for (const command of commands) {
        const typed = command.trim().replace('rokt-capi', `'${process.execPath}' '${BIN}'`);
        const { status, stdout } = spawnSync('sh', ['-c', typed], { cwd: folder.path, encoding: 'utf8' });
        expect(stdout).toContain('  accepted   1');
        expect(status).toBe(0);
      }
    },
  );

  it('leaves a config that is there alone, unless --force', async () => {
    write(CONFIG, 'version: 1\n');
    const ended = await go(['init']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('CONFIG_EXISTS');
    expect(read(CONFIG)).toBe('version: 1\n');
    expect((await go(['init', '--force'])).code).toBe(0);
    expect(read(CONFIG)).toContain('mappings:');
    expect((await go(['init', '--config', 'other.yaml'])).code).toBe(0);
    expect(existsSync(join(folder.path, 'other.yaml'))).toBe(true);
  });
});

describe('init beside a config of another name', () => {
  it.each(['rokt-capi.config.yml', 'rokt-capi.config.json'])(
    'writes none in the place of %s, not even with --force: addresses that it hashes would go out as they are',
    async (name) => {
      write(name, '{"version":1,"hashing":{"email":true}}');
      for (const args of [[], ['--force'], ['--config', CONFIG], ['--config', `./${CONFIG}`, '--force']]) {
        const ended = await go(['init', ...args]);
        expect(ended.code).toBe(2);
        expect(ended.stderr).toContain(`${name}: CONFIG_EXISTS: `);
        expect(ended.stderr).toContain('or remove this one.');
      }
      expect(existsSync(join(folder.path, CONFIG))).toBe(false);
      expect((await go(['init', '--config', 'other.yaml'])).code).toBe(0);
    },
  );
});

describe('a column under source.columns', () => {
  const rows = 'Order,Email,Grand Total,Paid at\n1,a@example.com,9,2026-11-01T10:00:00Z\n';
  const warnings = async (...args: string[]) =>
    JSON.parse((await go(['validate', ...args, '--config', 'c.yaml', '--json'])).stdout).warnings.filter(
      ({ code }: { code: string }) => code === 'COLUMN_MISSING',
    );

  it('is not said to be like a cell of a first line that is no header: that is somebody’s row', async () => {
    write(
      'c.yaml',
      'version: 1\nsource: { columns: { Name: properties.first_name, Total: properties.revenue } }\n',
    );
    write('o.csv', '1001,Jane,9.50,USD\n1002,Mary,5,USD\n');
    write('g.yaml', 'version: 1\nsource: { groupBy: Name }\n');
    const told = await go(['validate', 'o.csv', '--config', 'c.yaml']);
    expect(told.stdout).toContain('COLUMN_MISSING (Name)');
    const failed = await go(['validate', 'o.csv', '--config', 'g.yaml']);
    expect(failed.stderr).toContain('GROUP_COLUMN_MISSING');
    for (const { stdout, stderr } of [told, failed]) expect(stdout + stderr).not.toContain('Jane');
  });

  it('that no table of the run has is a warning, with the nearest one that there is', async () => {
    write(
      'c.yaml',
      'version: 1\nsource: { columns: { Grand Totl: properties.revenue, "order ": properties.order_id, Loyalty Number: userId } }\n',
    );
    write('o.csv', `\n${rows}`);
    expect(await warnings('o.csv')).toEqual([
      {
        code: 'COLUMN_MISSING',
        field: 'Grand Totl',
        message: 'source.columns names a column that no table has; did you mean "Grand Total"?',
        count: 1,
        places: [{ file: 'o.csv', line: 2 }],
      },
      expect.objectContaining({
        field: 'Loyalty Number',
        message: expect.stringMatching(/in the header\.$/),
      }),
    ]);
    write('two.csv', 'Order,Email,Grand Totl,Loyalty Number\n');
    expect(await warnings('o.csv', 'two.csv')).toEqual([]);
    write('o.ndjson', '{"Order":"1"}\n');
    expect(await warnings('o.ndjson')).toEqual([]);
  });

  it('that is missing is not told to be one that the config names besides: then that would be missing', async () => {
    const named = '{ Grand Total: properties.revenue, Grand Totl: properties.tax }';
    write('c.yaml', `version: 1\nsource: { columns: ${named} }\n`);
    write('o.csv', rows);
    expect(await warnings('o.csv')).toMatchObject([
      {
        field: 'Grand Totl',
        message: 'source.columns names a column that no table has; write it as it is in the header.',
      },
    ]);
  });

  it('may be missing where it is a preset that names it', async () => {
    write(
      'c.yaml',
      'version: 1\nsource: { preset: shopify, columns: { Grand Total: properties.revenue } }\n',
    );
    write('o.csv', rows);
    expect(await warnings('o.csv')).toEqual([]);
  });
});

describe('rows of one order', () => {
  it('are one record with source.groupBy, also in a rejects file, from which it can be sent', async () => {
    write('c.yaml', 'version: 1\nsource: { groupBy: Order }\n');
    write(
      'o.csv',
      'Order,Email,Total,Paid at,Item\n1,,9,2026-11-01T10:00:00Z,Mug\n1,,,,Cup\n2,b@example.com,,2026-11-01T11:00:00Z,Pen\n2,,12,,Ink\n',
    );
    const ended = await go(['validate', 'o.csv', '--config', 'c.yaml', '--json', '--rejects', 'r.ndjson']);
    expect(JSON.parse(ended.stdout)).toMatchObject({ read: 2, accepted: 1, rejected: 1 });
    const reject: { line: number; record: Record<string, string> } = JSON.parse(read('r.ndjson'));
    expect(reject).toMatchObject({ line: 2, record: { Order: '1', Total: '9', Item: 'Mug' } });
    write('fixed.ndjson', read('r.ndjson').replace('"Email":""', '"Email":"a@example.com"'));
    expect((await go(['validate', 'fixed.ndjson', '--config', 'c.yaml'])).code).toBe(0);
  });

  it.each([
    ['ragged', 'Mug, red', '"Mug, red"'],
    ['too short', 'short', undefined],
    ['written with a quote in the wrong place', '"Mug" red', '"""Mug"" red"'],
  ])('of which one is %s are rejected as one record, and sent once it is fixed', async (_, cell, fixed) => {
    write('c.yaml', 'version: 1\nsource: { groupBy: Order }\n');
    const time = '2026-11-01T10:00:00Z';
    const damaged = cell === 'short' ? '1,a@example.com' : `1,a@example.com,9,${time},${cell}`;
    const good = [`1,a@example.com,9,${time},Cup`, '1,a@example.com,,,"Pen, ""x"""'];
    const [before, behind] = [`0,z@example.com,3,${time},Ink`, `2,b@example.com,5,${time},Ink`];
    for (const at of [0, 1, 2]) {
      const rows = good.toSpliced(at, 0, damaged);
      write('o.csv', `Order,Email,Total,Paid at,Item\n${[before, ...rows, behind].join('\n')}\n`);
      const ended = await go(['validate', 'o.csv', '--config', 'c.yaml', '--json', '--rejects', 'r.ndjson']);
      expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3, accepted: 2, rejected: 1 });
      const reject: { line: number; record: string } = JSON.parse(read('r.ndjson'));
      expect(reject).toMatchObject({ line: 3, record: rows.join('\n') });
      if (fixed === undefined) continue;
      write('f.ndjson', JSON.stringify({ ...reject, record: reject.record.replace(cell, fixed) }));
      const again = await go(['validate', 'f.ndjson', '--config', 'c.yaml', '--json', '--out', 'out.ndjson']);
      expect(JSON.parse(again.stdout)).toMatchObject({ read: 1, accepted: 1 });
      expect(read('out.ndjson')).toContain('"amount":9}');
    }
  });

  it('are rejected without the orders beside them where one of them cannot be read', async () => {
    write('c.yaml', 'version: 1\nsource: { groupBy: Order }\n');
    const row = (order: number) => `${order},a@example.com,9,2026-11-01T10:00:00Z,Cup`;
    write('o.csv', ['Order,Email,Total,Paid at,Item', row(1), '9,torn', row(2), ''].join('\n'));
    const ended = await go(['validate', 'o.csv', '--config', 'c.yaml', '--json']);
    expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3, accepted: 2, rejected: 1 });
  });

  it('are not grouped where they are JSON; what is advised then makes one conversion of each order', async () => {
    const record = (at: number) => ({
      order_id: `o-${at >> 1}`,
      paid_at: '2026-11-01T10:00:00Z',
      email: `u${at >> 1}@example.com`,
      total: 30,
      currency: 'USD',
      item: at,
    });
    write('o.ndjson', Array.from({ length: 40 }, (_, at) => JSON.stringify(record(at))).join('\n'));
    write('c.yaml', 'version: 1\nsource: { groupBy: order_id }\n');
    const grouped = await go(['validate', 'o.ndjson', '--config', 'c.yaml', '--json']);
    const { accepted, quality } = JSON.parse(grouped.stdout);
    expect(accepted).toBe(40);
    expect(quality.warnings[0]).toMatchObject({
      code: 'ORDER_ID_REPEATED',
      message: expect.stringContaining('of JSON, give it the place messageId too'),
    });
    write('c.yaml', 'version: 1\nsource: { columns: { order_id: [properties.order_id, messageId] } }\n');
    const advised = await go(['validate', 'o.ndjson', '--config', 'c.yaml', '--json']);
    expect(JSON.parse(advised.stdout)).toMatchObject({ accepted: 20, duplicate: 20 });
  });

  it('need the column that is named', async () => {
    write('c.yaml', 'version: 1\nsource: { groupBy: Ordr }\n');
    write('o.csv', 'Order,Email\n1,a@example.com\n');
    const ended = await go(['validate', 'o.csv', '--config', 'c.yaml']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('o.csv:1: GROUP_COLUMN_MISSING');
    expect(ended.stderr).toContain('Did you mean "Order"?');
  });
});
