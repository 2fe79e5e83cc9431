import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { inTime } from '../helpers/in-time.js';
import { FIRST_PAID_MS, HEADER, orderRow, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, FIXTURES, run } from '../helpers/program.js';
import { signalWhen } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const orders = (count: number) => HEADER + orderRows(0, count);

const { write } = folder;

async function sendJson(args: readonly string[], env: Record<string, string> = CREDENTIALS) {
  const ended = await run(['send', ...args, '--json'], { cwd: folder.path, env });
  const result: Record<string, number | string> = ended.stdout === '' ? {} : JSON.parse(ended.stdout);
  return { ...ended, result };
}

const orderIds = () =>
  (server?.held ?? []).flatMap((batch) =>
    (batch.events ?? []).map((event) => event.data.custom_attributes.confirmationref),
  );

it('a secret that is passed as an option is refused, and not told again', async () => {
  const ended = await run(['send', 'o.csv', '--api-secret=S3CR3T'], { cwd: folder.path });
  expect(ended.code).toBe(2);
  expect(ended.stderr).toContain("unknown option '--api-secret'");
  expect(ended.stderr).not.toContain('S3CR3T');
});

describe('send --sandbox', () => {
  it('delivers the shipped orders, as the README says', async () => {
    const ended = await run(['send', join(FIXTURES, 'orders.csv'), '--sandbox'], { cwd: folder.path });
    expect(ended.code, ended.stderr).toBe(0);
    expect(ended.stdout).toMatch(/accepted +300/);
    expect(ended.stdout).toMatch(/read +300/);
    expect(readdirSync(folder.path), 'its state is thrown away').toEqual([]);
  });

  it('leads on to the real thing only where nothing was rejected', async () => {
    write('bad.csv', `${HEADER}${orderRow(1)}o-2,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`);
    const bad = await run(['send', 'bad.csv', '--sandbox'], { cwd: folder.path });
    expect(bad.stdout).toMatch(/Next:\n +\(fix the rows in that file, then\)/);
    expect(bad.stdout).not.toContain('set ROKT_CAPI_API_KEY');
    write('good.csv', HEADER + orderRow(1));
    const good = await run(['send', 'good.csv', '--sandbox'], { cwd: folder.path });
    expect(good.stdout).toContain('set ROKT_CAPI_API_KEY');
  });

  it.each(['segment-events.ndjson', 'warehouse.csv'])('delivers %s', async (name) => {
    const ended = await run(['send', join(FIXTURES, name), '--sandbox', '--json'], { cwd: folder.path });
    expect(ended.code, ended.stderr).toBe(0);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    expect(result.accepted).toBeGreaterThan(50);
    expect(result.rejected).toBe(0);
  });
});

describe('send', () => {
  it('uploads orders from several files and standard input, gzipped or not', async () => {
    server = await startCapiServer();
    write('a.csv', HEADER + orderRow(1) + orderRow(2));
    write('b.csv.gz', gzipSync(HEADER + orderRow(3)));
    const ended = await run(['send', 'a.csv', 'b.csv.gz', '-', '--endpoint', server.url], {
      cwd: folder.path,
      env: CREDENTIALS,
      input: HEADER + orderRow(4),
    });
    expect(ended.code, ended.stderr).toBe(0);
    expect(orderIds().sort()).toEqual(['o-1', 'o-2', 'o-3', 'o-4']);
  });

  it('waits quietly at a rate of less than one batch in a month', async () => {
    server = await startCapiServer();
    const { url } = server;
    write('orders.csv', orders(3));
    const { code, stderr, result } = await inTime(
      (seconds) =>
        sendJson([
          ...['orders.csv', '--endpoint', url, '--state', `state-${seconds}`],
          ...['--rate', '1e-7', '--max-duration', `${seconds}`],
        ]),
      ({ result: { accepted } }) => Number(accepted) > 0,
    );
    expect(code).toBe(5);
    expect(stderr).toBe('');
    expect(result).toMatchObject({ accepted: 1, pending: 2 });
  });

  it('hashes what the config says', async () => {
    server = await startCapiServer();
    write('rokt-capi.config.yaml', `version: 1\napi:\n  endpoint: ${server.url}\nhashing:\n  email: true\n`);
    write('orders.csv', `${HEADER}o-1, Test@Example.COM ,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`);
    const ended = await run(['send', 'orders.csv'], { cwd: folder.path, env: CREDENTIALS });
    expect(ended.code, ended.stderr).toBe(0);
    expect(server.held[0]?.user_identities).toEqual({
      other: '973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b',
    });
  });

  it('prints the five states, which add up to the records read, as one JSON object', async () => {
    server = await startCapiServer();
    write(
      'orders.csv',
      `${HEADER}${orderRow(1)}${orderRow(1)}o-2,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n${orderRow(3)}`,
    );
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(code).toBe(3);
    expect(result).toMatchObject({
      read: 4,
      accepted: 2,
      duplicate: 1,
      skipped: 0,
      rejected: 1,
      pending: 0,
      requests: 1,
      batches: 2,
      events: 2,
      retries: 0,
      dryRun: false,
      exitCode: 3,
    });
  });

  it('writes rejected rows, with file, line and reason, to a private file that can be fixed and sent', async () => {
    server = await startCapiServer();
    write('orders.csv', `${HEADER}${orderRow(1)}o-2,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`);
    const first = await sendJson(['orders.csv', '--endpoint', server.url]);
    const path = join(folder.path, String(first.result.rejects));
    expect(statSync(path).mode & 0o777).toBe(0o600);
    const rejected = JSON.parse(readFileSync(path, 'utf8'));
    expect(rejected).toMatchObject({
      file: 'orders.csv',
      line: 3,
      record: { 'Order Number': 'o-2', Email: '' },
    });
    rejected.record.Email = 'fixed@example.com';
    writeFileSync(path, `${JSON.stringify(rejected)}\n`);
    const second = await sendJson([String(first.result.rejects), '--endpoint', server.url]);
    expect(second.code, second.stderr).toBe(0);
    expect(orderIds()).toEqual(['o-1', 'o-2']);
    expect(server.held[1]?.user_identities.email).toBe('fixed@example.com');
  });

  it.each([
    [
      'JSON texts in its cells',
      'type,event,messageId,timestamp,userId,properties\n' +
        'track,Order Completed,m1,bad,u1,"{""order_id"":""o1"",""revenue"":12.5,""currency"":""USD"",""email"":""a@example.com""}"\n',
    ],
    [
      "Excel's apostrophes before its ids",
      "event,messageId,timestamp,userId\nOrder Completed,'0001,bad,'0042\n",
    ],
  ])('sends of a fixed rejects file the batch of the fixed table, of one with %s', async (_, table) => {
    const dry = async (file: string, out: string): Promise<string> => {
      const rejects = ['--rejects', `${out}.rejects`];
      await run(['send', file, '--dry-run', '--no-state', ...rejects, '--out', out], { cwd: folder.path });
      return readFileSync(join(folder.path, out), 'utf8');
    };
    const fix = (text: string): string => text.replace('bad', new Date(FIRST_PAID_MS).toISOString());
    write('table.csv', table);
    expect(await dry('table.csv', 'none')).toBe('');
    write('rejects.ndjson', fix(readFileSync(join(folder.path, 'none.rejects'), 'utf8')));
    write('table.csv', fix(table));
    const expected = await dry('table.csv', 'table.out');
    expect(expected).not.toBe('');
    expect(await dry('rejects.ndjson', 'rejects.out')).toBe(expected);
  });

  it.each([
    [
      'a row',
      'orders.csv',
      (name: string) => `${HEADER}${orderRow(1).replace(/\n$/, '')}\n${orderRow(2).replace('o-2', name)}`,
    ],
    [
      'a line',
      'orders.ndjson',
      (name: string) =>
        `${JSON.stringify({ 'Order Number': name, Email: 'a@example.com', 'Paid at': new Date(FIRST_PAID_MS).toISOString() })}\n`,
    ],
  ])('takes %s that was no UTF-8 out of a rejects file only once it was fixed', async (_, file, content) => {
    write(file, Buffer.from(content('J\xfcrgen'), 'latin1'));
    const dry = async (name: string, next: string) =>
      JSON.parse(
        (
          await run(['send', name, '--dry-run', '--no-state', '--rejects', next, '--json'], {
            cwd: folder.path,
          })
        ).stdout,
      );
    const rejects = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
    expect(await dry(file, 'r1')).toMatchObject({ rejected: 1, rejections: [{ code: 'INPUT_NOT_UTF8' }] });
    for (const [from, to] of [
      ['r1', 'r2'],
      ['r2', 'r3'],
    ] as const) {
      const again = await dry(from, to);
      expect(again).toMatchObject({ accepted: 0, rejections: [{ code: 'REJECTED_STILL_UNREADABLE' }] });
      expect(JSON.parse(rejects(to)).record).toEqual(JSON.parse(rejects('r1')).record);
    }
    write('fixed', rejects('r3').replace('\ufffd', 'ü'));
    expect(await dry('fixed', 'none')).toMatchObject({ accepted: 1, rejected: 0 });
    const { record, ...rest } = JSON.parse(rejects('r1'));
    const object = {
      'Order Number': 'J\ufffdrgen',
      Email: 'a@example.com',
      'Paid at': new Date(FIRST_PAID_MS),
    };
    write('object', JSON.stringify({ ...rest, record: object }));
    expect(await dry('object', 'r4')).toMatchObject({ rejections: [{ code: 'REJECTED_STILL_UNREADABLE' }] });
    write('fixed', rejects('r4').replace('\ufffd', 'ü'));
    expect(await dry('fixed', 'none')).toMatchObject({ accepted: 1, rejected: 0 });
  });

  it('stands a failing server: every third request 500, every seventh connection cut, one row refused', async () => {
    server = await startCapiServer((number, request) => {
      if (number % 3 === 0) return { kind: 'answer', status: 500 };
      const refused = request.body.includes('"o-777"');
      if (number % 7 === 0) return { kind: refused ? 'drop' : 'accept-and-drop' };
      return refused ? badRequest('events[0] is refused') : { kind: 'accept' };
    });
    write('orders.csv', orders(2_000));
    const { code, result, stderr } = await sendJson([
      'orders.csv',
      '--endpoint',
      server.url,
      '--rate',
      '100000',
    ]);
    expect(code, stderr).toBe(3);
    expect(result).toMatchObject({ read: 2_000, accepted: 1_999, rejected: 1, pending: 0 });
    expect(new Set(orderIds()).size).toBe(1_999);
    expect(server.held).toHaveLength(1_999);
    const rejected = JSON.parse(readFileSync(join(folder.path, String(result.rejects)), 'utf8'));
    expect(rejected).toMatchObject({
      line: 779,
      code: 'SERVER_REFUSED',
      record: { 'Order Number': 'o-777' },
    });
    expect(rejected.reason).toContain('events[0] is refused');
  });

  it('names a row that is rejected by its file, line, column and reason', async () => {
    const time = new Date(Date.now() - 86_400_000).toISOString();
    const rows = [
      'Order Number,Paid at,Created at,Email,Total',
      `1,${time},,a@example.com,ten`,
      `2,yesterday,${time},b@example.com,10`,
      '3,,tomorrow,c@example.com,10',
      `4,${time},,d@example.com,10`,
    ];
    write('orders.csv', `${rows.join('\n')}\n`);
    const args = ['send', 'orders.csv', '--dry-run', '--no-state', '--rejects', 'r.ndjson'];
    const ended = await run(args, { cwd: folder.path });
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('at orders.csv:3 (Paid at), orders.csv:4 (Created at)\n');
    expect(ended.stdout).toContain('at orders.csv:2 (Total)\n');
    const rejects = readFileSync(join(folder.path, 'r.ndjson'), 'utf8').trim().split('\n');
    expect(rejects.map((line) => JSON.parse(line))).toMatchObject([
      { file: 'orders.csv', line: 2, column: 'Total', code: 'AMOUNT_UNREADABLE' },
      { file: 'orders.csv', line: 3, column: 'Paid at', code: 'TIMESTAMP_UNREADABLE' },
      { file: 'orders.csv', line: 4, column: 'Created at', code: 'TIMESTAMP_UNREADABLE' },
    ]);
  });

  it('keeps to 270 batches a second, and is not answered 429', async () => {
    server = await startCapiServer();
    write('orders.csv', orders(810));
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(code).toBe(0);
    expect(result).toMatchObject({ accepted: 810, throttled: 0 });
    // How many there are in each second is seen in simulated time (pacer.test.ts): here the machine may be busy, and
    // stand still while the first request arrives; that makes a run longer only.
    expect(result.durationMs).toBeGreaterThan(2_300);
  });

  it('of two events of one user in one batch, of which the server refuses one, delivers the other, and only once', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('"o-2"') ? badRequest('no') : { kind: 'accept' },
    );
    write('orders.csv', HEADER + orderRow(1, 7) + orderRow(2, 7) + orderRow(3));
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(server.requests[0]?.batches.map(({ events = [] }) => events.length)).toEqual([2, 1]);
    expect([code, result]).toEqual([3, expect.objectContaining({ accepted: 2, rejected: 1 })]);
    expect(orderIds()).toEqual(['o-1', 'o-3']);
    const again = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(again.result).toMatchObject({ duplicate: 2, rejected: 1, requests: 1 });
  });

  it('delivers a record whose twin the server refused: neither is a duplicate of nothing', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('"bad"') ? badRequest('no') : { kind: 'accept' },
    );
    const time = new Date(FIRST_PAID_MS).toISOString();
    write(
      'orders.csv',
      `messageId,email,order_id,timestamp\nm,a@example.com,bad,${time}\nm,a@example.com,good,${time}\n`,
    );
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(code).toBe(3);
    expect(result).toMatchObject({ read: 2, accepted: 1, duplicate: 0, rejected: 1 });
    expect(orderIds()).toEqual(['good']);
  });

  it('stops early, with exit code 5, when more records are rejected than --max-rejects allows', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + 'o-x,,1,USD,2026-01-01T00:00:00Z\n'.repeat(50));
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url, '--max-rejects', '10']);
    expect(code).toBe(5);
    expect(result.stopped).toContain('--max-rejects');
  });

  it('knows before it sends that the rejects file could not be written', async () => {
    server = await startCapiServer();
    write('orders.csv', orders(3));
    write('file', '');
    const { code, stderr } = await sendJson([
      'orders.csv',
      '--endpoint',
      server.url,
      '--rejects',
      'file/rejects.ndjson',
    ]);
    expect([code, server.requests.length]).toEqual([2, 0]);
    expect(stderr).toContain('REJECTS_UNWRITABLE');
  });

  it('stops at once when the credentials are refused, with exit code 4', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 403 }));
    write('orders.csv', orders(500));
    const { code, result } = await sendJson(['orders.csv', '--endpoint', server.url]);
    expect(code).toBe(4);
    expect(result).toMatchObject({ read: 500, accepted: 0, pending: 500 });
    expect(readdirSync(join(folder.path, '.rokt-capi')).sort(), 'nothing is left half-written').toEqual([
      'runs',
      'state.json',
    ]);
  });

  it('takes nothing for delivered that a web page answered, as a login of the network does, with exit code 5', async () => {
    let loggedIn = false;
    const headers = { 'content-type': 'text/html' };
    const page = { kind: 'answer', status: 200, headers, body: '<html>Please log in' } as const;
    server = await startCapiServer(() => (loggedIn ? { kind: 'accept' } : page));
    write('orders.csv', orders(50));
    const args = ['orders.csv', '--endpoint', server.url];
    const first = await sendJson(args);
    expect(first.code).toBe(5);
    expect(first.result).toMatchObject({ read: 50, accepted: 0, pending: 50 });
    expect(first.result.stopped).toContain('a web page answered (200)');
    loggedIn = true;
    const second = await sendJson(args);
    expect(second.code, second.stderr).toBe(0);
    expect(second.result).toMatchObject({ read: 50, accepted: 50 });
    expect(server.held).toHaveLength(50);
  });

  it('finishes requests in flight at the first Ctrl-C, and leaves the rest pending', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 300 }));
    write('orders.csv', orders(5_000));
    const ended = await run(['send', 'orders.csv', '--endpoint', server.url, '--json'], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: signalWhen(() => (server?.requests.length ?? 0) >= 2, 'SIGINT'),
    });
    expect(ended.code).toBe(130);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    expect(result.accepted).toBe(server.held.length);
    expect(result.pending).toBeGreaterThan(0);
    expect((result.accepted ?? 0) + (result.pending ?? 0)).toBe(result.read);
  });

  it('leaves nothing half-written when it is killed', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
    write(
      'orders.csv',
      HEADER + 'o-x,,1,USD,2026-01-01T00:00:00Z\n'.repeat(50) + orders(3_000).slice(HEADER.length),
    );
    const ended = await run(
      ['send', 'orders.csv', '--endpoint', server.url, '--rejects', 'rejected.ndjson'],
      {
        cwd: folder.path,
        env: CREDENTIALS,
        onStart: signalWhen(() => (server?.requests.length ?? 0) >= 3, 'SIGKILL'),
      },
    );
    expect(ended.signal).toBe('SIGKILL');
    expect(readdirSync(folder.path).sort()).toEqual(['.rokt-capi', 'orders.csv']);
  });

  it('puts neither secrets nor personal data into its messages', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('user1@') ? badRequest('bad: user1@example.com') : { kind: 'accept' },
    );
    write('orders.csv', `${HEADER}${orderRow(1)}o-9,secret.person@example.com,x,USD,never\n`);
    const ended = await run(['send', 'orders.csv', '--endpoint', server.url], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect(ended.code).toBe(3);
    const printed = ended.stdout + ended.stderr;
    for (const text of ['example.com', 'never', 'test-key', 'test-secret'])
      expect(printed).not.toContain(text);
  });
});

describe('send --dry-run', () => {
  it('needs no credentials, writes the batches as they would be sent, and sends nothing', async () => {
    server = await startCapiServer();
    write('orders.csv', orders(50));
    const dry = await run(['send', 'orders.csv', '--dry-run', '--out', 'out.ndjson', '--json'], {
      cwd: folder.path,
    });
    expect(dry.code, dry.stderr).toBe(0);
    expect(JSON.parse(dry.stdout)).toMatchObject({
      read: 50,
      accepted: 50,
      requests: 0,
      batches: 50,
      dryRun: true,
    });
    expect(server.requests).toHaveLength(0);
    await sendJson(['orders.csv', '--endpoint', server.url]);
    const written = readFileSync(join(folder.path, 'out.ndjson'), 'utf8').trimEnd().split('\n');
    expect(written.map((line) => JSON.parse(line))).toEqual(
      server.requests.flatMap((request) => request.batches),
    );
  });

  it("takes a mapping as a Segment workspace holds it, with the settings of Segment's own delivery in it", async () => {
    write('orders.csv', orders(3));
    const fields = {
      ip: { '@path': '$.context.ip' },
      enable_batching: true,
      batch_size: 100,
    };
    write(
      'copied.json',
      JSON.stringify({ version: 1, mappings: [{ name: 'Send', preset: 'send', fields }] }),
    );
    const dryRun = async (...args: string[]) => {
      const ended = await run(['send', 'orders.csv', '--dry-run', ...args], { cwd: folder.path });
      expect(ended.code, ended.stderr).toBe(0);
      return ended.stdout;
    };
    await dryRun('--out', 'copied.ndjson', '--config', 'copied.json');
    await dryRun('--out', 'plain.ndjson');
    const [copied, plain] = ['copied.ndjson', 'plain.ndjson'].map((name) =>
      readFileSync(join(folder.path, name), 'utf8'),
    );
    expect(copied).toBe(plain);
    expect(await dryRun('--show', '2', '--config', 'copied.json')).not.toContain('batch_size');
  });

  it('makes the same batches of a slow pipe as of a file', async () => {
    const text = readFileSync(join(FIXTURES, 'segment-events.ndjson'), 'utf8')
      .repeat(3)
      .replaceAll('ajs-next', (_, at: number) => `at-${at}`);
    write('events.ndjson', text);
    await run(['send', 'events.ndjson', '--dry-run', '--out', 'a.ndjson'], { cwd: folder.path });
    await run(['send', '-', '--dry-run', '--out', 'b.ndjson'], {
      cwd: folder.path,
      onStart: ({ stdin }) => {
        for (let at = 0; at < text.length; at += 9_999) stdin?.write(text.slice(at, at + 9_999));
        stdin?.end();
      },
    });
    const [a, b] = ['a.ndjson', 'b.ndjson'].map((name) => readFileSync(join(folder.path, name), 'utf8'));
    expect(a?.length).toBeGreaterThan(10_000);
    expect(b).toBe(a);
  });

  it('accounts for every row of a file with everything wrong with it', async () => {
    const ended = await run(['validate', join(FIXTURES, 'everything-wrong.csv'), '--json'], {
      cwd: folder.path,
    });
    expect(ended.code, ended.stderr).toBe(3);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    const states = ['accepted', 'duplicate', 'skipped', 'rejected', 'pending'].map(
      (state) => result[state] ?? 0,
    );
    expect(states.reduce((sum, count) => sum + count, 0)).toBe(result.read);
    expect(result.rejected).toBeGreaterThan(8);
    expect(result.accepted).toBeGreaterThan(5);
  });
});

describe('--quiet', () => {
  it('prints nothing when all is well, and the summary on standard error when it is not', async () => {
    server = await startCapiServer();
    write('good.csv', orders(2));
    write('bad.csv', `${HEADER}o-1,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`);
    const quietly = (file: string) =>
      run(['send', file, '--endpoint', server?.url ?? '', '--quiet'], { cwd: folder.path, env: CREDENTIALS });
    expect(await quietly('good.csv')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await quietly('bad.csv')).toMatchObject({
      code: 3,
      stdout: '',
      stderr: expect.stringContaining('IDENTIFIER_MISSING'),
    });
  });

  it.each([
    ['the upstream job has failed, and left an empty file', '', 'INPUT_EMPTY'],
    [
      'the events are called otherwise',
      orders(2).replace(HEADER, `${HEADER.trim()},event\n`).replaceAll('Z\n', 'Z,order_done\n'),
      'NOTHING_MATCHED',
    ],
    [
      'a column that the config names has another name',
      orders(2).replace('Total', 'Grand total'),
      'COLUMN_MISSING',
    ],
  ])('prints the summary of a run that is no success but for its exit code: %s', async (_, content, code) => {
    server = await startCapiServer();
    write('rokt-capi.config.yaml', 'version: 1\nsource: { columns: { Total: properties.revenue } }\n');
    write('o.csv', content);
    const args = ['send', 'o.csv', '--endpoint', server.url, '--quiet'];
    const ended = await run(args, { cwd: folder.path, env: CREDENTIALS });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: expect.stringContaining(code) });
  });

  it('prints nothing of a night without orders', async () => {
    server = await startCapiServer();
    write('o.csv', HEADER);
    write('also.csv', '');
    const args = ['send', 'o.csv', 'also.csv', '--endpoint', server.url, '--quiet'];
    const ended = await run(args, { cwd: folder.path, env: CREDENTIALS });
    expect(ended).toMatchObject({ code: 0, stdout: '', stderr: '' });
  });
});

describe('wrong usage', () => {
  it.each([
    ['no file', ['send'], ''],
    ['a file that is not there', ['send', 'none.csv', '--dry-run'], 'none.csv'],
    ['missing credentials', ['send', 'orders.csv'], 'ROKT_CAPI_API_KEY'],
    [
      'plain HTTP to elsewhere',
      ['send', 'orders.csv', '--endpoint', 'http://example.com/v2'],
      'ENDPOINT_NOT_SECURE',
    ],
    ['--out without --dry-run', ['send', 'orders.csv', '--out', 'x', '--sandbox'], '--dry-run'],
    ['a tolerance of nothing', ['validate', 'orders.csv', '--tolerance', '5%'], '--baseline'],
  ])('%s: exit code 2, a sentence and no stack trace', async (_, args, text) => {
    write('orders.csv', orders(1));
    const ended = await run(args, { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(text);
    expect(ended.stderr).not.toMatch(/^\s+at /m);
    expect(ended.stdout).toBe('');
  });

  it.each([
    ['a field', 'eventDetials:\n        amount: 1', 'did you mean "eventDetails"'],
    ['a directive', 'rtid:\n        "@pth":\n          { "@path": $.x }', 'did you mean "@path"', 6],
    ['an option', 'rtid: { "@case": {\n        operater:\n          lower } }', 'did you mean "operator"', 6],
  ])(
    '%s of a mapping that there is not is reported with its own line, not that of its value',
    async (_, yaml, hint, line = 5) => {
      write('rokt-capi.config.yaml', `version: 1\nmappings:\n  - name: A\n    fields:\n      ${yaml}\n`);
      write('orders.csv', orders(1));
      const ended = await run(['send', 'orders.csv', '--dry-run'], { cwd: folder.path });
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain(`rokt-capi.config.yaml:${line}:`);
      expect(ended.stderr.toLowerCase()).toContain(hint.toLowerCase());
    },
  );
});
