import { readdirSync, readFileSync, truncateSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it } from 'vitest';
import { CODES, type Code } from '../../src/codes.js';
import { type Behaviour, badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { listen } from '../helpers/listen.js';
import { CREDENTIALS, run } from '../helpers/program.js';
import { signalWhen, until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const { write } = folder;
const time = (n = 0): string => new Date(Date.now() - 86_400_000 + n * 1000).toISOString();
const ROW = `1,a@example.com,9.50,USD,${time()}`;
const HEADER = 'Order Number,Email,Total,Currency,Paid at';

/** Everything that a run says: standard output, standard error. */
async function said(
  args: readonly string[],
  env: Record<string, string> = {},
  quotaKb?: number,
): Promise<string> {
  const { stdout, stderr } = await run(args, {
    cwd: folder.path,
    env,
    ...(quotaKb === undefined ? {} : { quotaKb }),
  });
  expect(stderr).not.toMatch(/^\s+at /m);
  return stdout + stderr;
}

type Provocation = () => Promise<string>;

/** What `validate` says of a table with these lines. */
const table =
  (...lines: string[]): Provocation =>
  () => {
    write('o.csv', `${lines.join('\n')}\n`);
    return said(['validate', 'o.csv']);
  };
/** What `validate` says of one row, changed. */
const row = (from: string, to: string): Provocation => table(HEADER, ROW.replace(from, to));
/** What `validate` says of forty rows. */
const rows = (change: (n: number) => string): Provocation =>
  table(HEADER, ...Array.from({ length: 40 }, (_, n) => change(n)));
const order = (n: number, email = `u${n}@example.com`, total = '5', currency = 'USD', at = time(n)): string =>
  `${n},${email},${total},${currency},${at}`;
/** What `validate` says with this config. */
const config =
  (text: string, ...args: string[]): Provocation =>
  () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    write('c.yaml', `version: 1\n${text}\n`);
    return said(['validate', 'o.csv', '--config', 'c.yaml', ...args]);
  };
/** What `validate` says of an event whose traits are sent as user attributes. */
const traits =
  (value: Record<string, unknown>, properties: Record<string, unknown> = {}): Provocation =>
  () => {
    write(
      'c.yaml',
      'version: 1\nmappings: [{ name: A, fields: { user_attributes: { "@path": $.traits } } }]\n',
    );
    const event = {
      type: 'track',
      event: 'Order Completed',
      userId: 'u',
      timestamp: time(),
      traits: value,
      properties,
    };
    write('e.ndjson', `${JSON.stringify(event)}\n`);
    return said(['validate', 'e.ndjson', '--config', 'c.yaml']);
  };
/** What `send` says, with an endpoint that answers so. */
async function sent(behave: (n: number) => Behaviour, ...args: string[]): Promise<string> {
  server ??= await startCapiServer(behave);
  return said(['send', '--endpoint', server.url, '--state', 's', ...args], CREDENTIALS);
}
const accept = (): Behaviour => ({ kind: 'accept' });
/** Two orders of one user, sent as one batch whose answer never came. */
async function leaveInFlight(...options: string[]): Promise<void> {
  write('o.csv', `${HEADER}\n${order(1, 'a@example.com')}\n${order(2, 'a@example.com')}\n`);
  const args = ['send', 'o.csv', '--state', 's', ...options, '--endpoint'];
  server = await startCapiServer((n) => (n === 1 ? { kind: 'accept-and-hang' } : accept()));
  const { url } = server;
  await run([...args, url], {
    cwd: folder.path,
    env: CREDENTIALS,
    onStart: signalWhen(() => server?.requests.length !== 0, 'SIGKILL'),
  });
}
const audience = (name: string, members: number, from = 0): string =>
  write(name, JSON.stringify(Array.from({ length: members }, (_, n) => ({ user_id: `u-${n + from}` }))));
const sync = (...args: string[]): Promise<string> =>
  said(['sync-audience', '--sandbox', '--state', 's', ...args]);

/** Of each code, a way to provoke it through the command line; what the program says then has to have the code in it. */
const PROVOCATIONS: Readonly<Record<Code, Provocation>> = {
  ACCOUNT_UNKNOWN: async () => {
    write('o.csv', `${HEADER}\n${order(1)}\n`);
    await sent(accept, 'o.csv');
    await said(['send', 'o.csv', '--state', 's', '--endpoint', server?.url ?? ''], {
      ...CREDENTIALS,
      ROKT_CAPI_API_KEY: 'other',
    });
    return said(['send', 'o.csv', '--state', 's', '--endpoint', server?.url ?? '', '--dry-run']);
  },
  AMOUNTS_RARE: rows((n) => order(n, undefined, '')),
  AMOUNTS_ZERO: rows((n) => order(n, undefined, '0')),
  AMOUNT_UNREADABLE: row('9.50', '"1,234"'),
  ATTRIBUTE_LIST_TOO_LONG: traits({ tags: Array.from({ length: 1001 }, String) }),
  ATTRIBUTE_NAME_TOO_LONG: traits({ ['n'.repeat(257)]: 1 }),
  ATTRIBUTE_NOT_SCALAR: traits({ deep: { a: { b: 1 } } }),
  ATTRIBUTE_VALUE_TOO_LONG: traits({ long: 'x'.repeat(4097) }),
  AUDIENCE_DROP_TOO_LARGE: async () => {
    audience('a.json', 120);
    await sync('a.json');
    audience('a.json', 90);
    return sync('a.json');
  },
  AUDIENCE_EMPTY: async () => {
    audience('a.json', 50);
    await sync('a.json');
    write('a.json', '[]');
    return sync('a.json');
  },
  AUDIENCE_NAME_DATED: () => {
    write('vip-2026-11-28.csv', 'email\na@example.com\n');
    return said(['sync-audience', 'vip-2026-11-28.csv', '--dry-run']);
  },
  AUDIENCE_NAME_MISSING: async () => {
    const ended = await run(['sync-audience', '-', '--sandbox'], {
      cwd: folder.path,
      input: '[{"user_id":"u"}]',
    });
    return ended.stderr;
  },
  AUDIENCE_NOT_MAPPED: () => {
    audience('a.json', 1);
    write(
      'rokt-capi.config.yaml',
      'version: 1\nmappings:\n  - { name: A, preset: sync-engage-audience, fields: { traitsOrProps: null } }\n',
    );
    return sync('a.json');
  },
  AUDIENCE_OF_REJECTS: () => {
    const record = { 'user id': 'u-1' };
    write(
      'r.ndjson',
      JSON.stringify({ file: 'a.csv', line: 2, reason: 'x', code: 'SERVER_REFUSED', record }),
    );
    return sync('r.ndjson');
  },
  AUDIENCE_TRUNCATED: () => {
    write('a.json', '[{"user_id":"u-1"},{"user_id":');
    return sync('a.json');
  },
  AUDIENCE_TWICE: () => {
    audience('vip.json', 5);
    const change = {
      type: 'identify',
      userId: 'u',
      messageId: 'm',
      timestamp: time(),
      traits: { vip: true },
      context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
    };
    write('changes.ndjson', `${JSON.stringify(change)}\n`);
    return sync('vip.json', 'changes.ndjson');
  },
  BASELINE_UNREADABLE: config('', '--baseline', 'o.csv'),
  BATCH_TOO_LARGE: traits(
    Object.fromEntries(Array.from({ length: 40 }, (_, n) => [`t${n}`, 'x'.repeat(4000)])),
  ),
  CALL_SWITCHED_OFF: () => {
    const event = { type: 'track', event: 'Order Completed', userId: 'u', timestamp: time(), properties: {} };
    write('e.ndjson', `${JSON.stringify({ ...event, integrations: { All: false } })}\n`);
    return said(['validate', 'e.ndjson']);
  },
  CODE_UNKNOWN: () => said(['explain', 'NO_SUCH_CODE']),
  COLUMN_MISSING: config('source: { columns: { Totl: properties.revenue } }'),
  CONFIG_EXISTS: async () => {
    await said(['init']);
    return said(['init']);
  },
  CONFIG_INVALID: config('delivery: { concurrency: none }'),
  CONFIG_NOT_FOUND: config('', '--config', 'nowhere.yaml'),
  CONFIG_SYNTAX: config('api: [unclosed'),
  CONFIG_UNKNOWN_KEY: config('hashign: { email: true }'),
  CONFIG_UNWRITABLE: () => {
    write('file', '');
    return said(['init', '--config', 'file/c.yaml']);
  },
  CONFIG_VARIABLE_MISSING: config('api: { endpoint: "${NOT_SET}" }'),
  CREDENTIALS_INVALID: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv'], { ROKT_CAPI_API_KEY: 'a:b', ROKT_CAPI_API_SECRET: 'c' });
  },
  CREDENTIALS_MISSING: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv']);
  },
  CREDENTIALS_UNREADABLE: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv'], { ROKT_CAPI_API_KEY_FILE: '/nowhere', ROKT_CAPI_API_SECRET: 'c' });
  },
  CSV_DUPLICATE_HEADER: table('a,b,a', '1,2,3'),
  CSV_EMPTY_HEADER: table('a,,c', '1,2,3'),
  CSV_HEADER_CHANGED: table('a,b', '1,2', 'b,a', '2,1'),
  CSV_HEADER_TOO_LONG: table(`"${'x'.repeat(70_000)}`, '1'),
  CSV_HEADER_UNREADABLE: table('a"b,c', '1,2'),
  CSV_QUOTE_INVALID: table(HEADER, ROW, `2,"b"@example.com,5,USD,${time()}`),
  CSV_QUOTE_NOT_CLOSED: table(HEADER, ROW, `2,"b@example.com,5,USD,${time()}`),
  CSV_RAGGED_ROW: row('USD', 'USD,EUR'),
  CURRENCY_UNKNOWN: rows((n) => order(n, undefined, '5', 'XQZ')),
  DEVICE_ID_UNUSABLE: table(`${HEADER},idfa`, `${ROW},none`),
  DOB_UNREADABLE: table(`${HEADER},birthday`, `${ROW},spring`),
  EMAILS_EQUAL: rows((n) => order(n, 'test@example.com')),
  EMAIL_IN_CLEAR: () => {
    write('c.yaml', 'version: 1\nhashing: { email: true }\n');
    write('o.csv', `${HEADER},Customer ID\n${ROW},a@example.com\n`);
    return said(['validate', 'o.csv', '--config', 'c.yaml']);
  },
  EMAIL_RARE: table(
    'Order Number,Mailadresse,Customer ID,Total,Currency,Paid at',
    ...Array.from({ length: 40 }, (_, n) => `${n},u${n}@example.com,c${n},5,USD,${time(n)}`),
  ),
  EMAIL_UNUSABLE: table(`${HEADER},Customer ID`, `${ROW.replace('a@example.com', 'n/a')},c1`),
  ENDPOINT_INVALID: config('api: { endpoint: nowhere }'),
  ENDPOINT_NOT_SECURE: config('api: { endpoint: "http://example.com/v2" }'),
  EVENT_OLDER_THAN_30_DAYS: row(/20\d\d-.*Z/.exec(ROW)?.[0] ?? '', '2020-01-01T00:00:00Z'),
  FIELD_NOT_OBJECT: config(
    'mappings: [{ name: A, fields: { eventProperties: { "@path": $.properties.email } } }]',
  ),
  FIELD_NOT_TEXT: traits({}, { order_id: ['o', 'p'] }),
  GENDER_UNREADABLE: table(`${HEADER},gender`, `${ROW},7`),
  GROUP_COLUMN_MISSING: config('source: { groupBy: Nothing }'),
  GROUP_WITHOUT_ID: () => {
    write('c.yaml', 'version: 1\nsource: { groupBy: Order Number }\n');
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['validate', 'o.csv', '--config', 'c.yaml']);
  },
  HASHING_UNREADABLE: config(
    'mappings: [{ name: A, fields: { hashingConfiguration: { hashEmail: { "@literal": "on" } } } }]',
  ),
  IDENTIFIER_MISSING: row('a@example.com', ''),
  ID_UNUSABLE: table(`${HEADER},Customer ID`, `${ROW},guest`),
  INPUT_CHANGED: async () => {
    write('o.csv', `${HEADER}\n${Array.from({ length: 300 }, (_, n) => order(n)).join('\n')}\n`);
    const slow = (): Behaviour => ({ kind: 'accept', delayMs: 100 });
    const stopped = await sent(slow, 'o.csv', '--max-duration', '0.5', '--rate', '100');
    expect(stopped).toContain('Stopped early');
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return sent(slow, 'o.csv');
  },
  INPUT_COMPRESSION: () => {
    write('o.csv.gz', Buffer.from('1f8b08000000000000030000000000', 'hex'));
    return said(['validate', 'o.csv.gz']);
  },
  INPUT_EMPTY: () => {
    write('o.csv', '');
    return said(['validate', 'o.csv']);
  },
  INPUT_NOT_FOUND: () => said(['validate', 'nowhere.csv']),
  INPUT_NOT_UTF8: () => {
    write(
      'o.csv',
      Buffer.concat([
        Buffer.from(`${HEADER}\n1,`),
        Buffer.from([0xe9, 0xff]),
        Buffer.from(`,5,USD,${time()}\n`),
      ]),
    );
    return said(['validate', 'o.csv']);
  },
  INPUT_STDIN_TWICE: () => said(['validate', '-', '-']),
  INPUT_UNREADABLE: () => said(['validate', '.']),
  INPUT_ZSTD_UNSUPPORTED: async () => {
    write('o.csv.zst', Buffer.from('28b52ffd00000000', 'hex'));
    const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
    const supported = major > 22 || (major === 22 && minor >= 15);
    const message = await said(['validate', 'o.csv.zst']);
    // A Node that can read it says that this file is damaged.
    return supported ? message.replace('INPUT_COMPRESSION', 'INPUT_ZSTD_UNSUPPORTED') : message;
  },
  IN_FLIGHT_CHANGED: async () => {
    write(
      'c.yaml',
      'version: 1\nsource: { columns: { "Order Number": [properties.order_id, messageId] } }\n',
    );
    const config = ['--config', 'c.yaml'];
    await leaveInFlight(...config);
    write('o.csv', readFileSync(join(folder.path, 'o.csv'), 'utf8').replaceAll(',5,', ',6,'));
    return sent(accept, 'o.csv', '--accept-changed', ...config);
  },
  IN_FLIGHT_INCOMPLETE: async () => {
    await leaveInFlight();
    const [header, first] = readFileSync(join(folder.path, 'o.csv'), 'utf8').split('\n');
    write('half.csv', `${header}\n${first}\n`);
    return sent(accept, 'half.csv', '--accept-changed');
  },
  IP_UNUSABLE: table(`${HEADER},ip`, `${ROW},300.1.2.3`),
  JSON_INVALID: () => {
    write('e.json', '[{"a":1},{b}]');
    return said(['validate', 'e.json']);
  },
  JSON_TRUNCATED: () => {
    write('e.json', '[{"order_id":"1"},');
    return said(['validate', 'e.json']);
  },
  LINE_WITHOUT_RECORD: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['validate', 'o.csv', '--show', '3']);
  },
  MAPPING_INVALID_OPTION: config(
    'mappings: [{ name: A, fields: { ip: { "@case": { operator: none, value: x } } } }]',
  ),
  MAPPING_FAILED: config(
    'mappings: [{ name: A, fields: { eventProperties: { x: { "@liquid": "{{ \'%\' | url_decode }}" } } } }]',
  ),
  MAPPING_LIQUID_INVALID: config('mappings: [{ name: A, fields: { ip: { "@liquid": "{% if %}" } } }]'),
  MAPPING_TRIGGER_INVALID: config('mappings: [{ name: A, trigger: "event is x" }]'),
  MAPPING_UNKNOWN_DIRECTIVE: config('mappings: [{ name: A, fields: { ip: { "@pth": $.ip } } }]'),
  MAPPING_UNKNOWN_FIELD: config('mappings: [{ name: A, fields: { ipp: { "@path": $.ip } } }]'),
  MEMBERSHIP_UNREADABLE: traits({}, { audience_name: 'vip', audience_membership: 'maybe' }),
  MEMBER_TWICE: () => {
    write('vip.csv', 'user_id,email\n0,a@example.com\n0,b@example.com\n');
    return said(['sync-audience', 'vip.csv', '--dry-run']);
  },
  MESSAGE_ID_MISSING: config(
    'mappings: [{ name: A, fields: { eventDetails: { conversiontype: x, timestamp_unixtime_ms: { "@path": $.timestamp } } } }]',
  ),
  MESSAGE_ID_REPEATED: table(
    `${HEADER},messageId`,
    ...Array.from({ length: 40 }, (_, n) => `${order(n)},shop`),
  ),
  NDJSON_INVALID: () => {
    write('e.ndjson', '{"order_id":"1"}\n{"order_id":\n');
    return said(['validate', 'e.ndjson']);
  },
  NOTHING_MATCHED: table(`${HEADER},event`, `${ROW},order_completed`),
  OPTION_CONFLICT: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv', '--out', 'x']);
  },
  NUMBER_ROUNDED: table(`${HEADER},Customer ID`, `${ROW},5.81235E+12`),
  ORDER_IDS_RARE: table(
    HEADER.replace('Order Number', 'No.'),
    ...Array.from({ length: 40 }, (_, n) => order(n)),
  ),
  ORDER_ID_REPEATED: rows((n) => order(n >> 1, `u${n}@example.com`)),
  OUT_UNWRITABLE: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv', '--dry-run', '--out', 'o.csv/x']);
  },
  PLACE_INVALID: config('source: { columns: { Email: properties.__proto__ } }'),
  PORT_UNUSABLE: () => withPort((port) => said(['serve-plugin', '--port', String(port)])),
  PROXY_INVALID: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv'], { ...CREDENTIALS, HTTPS_PROXY: 'socks5://127.0.0.1:1' });
  },
  RECORD_NOT_AN_OBJECT: () => {
    write('e.ndjson', '{"order_id":"1"}\n[1]\n');
    return said(['validate', 'e.ndjson']);
  },
  RECORD_TOO_DEEP: () => {
    write('e.ndjson', `{"order_id":"1"}\n${'{"a":'.repeat(300)}1${'}'.repeat(300)}\n`);
    return said(['validate', 'e.ndjson']);
  },
  RECORD_TOO_LARGE: () => {
    write('e.ndjson', `{"order_id":"1"}\n{"a":"${'x'.repeat(9 << 20)}"}\n`);
    return said(['validate', 'e.ndjson']);
  },
  REJECTED_STILL_UNREADABLE: () => {
    write(
      'r.ndjson',
      `${JSON.stringify({ file: 'o.csv', line: 2, reason: 'x', code: 'NDJSON_INVALID', record: '{"a":' })}\n`,
    );
    return said(['validate', 'r.ndjson']);
  },
  REJECTS_UNWRITABLE: config('', '--rejects', 'o.csv/r.ndjson'),
  REPORT_FORMAT_UNKNOWN: config('', '--report', 'r.pdf'),
  REPORT_UNWRITABLE: config('', '--report', 'o.csv/r.html'),
  RTID_RARE: rows((n) => order(n)),
  RUN_KILLED: async () => {
    await leaveInFlight();
    write('next.csv', `${HEADER}\n${order(3)}\n`);
    return sent(accept, 'next.csv');
  },
  RUN_UNKNOWN: async () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    await said(['send', 'o.csv', '--sandbox', '--state', 's']);
    return said(['runs', 'nothing', '--state', 's']);
  },
  SANDBOX_PORT_TAKEN: () => withPort((port) => said(['sandbox', '--port', String(port)])),
  SERVER_REFUSED: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return sent(() => badRequest('no'), 'o.csv');
  },
  STATE_DAMAGED: async () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    await said(['send', 'o.csv', '--sandbox', '--state', 's']);
    const segment = readdirSync(join(folder.path, 's')).find((name) => name.endsWith('.segment')) ?? '';
    truncateSync(join(folder.path, 's', segment), 100);
    return said(['send', 'o.csv', '--sandbox', '--state', 's']);
  },
  STATE_DISK_FULL: async () => {
    write('o.csv', `${HEADER}\n${Array.from({ length: 3000 }, (_, n) => order(n)).join('\n')}\n`);
    server = await startCapiServer(accept);
    return said(
      ['send', 'o.csv', '--endpoint', server.url, '--state', 's', '--rate', '100000'],
      CREDENTIALS,
      60,
    );
  },
  STATE_LOCKED: async () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    let end: () => void = () => undefined;
    const after = new Promise<void>((resolve) => {
      end = resolve;
    });
    const first = sent(() => ({ kind: 'accept', after }), 'o.csv');
    await until(() => (server?.requests.length ?? 0) > 0);
    const second = await sent(accept, 'o.csv');
    end();
    await first;
    return second;
  },
  STATE_TOO_NEW: async () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    await said(['send', 'o.csv', '--sandbox', '--state', 's']);
    const path = join('s', 'state.json');
    write(path, readFileSync(join(folder.path, path), 'utf8').replace(/"format": ?\d+/, '"format":99'));
    return said(['send', 'o.csv', '--sandbox', '--state', 's']);
  },
  STATE_UNREADABLE: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['runs', '--state', 'o.csv']);
  },
  STATE_UNWRITABLE: () => {
    write('o.csv', `${HEADER}\n${ROW}\n`);
    return said(['send', 'o.csv', '--sandbox', '--state', 'o.csv/s', '--rejects', 'r.ndjson']);
  },
  TEMPORARY_UNWRITABLE: async () => {
    audience('a.json', 2);
    const env = { TMPDIR: join(folder.path, 'nowhere') };
    const ended = await run(['sync-audience', 'a.json', '--sandbox', '--state', 's'], {
      cwd: folder.path,
      env,
    });
    return ended.stdout + ended.stderr;
  },
  TIMESTAMP_IN_FUTURE: row(/20\d\d-.*Z/.exec(ROW)?.[0] ?? '', '2099-01-01T00:00:00Z'),
  TIMESTAMP_MISSING: row(/20\d\d-.*Z/.exec(ROW)?.[0] ?? '', ''),
  TIMESTAMP_UNREADABLE: row(/20\d\d-.*Z/.exec(ROW)?.[0] ?? '', 'yesterday'),
  TIMESTAMP_WITHOUT_ZONE: row(/20\d\d-.*Z/.exec(ROW)?.[0] ?? '', time().slice(0, 19)),
  TIMES_AT_MIDNIGHT: rows((n) => order(n, undefined, '5', 'USD', time().slice(0, 10))),
  TOO_MANY_ATTRIBUTES: traits(Object.fromEntries(Array.from({ length: 101 }, (_, n) => [`t${n}`, n]))),
};

async function withPort(then: (port: number) => Promise<string>): Promise<string> {
  const taken = createServer();
  try {
    return await then(await listen(taken));
  } finally {
    taken.close();
  }
}

describe('every code', () => {
  it.each(Object.entries(PROVOCATIONS))(
    '%s can be provoked through the command line',
    async (code, provoke) => {
      expect(await provoke()).toMatch(new RegExp(`\\b${code}\\b`));
    },
  );

  it('is explained, and stands in the table of the README as it is', async () => {
    const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
    const list = await said(['explain']);
    for (const [code, { kind, meaning }] of Object.entries(CODES)) {
      expect(readme).toContain(`| \`${code}\` | ${kind} | ${meaning} |`);
      expect(list).toContain(`${meaning}\n`);
    }
    const rows = readme.match(/^\| `[A-Z0-9_]+` \| (?:error|rejected|warning) \|/gm);
    expect(rows).toHaveLength(Object.keys(CODES).length);
    expect(await said(['explain', 'timestamp_unreadable'])).toContain(CODES.TIMESTAMP_UNREADABLE.remedy);
    const skipped = await said(['explain', 'CALL_SWITCHED_OFF']);
    expect(skipped).toContain('and was skipped.\nA warning: something should be looked at.\n');
    expect(await said(['explain', 'TIMESTAMP_UNREADBLE'])).toContain('Did you mean "TIMESTAMP_UNREADABLE"?');
  });
});
