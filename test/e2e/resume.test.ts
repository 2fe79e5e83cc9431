import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Behaviour, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { clockAhead } from '../helpers/clock.js';
import { useFolder } from '../helpers/folder.js';
import { inTime } from '../helpers/in-time.js';
import { FIRST_PAID_MS, HEADER, orderRow, orderRows } from '../helpers/orders.js';
import { BIN, CREDENTIALS, run } from '../helpers/program.js';
import { signalWhen, until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const { write } = folder;

async function send(
  args: readonly string[],
  onStart?: (child: ChildProcess) => void,
  env: Record<string, string> = {},
) {
  const ended = await run(['send', ...args, '--endpoint', server?.url ?? '', '--rate', '100000', '--json'], {
    cwd: folder.path,
    env: { ...CREDENTIALS, ...env },
    ...(onStart === undefined ? {} : { onStart }),
  });
  const result: Record<string, number | string> = ended.stdout === '' ? {} : JSON.parse(ended.stdout);
  return { ...ended, result };
}

/** Sends `signal` once the server has read this many requests. */
const signalAfter = (requests: number, signal: NodeJS.Signals) =>
  signalWhen(() => (server?.requests.length ?? 0) >= requests, signal);

/** Has a run of such a file killed while the server, which has its first request, does not answer; it answers all others. */
async function leaveInFlight(file: string, content: string): Promise<CapiServer> {
  server = await startCapiServer((n) => ({ kind: n === 1 ? 'accept-and-hang' : 'accept' }));
  write(file, content);
  await send([file], signalAfter(1, 'SIGKILL'));
  return server;
}

const heldIds = (): unknown[] =>
  (server?.held ?? []).flatMap((batch) =>
    (batch.events ?? []).map((event) => event.data.custom_attributes.confirmationref),
  );
const eachOnce = (from: number, to: number): string[] =>
  Array.from({ length: to - from }, (_, n) => `o-${from + n}`).sort();

describe('sending again', () => {
  it('a finished file: all duplicate, no request', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 50));
    await send(['orders.csv']);
    const requests = server.requests.length;
    const again = await send(['orders.csv']);
    expect(again.code).toBe(0);
    expect(again.result).toMatchObject({ read: 50, accepted: 0, duplicate: 50, requests: 0 });
    expect(server.requests).toHaveLength(requests);
  });

  it('an overlapping export: only the new rows, whatever its batches are', async () => {
    server = await startCapiServer();
    write('monday.csv', HEADER + [1, 2, 3].map((n) => orderRow(n, 7)).join(''));
    write('tuesday.csv', HEADER + [2, 3, 4, 5].map((n) => orderRow(n, 7)).join(''));
    await send(['monday.csv']);
    const { result } = await send(['tuesday.csv']);
    expect(result).toMatchObject({ read: 4, accepted: 2, duplicate: 2 });
    expect(heldIds().sort()).toEqual(eachOnce(1, 6));
  });

  it('a file that two mappings make the same batches of: all duplicate, and no batch under another id', async () => {
    server = await startCapiServer();
    write(
      'rokt-capi.config.yaml',
      'version: 1\nmappings: [{ name: A, preset: send }, { name: B, preset: send }]\n',
    );
    write('orders.csv', HEADER + orderRow(1, 7));
    await send(['orders.csv']);
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 0, duplicate: 1, requests: 0 });
    write('orders.csv', HEADER + orderRow(1, 7) + orderRow(2, 7));
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 1, duplicate: 1 });
    expect(heldIds().sort()).toEqual(['o-1', 'o-2']);
  });

  it('with --resend: everything, as the same batches', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 5));
    await send(['orders.csv']);
    const { result } = await send(['orders.csv', '--resend']);
    expect(result).toMatchObject({ accepted: 5, duplicate: 0 });
    expect([server.held.length, server.duplicates]).toEqual([5, 5]);
  });

  it('with --resend: what is twice in a large file once, and a dry run counts it so', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3_000) + orderRow(0));
    await send(['orders.csv']);
    for (const dry of [['--dry-run'], []]) {
      const { result } = await send(['orders.csv', '--resend', ...dry]);
      expect(result).toMatchObject({ accepted: 3_000, duplicate: 1, batches: 3_000 });
    }
  });

  it('with --no-state: everything, and nothing is left behind', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 5));
    for (let n = 0; n < 2; n += 1) {
      expect((await send(['orders.csv', '--no-state'])).result).toMatchObject({ accepted: 5 });
    }
    expect(readdirSync(folder.path)).toEqual(['orders.csv']);
  });

  it('what a user is once more, after something else in between: under an id that the server has not seen', async () => {
    server = await startCapiServer();
    const names = ['Ann', 'Bob', 'Ann'];
    for (const [night, first_name] of names.entries()) {
      const timestamp = new Date(Date.now() - (3 - night) * 86_400_000).toISOString();
      const call = { type: 'identify', messageId: `i-${night}`, userId: 'u1', timestamp };
      write(`${night}.ndjson`, `${JSON.stringify({ ...call, traits: { first_name } })}\n`);
      expect((await send([`${night}.ndjson`])).result).toMatchObject({ accepted: 1, batches: 1 });
    }
    expect(server.held.map(({ user_attributes: { firstname } }) => firstname)).toEqual(names);
    expect((await send(['1.ndjson', '--resend'])).result).toMatchObject({ accepted: 1, batches: 1 });
    expect(server.held).toHaveLength(3);
  });

  it('a corrected row with the same id: a duplicate, unless delivery.resendChanged', async () => {
    server = await startCapiServer();
    const text = (total: number) => `messageId,${HEADER}m-1,${orderRow(1, 1, total)}m-2,${orderRow(2)}`;
    write('orders.csv', text(10));
    await send(['orders.csv']);
    write('orders.csv', text(20));
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 0, duplicate: 2 });
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  resendChanged: true\n');
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 1, duplicate: 1 });
    expect(server.held.at(-1)?.events?.[0]?.data.custom_attributes.amount).toBe(20.5);
  });

  it('with resendChanged, each content of a record once, though exports hold both, or an old one comes again', async () => {
    server = await startCapiServer();
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  resendChanged: true\n');
    const text = (...totals: number[]) =>
      `messageId,${HEADER}${totals.map((total) => `m-1,${orderRow(1, 1, total)}`).join('')}`;
    write('old.csv', text(10));
    write('both.csv', text(10, 20));
    expect((await send(['old.csv'])).result).toMatchObject({ accepted: 1 });
    expect((await send(['both.csv'])).result).toMatchObject({ accepted: 1, duplicate: 1 });
    for (const name of ['both.csv', 'old.csv', 'both.csv']) {
      expect((await send([name])).result).toMatchObject({ accepted: 0, pending: 0, requests: 0 });
    }
    write('new.csv', `messageId,${HEADER}m-2,${orderRow(2, 2, 10)}m-2,${orderRow(2, 2, 20)}`);
    expect((await send(['new.csv'])).result).toMatchObject({ accepted: 2 });
    expect((await send(['new.csv'])).result).toMatchObject({ duplicate: 2, requests: 0 });
    expect((await send(['new.csv', '--resend'])).result).toMatchObject({ accepted: 2 });
    expect((await send(['old.csv', '--resend'])).result).toMatchObject({ accepted: 1 });
    expect(server.duplicates).toBe(3);
  });

  it('with resendChanged, a corrected record that was in flight with another: the very same batch', async () => {
    server = await startCapiServer((n) => ({ kind: n === 2 ? 'accept-and-hang' : 'accept' }));
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  resendChanged: true\n');
    const text = (total: number) => `messageId,${HEADER}m-1,${orderRow(1, 7, total)}`;
    write('orders.csv', text(10));
    await send(['orders.csv']);
    write('orders.csv', `${text(20)}m-2,${orderRow(2, 7)}`);
    await send(['orders.csv'], signalAfter(2, 'SIGKILL'));
    const again = await send(['orders.csv']);
    expect([again.code, again.result]).toEqual([0, expect.objectContaining({ accepted: 2, rejected: 0 })]);
    expect([server.held.length, server.duplicates]).toEqual([2, 1]);
  });

  it('with a state from a backup: nothing twice, where the files since then come again before a newer one that has their rows too', async () => {
    server = await startCapiServer();
    const state = join(folder.path, '.rokt-capi');
    const backup = join(folder.path, 'backup');
    const sendRows = async (rows: string) => send([write('week.csv', HEADER + rows)]);
    await sendRows(orderRow(1, 7));
    cpSync(state, backup, { recursive: true });
    await sendRows(orderRow(1, 7) + orderRow(2, 7));
    rmSync(state, { recursive: true });
    renameSync(backup, state);
    const again = await sendRows(orderRow(1, 7) + orderRow(2, 7));
    expect(again.result).toMatchObject({ accepted: 1, duplicate: 1 });
    const newer = await sendRows(orderRow(1, 7) + orderRow(2, 7) + orderRow(3, 7));
    expect(newer.result).toMatchObject({ accepted: 1, duplicate: 2 });
    expect(heldIds().sort()).toEqual(eachOnce(1, 4));
    expect(server.duplicates).toBe(1);
  });

  it('after delivery.rememberFor, once runs on three days agree that it is over: everything', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    write('other.csv', HEADER + orderRows(3, 4));
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  rememberFor: 30d\n');
    const on = (day: number, file: string) => send([file], undefined, clockAhead(day));
    for (const day of [0, 31, 32]) await on(day, 'other.csv');
    expect((await on(0, 'orders.csv')).result).toMatchObject({ accepted: 3 });
    for (const day of [31, 32]) {
      expect((await on(day, 'orders.csv')).result).toMatchObject({ accepted: 0, duplicate: 3 });
    }
    expect((await on(33, 'orders.csv')).result).toMatchObject({ accepted: 3, duplicate: 0 });
  });

  it('after a delivery.rememberFor of less than three days: everything, at once', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  rememberFor: 2d\n');
    await send(['orders.csv']);
    const { result } = await send(['orders.csv'], undefined, clockAhead(3));
    expect(result).toMatchObject({ accepted: 3, duplicate: 0 });
  });

  it('with a clock that is a year ahead for one night: nothing twice, that night or the next', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv']);
    for (const day of [365, 365, 1, 2]) {
      const { result } = await send(['orders.csv'], undefined, clockAhead(day));
      expect([day, result]).toEqual([day, expect.objectContaining({ duplicate: 3, requests: 0 })]);
    }
    expect(server.requests).toHaveLength(1);
  });

  it('to another account or environment: everything', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv']);
    write('rokt-capi.config.yaml', 'version: 1\napi:\n  environment: development\n');
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 3 });
  });

  it('with a new API key: nothing, where ROKT_CAPI_ACCOUNT names the one before', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv']);
    const renewed = { ROKT_CAPI_API_KEY: 'new-key', ROKT_CAPI_ACCOUNT: CREDENTIALS.ROKT_CAPI_API_KEY };
    write('orders.csv', HEADER + orderRows(1, 4));
    const dry = await run(['validate', 'orders.csv', '--endpoint', server.url, '--json'], {
      cwd: folder.path,
      env: renewed,
    });
    expect(JSON.parse(dry.stdout)).toMatchObject({ accepted: 1, duplicate: 2 });
    expect((await send(['orders.csv'], undefined, renewed)).result).toMatchObject({
      accepted: 1,
      duplicate: 2,
    });
    const users = server.requests.map(({ authorization }) =>
      Buffer.from(authorization?.split(' ')[1] ?? '', 'base64'),
    );
    expect(users.map((user) => user.toString().split(':')[0])).toEqual(['test-key', 'new-key']);
    expect((await send(['orders.csv'], undefined, { ROKT_CAPI_API_KEY: 'new-key' })).result).toMatchObject({
      accepted: 3,
    });
  });

  it('a dry run knows what was delivered, with or without credentials, and writes no state', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv']);
    write('more.csv', HEADER + orderRows(1, 6));
    const before = readdirSync(join(folder.path, '.rokt-capi'), { recursive: true });
    for (const env of [{}, CREDENTIALS]) {
      const dry = await run(['send', 'more.csv', '--dry-run', '--endpoint', server.url, '--json'], {
        cwd: folder.path,
        env,
      });
      expect(JSON.parse(dry.stdout)).toMatchObject({ accepted: 3, duplicate: 2 });
    }
    expect(readdirSync(join(folder.path, '.rokt-capi'), { recursive: true })).toEqual(before);
  });

  it('a dry run without credentials says that it cannot know which of two accounts is meant', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    write('vip.csv', 'user_id\nu1\n');
    await send(['orders.csv']);
    const dry = async (env: Record<string, string>, ...args: string[]) => {
      const { stdout } = await run([...args, '--dry-run', '--endpoint', server?.url ?? '', '--json'], {
        cwd: folder.path,
        env,
      });
      return JSON.parse(stdout);
    };
    expect(await dry({}, 'send', 'orders.csv'), 'there is one').toMatchObject({ duplicate: 3, warnings: [] });
    write('one.csv', HEADER + orderRow(0));
    const other = { ...CREDENTIALS, ROKT_CAPI_API_KEY: 'other-key' };
    await send(['one.csv'], undefined, other);
    const warning = { code: 'ACCOUNT_UNKNOWN' };
    for (const args of [
      ['send', 'orders.csv'],
      ['send', 'orders.csv', '--show', '3'],
      ['sync-audience', 'vip.csv'],
    ])
      expect((await dry({}, ...args)).warnings, args.join(' ')).toMatchObject([warning]);
    expect(await dry(other, 'send', 'orders.csv')).toMatchObject({ accepted: 2, duplicate: 1, warnings: [] });
    write('new.csv', HEADER + orderRows(5, 7));
    expect(await dry({}, 'send', 'new.csv'), 'no account has it').toMatchObject({
      accepted: 2,
      warnings: [],
    });
  });

  it('to the sandbox with a state of its own: knows the earlier run', async () => {
    write('orders.csv', HEADER + orderRows(0, 3));
    const sandbox = () =>
      run(['send', 'orders.csv', '--sandbox', '--state', 'rehearsal', '--json'], { cwd: folder.path });
    expect(JSON.parse((await sandbox()).stdout)).toMatchObject({ accepted: 3 });
    expect(JSON.parse((await sandbox()).stdout)).toMatchObject({ accepted: 0, duplicate: 3 });
  });
});

describe('after a run that ended early', () => {
  it('a killed run: only the rest is sent, and what was in flight with the same bytes', async () => {
    // The 14th request comes only when one of those that wait is answered: by then the first five are long recorded.
    let isFirstRun = true;
    server = await startCapiServer((number) => ({
      kind: 'accept',
      delayMs: isFirstRun && number > 5 ? 1_000 : 0,
    }));
    // Ten orders a user, so that they share batches.
    write(
      'orders.csv',
      HEADER + Array.from({ length: 3_000 }, (_, n) => orderRow(n, Math.floor(n / 10))).join(''),
    );
    const killed = await send(['orders.csv', '--concurrency', '8'], signalAfter(14, 'SIGKILL'));
    expect(killed.signal).toBe('SIGKILL');
    isFirstRun = false;
    const { code, result } = await send(['orders.csv']);
    expect(code).toBe(0);
    expect(result).toMatchObject({ read: 3_000, pending: 0, rejected: 0 });
    expect(result.duplicate).toBeGreaterThan(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 3_000));
  });

  it('a killed run: the next one of another file tells once which file was left, also with --quiet', async () => {
    server = await startCapiServer((n) => ({ kind: n <= 2 ? 'accept-and-hang' : 'accept' }));
    for (const [night, name] of ['monday.csv', 'tuesday.csv', 'wednesday.csv', 'thursday.csv'].entries()) {
      write(name, HEADER + orderRows(night * 3, night * 3 + 3));
    }
    await send(['monday.csv'], signalAfter(1, 'SIGKILL'));
    await send(['tuesday.csv'], signalAfter(2, 'SIGKILL'));
    const quiet = (file: string) =>
      run(['send', file, '--endpoint', server?.url ?? '', '--quiet'], { cwd: folder.path, env: CREDENTIALS });
    const first = await quiet('wednesday.csv');
    expect([first.code, first.stdout]).toEqual([0, '']);
    expect(first.stderr).toMatch(/RUN_KILLED.*\n?.*monday\.csv.*tuesday\.csv/);
    expect(await quiet('thursday.csv')).toMatchObject({ code: 0, stderr: '' });
    for (const file of ['monday.csv', 'tuesday.csv'])
      expect((await send([file])).result).toMatchObject({ accepted: 3 });
    expect(heldIds().sort()).toEqual(eachOnce(0, 12));
  });

  it('a run killed before it had sent anything: the next one tells of it where the file holds something else now', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    // A share of rejects is judged once there are 1,000 records, and nothing is sent before.
    await run(['send', 'orders.csv', '-', '--endpoint', server.url, '--max-rejects', '50%'], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: async (child) => {
        child.stdin?.write(HEADER + orderRows(3, 6));
        const runs = join(folder.path, '.rokt-capi/runs');
        await until(() => existsSync(runs) && readdirSync(runs).some((name) => name.endsWith('.json')));
        child.kill('SIGKILL');
      },
    });
    expect(server.requests).toEqual([]);
    write('orders.csv', HEADER + orderRows(6, 9));
    expect((await send(['orders.csv'])).result.warnings).toMatchObject([
      { code: 'RUN_KILLED', places: [{ file: 'orders.csv' }, { file: '-' }] },
    ]);
  });

  it('a killed run: no half-written file of it is left, least of all one with personal data', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
    write('orders.csv', HEADER + orderRows(0, 3_000));
    await send(['orders.csv'], signalAfter(2, 'SIGKILL'));
    const state = join(folder.path, '.rokt-capi');
    const [record = ''] = readdirSync(join(state, 'runs'));
    const { id } = JSON.parse(readFileSync(join(state, 'runs', record), 'utf8'));
    const left = [
      `rejects/${id}.ndjson.${id}.partial`,
      'audiences/vip.members.99.partial',
      `runs/${record}.99.partial`,
    ];
    // A dry run does not hold the state, and may be writing just now.
    const ofDryRun = 'rejects/20260301T021500Z-abcd.ndjson.99.partial';
    for (const name of [...left, ofDryRun]) {
      mkdirSync(dirname(join(state, name)), { recursive: true });
      writeFileSync(join(state, name), 'user1@example.com');
    }
    expect((await send(['orders.csv'])).code).toBe(0);
    expect(left.filter((name) => existsSync(join(state, name)))).toEqual([]);
    expect(existsSync(join(state, ofDryRun))).toBe(true);
  });

  it.each(['r.ndjson', 'latest.ndjson'])(
    'a run that was killed while it wrote its rejects where --rejects said: nothing half-written is left there: %s',
    async (name) => {
      server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
      write('orders.csv', HEADER + orderRows(0, 3_000));
      mkdirSync(join(folder.path, 'sub'));
      symlinkSync('sub/real.ndjson', join(folder.path, 'latest.ndjson'));
      await send(['orders.csv', '--rejects', name], signalAfter(2, 'SIGKILL'));
      const runs = join(folder.path, '.rokt-capi', 'runs');
      const [record = ''] = readdirSync(runs);
      const { id } = JSON.parse(readFileSync(join(runs, record), 'utf8'));
      const file = name === 'r.ndjson' ? name : 'sub/real.ndjson';
      const others = `${file}.99.partial`;
      for (const left of [`${file}.${id}.partial`, others]) {
        writeFileSync(join(folder.path, left), 'user1@example.com');
      }
      expect((await send(['orders.csv'])).code).toBe(0);
      expect(existsSync(join(folder.path, `${file}.${id}.partial`))).toBe(false);
      expect(existsSync(join(folder.path, others))).toBe(true);
    },
  );

  it('a batch in flight with an event that has become older than 30 days, and one that is fresh: not to the path of old ones, which drops it', async () => {
    const old = new Date(FIRST_PAID_MS - 40 * 86_400_000).toISOString();
    // As though it were not that old yet.
    server = await leaveInFlight(
      'orders.csv',
      `${HEADER}o-0,user7@example.com,5,USD,${old}\n${orderRow(1, 7)}`,
    );
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  olderThan30Days: historical\n');
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 2, rejected: 0 });
    expect(server.requests.map(({ path }) => path)).toEqual(['/v2/bulkevents', '/v2/bulkevents']);
    expect(server.duplicates).toBe(1);
  });

  it('a batch in flight of which a trigger now skips a record: not in another batch, and the config is named too', async () => {
    server = await leaveInFlight('orders.csv', HEADER + [1, 2].map((n) => orderRow(n, 7)).join(''));
    const trigger = 'event = "Order Completed" and properties.order_id != "o-2"';
    write('rokt-capi.config.yaml', `version: 1\nmappings:\n  - { name: Send, trigger: '${trigger}' }\n`);
    const { result } = await send(['orders.csv']);
    expect(result).toMatchObject({
      skipped: 1,
      rejected: 1,
      rejections: [
        { code: 'IN_FLIGHT_INCOMPLETE', message: expect.stringContaining('with the config as it was') },
      ],
    });
    rmSync(join(folder.path, 'rokt-capi.config.yaml'));
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 2, rejected: 0 });
    expect(server.duplicates).toBe(1);
  });

  it('a record in flight that this input has several times: sent once more, the others are duplicates', async () => {
    const row = `m,${orderRow(1)}`;
    server = await leaveInFlight('orders.csv', `messageId,${HEADER}${row}`);
    write('orders.csv', `messageId,${HEADER}${row}${row}${row}`);
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 1, duplicate: 2, requests: 1 });
    expect([server.held.length, server.duplicates]).toEqual([1, 1]);
  });

  it('a batch in flight of which the file ends early: what was read of it is pending, not rejected', async () => {
    server = await leaveInFlight('orders.csv', HEADER + orderRow(5000, 7) + orderRow(5001, 7));
    const whole = gzipSync(HEADER + orderRow(5000, 7) + orderRows(0, 3000) + orderRow(5001, 7));
    write('copy.csv.gz', whole);
    for (const [line, others] of [
      ['2', [2, 3003]],
      ['3003', [2, 3003]],
      ['3', [3]],
    ] as const) {
      const shown = await send(['copy.csv.gz', '--dry-run', '--show', line]);
      expect(shown.result, `as the run below does: line ${line}`).toMatchObject({
        state: 'accepted',
        batches: [{ lines: others }],
      });
    }
    write('copy.csv.gz', whole.subarray(0, -1000));
    const { code, result } = await send(['copy.csv.gz']);
    expect([code, result]).toEqual([5, expect.objectContaining({ pending: 1, rejected: 0 })]);
    write('copy.csv.gz', whole);
    expect((await send(['copy.csv.gz'])).result).toMatchObject({ read: 3002, pending: 0, exitCode: 0 });
    expect([server.held.length, server.duplicates]).toEqual([3001, 1]);
  });

  it('a batch in flight of which a pipe has given a part when the run stops: that is pending, not rejected', async () => {
    server = await leaveInFlight('orders.csv', HEADER + orderRow(1, 7) + orderRow(2, 7));
    const { code, result } = await send(['-'], (child) => {
      child.stdin?.write(HEADER + orderRow(1, 7) + orderRow(3));
      signalAfter(2, 'SIGTERM')(child);
    });
    expect([code, result]).toEqual([
      143,
      expect.objectContaining({ read: 2, accepted: 1, pending: 1, rejected: 0 }),
    ]);
  });

  it('in an overlapping export, what may be with the server is not sent in another batch', async () => {
    let answers = false;
    server = await startCapiServer(() => ({ kind: answers ? 'accept' : 'accept-and-hang' }));
    write('monday.csv', HEADER + [1, 2].map((n) => orderRow(n, 7)).join(''));
    await send(['monday.csv'], signalAfter(1, 'SIGKILL'));
    expect(server.held).toHaveLength(1);
    answers = true;
    write('tuesday.csv', HEADER + [2, 3].map((n) => orderRow(n, 7)).join(''));
    const { code, result } = await send(['tuesday.csv']);
    expect(code).toBe(3);
    expect(result).toMatchObject({ accepted: 1, rejected: 1 });
    expect(readFileSync(join(folder.path, String(result.rejects)), 'utf8')).toContain('IN_FLIGHT_INCOMPLETE');
    expect([heldIds(), server.duplicates]).toEqual([['o-1', 'o-2', 'o-3'], 0]);
    write('both.csv', HEADER + [1, 2, 3].map((n) => orderRow(n, 7)).join(''));
    expect((await send(['both.csv'])).result).toMatchObject({ accepted: 2, duplicate: 1, rejected: 0 });
    expect([server.held.length, server.duplicates]).toEqual([2, 1]);
  });

  it('a batch in flight of which --resend has sent a part: the rest is rejected, and told to need --resend too', async () => {
    server = await leaveInFlight('monday.csv', HEADER + [1, 2].map((n) => orderRow(n, 7)).join(''));
    write('tuesday.csv', HEADER + orderRow(2, 7));
    expect((await send(['tuesday.csv', '--resend'])).result).toMatchObject({ accepted: 1 });
    expect((await send(['monday.csv'])).result).toMatchObject({
      duplicate: 1,
      rejections: [
        { code: 'IN_FLIGHT_INCOMPLETE', message: expect.stringMatching(/were delivered since\..*--resend/) },
      ],
    });
    expect((await send(['monday.csv', '--resend'])).result).toMatchObject({ accepted: 2, rejected: 0 });
    expect((await send(['monday.csv'])).result).toMatchObject({ duplicate: 2, rejected: 0 });
  });

  it('what may be with the server, once the config makes something else of it: rejected, and sent with the config as it was', async () => {
    server = await leaveInFlight('orders.csv', HEADER + orderRows(0, 5));
    write('rokt-capi.config.yaml', 'version: 1\nhashing: { email: true }\n');
    const changed = await send(['orders.csv']);
    expect([changed.code, changed.result]).toEqual([
      3,
      expect.objectContaining({ rejected: 5, requests: 0 }),
    ]);
    expect(readFileSync(join(folder.path, String(changed.result.rejects)), 'utf8')).toContain(
      'with the config and the version of then',
    );
    rmSync(join(folder.path, 'rokt-capi.config.yaml'));
    expect((await send(['orders.csv'])).result).toMatchObject({ accepted: 5 });
    expect([server.held.length, server.duplicates]).toEqual([5, 5]);
  });

  it('SIGTERM: ends before a request that hangs would (30 s), says that it had no answer, and leaves the rest pending', async () => {
    server = await startCapiServer((number) => ({ kind: number <= 2 ? 'accept' : 'accept-and-hang' }));
    write('orders.csv', HEADER + orderRows(0, 2_000));
    let asked = 0;
    const ended = await send(['orders.csv'], async (child) => {
      await until(() => (server?.requests.length ?? 0) >= 5);
      asked = performance.now();
      child.kill('SIGTERM');
    });
    // It waits for 7 s. The machine may be busy.
    expect(performance.now() - asked).toBeLessThan(28_000);
    expect(ended.code).toBe(143);
    const { read, accepted, pending } = ended.result;
    expect(Number(accepted) + Number(pending)).toBe(read);
    expect(accepted).toBe(200);
    expect(ended.result.stopped).toBe(
      'interrupted by SIGTERM; the endpoint was failing until then: requests in flight had no answer.',
    );
  });

  it('SIGTERM while a pipe that it reads has nothing to say: ends all the same', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3_000));
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    const writer = spawn('sh', ['-c', 'exec >pipe; cat orders.csv; exec sleep 600'], { cwd: folder.path });
    const ended = await send(
      ['pipe'],
      signalWhen(() => (server?.held.length ?? 0) >= 500),
    );
    writer.kill();
    expect(ended.code, ended.stderr).toBe(143);
    const { read, accepted, pending } = ended.result;
    expect(Number(accepted) + Number(pending)).toBe(read);
    expect(accepted).toBe(server.held.length);
  });

  it('an endpoint that says 401 ends it, also while standard input has nothing to say', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 401 }));
    const ended = await send(['-'], (child) => child.stdin?.write(HEADER + orderRows(0, 2_200)));
    expect(ended.code, ended.stderr).toBe(4);
    expect(ended.result.pending).toBe(ended.result.read);
  });

  it.each([429, 503])(
    'a server that answers %d and asks for more time than there is: gives up at once',
    async (status) => {
      server = await startCapiServer(() => ({ kind: 'answer', status, headers: { 'retry-after': '600' } }));
      write('orders.csv', HEADER + orderRows(0, 5));
      write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  giveUpAfter: 90s\n');
      const { code, result } = await send(['orders.csv']);
      expect([code, result.pending, server.requests.length]).toEqual([5, 5, 1]);
      expect(Number(result.durationMs)).toBeLessThan(60_000);
    },
  );

  it('a pause that the server asks for and that is not longer than that is slept through', async () => {
    server = await startCapiServer((n) =>
      n === 1 ? { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } : { kind: 'accept' },
    );
    write('orders.csv', HEADER + orderRows(0, 5));
    write('rokt-capi.config.yaml', 'version: 1\ndelivery:\n  giveUpAfter: 1s\n');
    const { code, result } = await send(['orders.csv']);
    expect([code, result.accepted, server.requests.length]).toEqual([0, 5, 2]);
  });

  it('an error before anything is sent ends it, also while a pipe that it was to read stays open', async () => {
    server = await startCapiServer();
    execFileSync('mkfifo', [join(folder.path, 'pipe')]);
    write('orders.csv', HEADER + orderRows(0, 3_000));
    const writer = spawn('sh', ['-c', 'exec >pipe; cat orders.csv; exec sleep 600'], { cwd: folder.path });
    const ended = await send(['pipe', 'missing.csv']);
    writer.kill();
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('INPUT_NOT_FOUND')]);
    expect(server.requests).toHaveLength(0);
  });

  it('--max-duration: stops with exit code 5, and the next run sends the rest', async () => {
    let isFirstRun = true;
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: isFirstRun ? 100 : 0 }));
    write('orders.csv', HEADER + orderRows(0, 8_000));
    const first = await send(['orders.csv', '--max-duration', '1s']);
    isFirstRun = false;
    expect(first.code).toBe(5);
    expect(first.result.pending).toBeGreaterThan(0);
    expect(first.result.accepted).toBe(server.held.length);
    const second = await send(['orders.csv']);
    expect(second.code).toBe(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 8_000));
    expect(server.duplicates).toBe(0);
  });

  it.each<[string, Behaviour, string]>([
    ['fails', { kind: 'answer', status: 503 }, 'the server answered 503'],
    [
      'throttles',
      { kind: 'answer', status: 429, headers: { 'retry-after': '1' } },
      'the server answered 429',
    ],
  ])('--max-duration says why nothing went through, where the endpoint %s', async (_, then, reason) => {
    write('orders.csv', HEADER + orderRows(0, 300));
    const { code, result } = await inTime(
      async (seconds) => {
        await server?.close();
        server = await startCapiServer((n) => (n === 1 ? { kind: 'accept' } : then));
        return send(['orders.csv', '--state', `state-${seconds}`, '--max-duration', `${seconds}s`]);
      },
      ({ result: { accepted, retries } }) => Number(accepted) > 0 && Number(retries) > 0,
    );
    expect([code, result.accepted, result.pending]).toEqual([5, 100, 200]);
    expect(result.stopped).toBe(
      `the time of --max-duration is over; the endpoint was failing until then: ${reason}.`,
    );
  });

  it('a file that has changed since: an error that says what to do, and nothing sent', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 100 }));
    write('orders.csv', HEADER + orderRows(0, 5_000));
    await send(['orders.csv'], signalAfter(3, 'SIGKILL'));
    const requests = server.requests.length;
    write('orders.csv', HEADER + orderRows(5_000, 5_010));
    const changed = await send(['orders.csv']);
    expect(changed.code).toBe(2);
    expect(changed.stderr).toMatch(/orders\.csv: INPUT_CHANGED: .*\n.*--accept-changed/);
    expect(server.requests).toHaveLength(requests);
    expect((await send(['orders.csv', '--accept-changed'])).result).toMatchObject({ accepted: 10 });
    expect((await send(['orders.csv'])).result).toMatchObject({ duplicate: 10 });
  });

  it.each<[string, number, Behaviour, ((child: ChildProcess) => void) | undefined, number]>([
    ['after the key was refused', 3, { kind: 'answer', status: 401 }, undefined, 4],
    [
      'with records that may have arrived, and none accepted',
      0,
      { kind: 'accept-and-drop' },
      signalAfter(1, 'SIGTERM'),
      143,
    ],
  ])('a file that has changed since a stop %s: the same error', async (_, taken, then, onStart, code) => {
    server = await startCapiServer((n) => (n <= taken ? { kind: 'accept' } : then));
    write('orders.csv', HEADER + orderRows(0, 5_000));
    const stopped = await send(['orders.csv'], onStart);
    expect([stopped.code, Number(stopped.result.accepted) > 0]).toEqual([code, taken > 0]);
    write('orders.csv', HEADER + orderRows(5_000, 5_010));
    const changed = await send(['orders.csv']);
    expect([changed.code, changed.stderr]).toEqual([2, expect.stringContaining('INPUT_CHANGED')]);
  });

  it('a file that has only grown since: no error', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
    write('orders.csv', HEADER + orderRows(0, 3_000));
    await send(['orders.csv'], signalAfter(3, 'SIGKILL'));
    appendFileSync(join(folder.path, 'orders.csv'), orderRows(3_000, 3_005));
    expect((await send(['orders.csv'])).code).toBe(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 3_005));
  });

  it('an endpoint that is down: pauses, says so, and gives up with everything pending', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 503 }));
    write('orders.csv', HEADER + orderRows(0, 500));
    const pause = /The endpoint failed \d+ times in a row \(the server answered 503\)\. Pausing for/;
    const down = await inTime(
      (seconds) => {
        write('rokt-capi.config.yaml', `version: 1\ndelivery:\n  giveUpAfter: ${seconds}s\n`);
        return send(['orders.csv']);
      },
      ({ stderr }) => pause.test(stderr),
    );
    expect(down.code).toBe(5);
    expect(down.result).toMatchObject({ accepted: 0, pending: 500 });
    expect(down.stderr).toMatch(pause);
    expect(server.requests.length).toBeLessThan(20);
  });
});

describe('--max-rejects', () => {
  const bad = (count: number) => `o,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`.repeat(count);

  it('stops early with exit code 5, of a share before anything is sent, and nothing is marked that was not', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 200) + bad(700) + orderRows(200, 4_000));
    for (const allowed of ['5%', '10']) {
      const { code, result } = await send(['orders.csv', '--max-rejects', allowed, '--rejects', 'r.ndjson']);
      expect(code, allowed).toBe(5);
      expect(result.read).toBeLessThan(2_500);
      expect(result.accepted, allowed).toBe(server.held.length);
      if (allowed === '5%') expect(server.requests).toHaveLength(0);
    }
    expect((await send(['orders.csv', '--rejects', 'r.ndjson'])).result).toMatchObject({ rejected: 700 });
    expect(heldIds().sort()).toEqual(eachOnce(0, 4_000));
    expect(server.duplicates).toBe(0);
  });

  it('holds a short file to its share as well, before anything is sent', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 6) + bad(4));
    const { code, result } = await send(['orders.csv', '--max-rejects', '20%']);
    expect([code, result.accepted, result.pending]).toEqual([5, 0, 6]);
    expect(server.requests).toHaveLength(0);
    expect((await send(['orders.csv', '--max-rejects', '50%'])).result).toMatchObject({ accepted: 6 });
  });
});

describe('two runs on one state', () => {
  it('the second fails at once and says who is first, or waits for it with --wait', async () => {
    let end: () => void = () => undefined;
    const after = new Promise<void>((resolve) => {
      end = resolve;
    });
    server = await startCapiServer((number) => ({ kind: 'accept', ...(number === 1 ? { after } : {}) }));
    write('orders.csv', HEADER + orderRows(0, 100));
    write('other.csv', HEADER + orderRows(100, 110));
    let pid = 0;
    const first = send(['orders.csv'], (child) => {
      pid = child.pid ?? 0;
    });
    await until(() => server?.requests.length !== 0);
    let waits: () => void = () => undefined;
    const waiting = new Promise<void>((resolve) => {
      waits = resolve;
    });
    const third = send(['other.csv', '--wait', '60'], (child) => {
      child.stderr?.on('data', (text) => String(text).includes('Waiting for run ') && waits());
    });
    const second = await send(['other.csv']);
    await waiting;
    end();
    const patient = await third;
    expect(second.code).toBe(5);
    expect(second.stderr).toMatch(new RegExp(`STATE_LOCKED: .*process ${pid} on \\S+, since 20`));
    expect(patient.code, patient.stderr).toBe(0);
    expect((await first).code).toBe(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 110).sort());
  });
});

it.each([
  // Node has no name for ESTALE.
  ['ESTALE', `Unknown system error -${constants.errno.ESTALE}`],
  ['ENOENT', 'ENOENT'],
])(
  'a run that waits for one on another machine goes on where that takes its lock away while it is read: %s',
  async (_, code) => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    const lock = join(folder.path, '.rokt-capi/lock');
    mkdirSync(dirname(lock));
    const holder = { pid: 1, host: 'elsewhere', startedAt: 'then', runId: 'r', token: 't' };
    writeFileSync(lock, JSON.stringify(holder));
    // What a network file system says of a file that another machine has removed since it was opened.
    write(
      'network.cjs',
      `const fs = require('node:fs'), { readFile } = fs.promises;
    let reads = 0;
    fs.promises.readFile = async (path, ...rest) => {
      if (String(path) !== ${JSON.stringify(lock)} || (reads += 1) !== 3) return readFile(path, ...rest);
      fs.unlinkSync(path);
      throw Object.assign(new Error(), { code: '${code}' });
    };
    require('node:module').syncBuiltinESMExports();`,
    );
    const env = { NODE_OPTIONS: '--require ./network.cjs' };
    const ended = await send(['orders.csv', '--wait', '20'], undefined, env);
    expect(ended).toMatchObject({
      code: 0,
      stderr: expect.stringContaining('Waiting'),
      result: { accepted: 3 },
    });
  },
);

describe('a run that was frozen until another took its state over', () => {
  /** Freezes the run at its third request, and makes its process one that is not here any more. */
  async function freeze(child: ChildProcess): Promise<void> {
    await until(() => (server?.requests.length ?? 0) >= 3);
    child.kill('SIGSTOP');
    const lock = join(folder.path, '.rokt-capi/lock');
    writeFileSync(lock, JSON.stringify({ ...JSON.parse(readFileSync(lock, 'utf8')), pid: 2 ** 22 + 1 }));
  }

  it.each([
    ['while that still sends', false],
    ['after that has ended', true],
  ])('sends nothing more, and leaves the state as the other makes it: %s', async (_, isOver) => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
    write('orders.csv', HEADER + orderRows(0, 2_000));
    const args = ['orders.csv', '--concurrency', '1'];
    let other: ReturnType<typeof send> | undefined;
    const first = await send(args, async (child) => {
      await freeze(child);
      // To take over takes longer, and only a lock of that age is looked at again.
      const pause = new Promise((resolve) => setTimeout(resolve, 1_000));
      const before = server?.requests.length ?? 0;
      other = send(args);
      if (isOver) await other;
      await until(() => (server?.requests.length ?? 0) >= before + 3);
      await pause;
      child.kill('SIGCONT');
    });
    expect(first).toMatchObject({ code: 5, stderr: expect.stringContaining('STATE_LOCKED: ') });
    expect(first.stderr.match(/STATE_LOCKED/g)).toHaveLength(1);
    expect(first.result).toMatchObject({ exitCode: 5, stopped: expect.stringContaining('taken over') });
    expect(await other).toMatchObject({ code: 0, result: { pending: 0, rejected: 0 } });
    expect(heldIds().sort()).toEqual(eachOnce(0, 2_000));
    // Those on their way when it was frozen, and when it saw that it is not alone: the server drops them.
    expect(server.duplicates).toBeLessThan(600);
    const again = await send(['orders.csv']);
    expect(again).toMatchObject({ code: 0, result: { accepted: 0, duplicate: 2_000 } });
  });
});

describe('a state directory that cannot be used', () => {
  it('is an error before anything is sent', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    write('file', '');
    const { code, stderr } = await send(['orders.csv', '--state', 'file/state', '--rejects', 'r.ndjson']);
    expect(code).toBe(2);
    expect(stderr).toContain('STATE_UNWRITABLE');
    expect(server.requests).toHaveLength(0);
  });

  it('for which the process may not open files enough: says so, and not that it is damaged and had better be moved away', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv', '--state', 'state']);
    const statePath = join(folder.path, 'state', 'state.json');
    const { sha256: _, ...state } = JSON.parse(readFileSync(statePath, 'utf8'));
    const copies = Array.from({ length: 60 }, (__, n) => `${n}.segment`);
    for (const name of copies)
      copyFileSync(join(folder.path, 'state', state.segments[0]), join(folder.path, 'state', name));
    writeFileSync(statePath, JSON.stringify({ ...state, segments: [...state.segments, ...copies] }));
    const command = ['validate', 'orders.csv', '--state', 'state', '--endpoint', server.url];
    const limited = ['--norc', '-c', 'ulimit -n 60; exec "$@"', 'bash', process.execPath, BIN, ...command];
    const ended = spawnSync('bash', limited, {
      cwd: folder.path,
      env: { PATH: process.env.PATH },
      encoding: 'utf8',
    });
    expect([ended.status, ended.stderr]).toEqual([
      2,
      expect.stringMatching(
        /STATE_UNREADABLE: .*\(EMFILE\)\.\n {2}→ Let the process open more files at once \(ulimit -n\)/,
      ),
    ]);
  });

  it('whose disk is full once all was sent: the summary says so, and ends with the exit code of the process', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 20));
    const args = ['send', 'orders.csv', '--endpoint', server.url];
    const options = { cwd: folder.path, env: CREDENTIALS, quotaKb: 4 };
    const full = await run([...args, '--json'], options);
    expect([full.code, full.stderr]).toEqual([5, expect.stringContaining('STATE_DISK_FULL')]);
    expect(JSON.parse(full.stdout)).toMatchObject({
      accepted: 20,
      pending: 0,
      exitCode: 5,
      stopped: expect.stringContaining('full'),
    });
    const told = await run(['runs', '--json'], { cwd: folder.path });
    expect(JSON.parse(told.stdout), 'runs says the same as the run').toMatchObject([
      { state: 'finished', result: { accepted: 20, exitCode: 5, stopped: expect.any(String) } },
    ]);
    expect((await send(['orders.csv'])).result).toMatchObject({ duplicate: 20, requests: 0, exitCode: 0 });
  });

  it('for the record of a run alone: what that run delivered is told by the next one, as of a killed run', async () => {
    const runs = join(folder.path, '.rokt-capi', 'runs');
    server = await startCapiServer(() => {
      for (const name of readdirSync(runs)) {
        renameSync(join(runs, name), join(folder.path, name));
        mkdirSync(join(runs, name));
      }
      return { kind: 'accept' };
    });
    write('orders.csv', HEADER + orderRows(0, 5));
    const first = await send(['orders.csv']);
    expect([first.code, first.stderr]).toEqual([5, expect.stringContaining('STATE_UNWRITABLE')]);
    for (const name of readdirSync(runs)) {
      rmdirSync(join(runs, name));
      renameSync(join(folder.path, name), join(runs, name));
    }
    expect((await send(['orders.csv'])).result).toMatchObject({ duplicate: 5, requests: 0, exitCode: 0 });
    const told = await run(['runs', '--json'], { cwd: folder.path });
    const accepted = JSON.parse(told.stdout).map(
      ({ result }: { result: { accepted: number } }) => result.accepted,
    );
    expect(accepted).toEqual([5, 0]);
  });

  it('is an error where the file system is read-only', async ({ skip }) => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    mkdirSync(join(folder.path, 'state'));
    try {
      execFileSync('mount', ['-t', 'tmpfs', '-o', 'ro,size=1m', 'tmpfs', join(folder.path, 'state')], {
        stdio: 'ignore',
      });
    } catch {
      skip('only root can mount here; the test above has the same path through the program');
    }
    try {
      const { code, stderr } = await send(['orders.csv', '--state', 'state', '--rejects', 'r.ndjson']);
      expect(code).toBe(2);
      expect(stderr).toMatch(/STATE_UNWRITABLE: .*EROFS/);
    } finally {
      execFileSync('umount', [join(folder.path, 'state')]);
    }
    expect(server.requests).toHaveLength(0);
  });

  it('is an error where rejected records cannot be written down: no row is lost without a word', async () => {
    server = await startCapiServer();
    const bad = `o-x,,5,USD,${new Date(FIRST_PAID_MS).toISOString()}\n`.repeat(3_000);
    write('orders.csv', HEADER + bad + orderRows(0, 5));
    const ended = await run(['send', 'orders.csv', '--endpoint', server.url, '--json'], {
      cwd: folder.path,
      env: CREDENTIALS,
      quotaKb: 100,
    });
    expect(ended.code, ended.stderr).toBe(5);
    expect(ended.stderr).toContain('REJECTS_UNWRITABLE');
    expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3_005, accepted: 5, rejected: 3_000 });
  });

  it('is reported where it is damaged, and nothing is sent', async () => {
    server = await startCapiServer();
    write('orders.csv', HEADER + orderRows(0, 3));
    await send(['orders.csv']);
    write('.rokt-capi/state.json', '{"format":1');
    const { code, stderr } = await send(['orders.csv']);
    expect(code).toBe(2);
    expect(stderr).toContain('STATE_DAMAGED');
    expect(server.requests).toHaveLength(1);
  });
});

it('a damaged record of a run is told with what costs least: without it, what was delivered is known', async () => {
  server = await startCapiServer();
  write('orders.csv', HEADER + orderRows(0, 3));
  await send(['orders.csv']);
  const [name = ''] = readdirSync(join(folder.path, '.rokt-capi', 'runs'));
  const record = join(folder.path, '.rokt-capi', 'runs', name);
  writeFileSync(record, '');
  const { code, stderr } = await send(['orders.csv']);
  expect(code).toBe(2);
  expect(stderr).toContain(`${record}: STATE_DAMAGED: `);
  expect(stderr).toMatch(/\n {2}→ Move this file alone away; [^\n]*, not what it delivered\.\n/);
  rmSync(record);
  expect((await send(['orders.csv', '--json'])).stdout).toContain('"accepted":0,"duplicate":3,');
});

it('a damaged journal is told with what costs least: without it each order has arrived once, and earlier runs are known', async () => {
  server = await startCapiServer();
  write('early.csv', HEADER + orderRows(5_000, 5_010));
  write('orders.csv', HEADER + orderRows(0, 5_000));
  await send(['early.csv']);
  await send(['orders.csv'], signalAfter(30, 'SIGKILL'));
  const journal = join(folder.path, '.rokt-capi', 'journal-2');
  const bytes = readFileSync(journal);
  bytes[20] = (bytes[20] ?? 0) ^ 1;
  writeFileSync(journal, bytes);
  const { code, stderr } = await send(['orders.csv']);
  expect(code).toBe(2);
  expect(stderr).toContain(`${journal}: STATE_DAMAGED: `);
  expect(stderr).toContain('\n  → Move this file alone away; ');
  rmSync(journal);
  expect((await send(['orders.csv'])).code).toBe(0);
  expect((await send(['early.csv'])).result).toMatchObject({ duplicate: 10 });
  expect(heldIds().sort()).toEqual(eachOnce(0, 5_010));
});

describe('a file that goes away or breaks off while it is read', () => {
  it('what was read is accounted for, and the rest is sent once it is whole again', async () => {
    server = await startCapiServer();
    const { gzipSync } = await import('node:zlib');
    const whole = gzipSync(HEADER + orderRows(0, 5_000));
    writeFileSync(join(folder.path, 'orders.csv.gz'), whole.subarray(0, whole.length - 5_000));
    const cut = await send(['orders.csv.gz']);
    expect(cut.code).toBe(5);
    expect(cut.stderr).toContain('INPUT_COMPRESSION');
    expect(cut.stderr).toContain(
      'Copy or export the file again, then run the same command; with --accept-changed',
    );
    expect(cut.result.accepted).toBe(server.held.length);
    writeFileSync(join(folder.path, 'orders.csv.gz'), whole);
    const again = await send(['orders.csv.gz']);
    expect(again.code, again.stderr).toBe(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 5_000));
  });

  it('is sent as the message says where it was exported again, and so compressed into other bytes', async () => {
    server = await startCapiServer();
    const text = HEADER + orderRows(0, 5_000);
    const whole = gzipSync(text);
    writeFileSync(join(folder.path, 'orders.csv.gz'), whole.subarray(0, whole.length - 5_000));
    expect((await send(['orders.csv.gz'])).code).toBe(5);
    writeFileSync(join(folder.path, 'orders.csv.gz'), gzipSync(text, { level: 1 }));
    expect((await send(['orders.csv.gz'])).stderr).toContain('INPUT_CHANGED');
    const again = await send(['orders.csv.gz', '--accept-changed']);
    expect(again.code, again.stderr).toBe(0);
    expect(heldIds().sort()).toEqual(eachOnce(0, 5_000));
  });
});

describe('a file that is removed while it is read', () => {
  it('is read to its end all the same', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 20 }));
    write('orders.csv', HEADER + orderRows(0, 3_000));
    const { code, result } = await send(['orders.csv'], async () => {
      await until(() => (server?.requests.length ?? 0) >= 2);
      rmSync(join(folder.path, 'orders.csv'));
    });
    expect(code).toBe(0);
    expect(result).toMatchObject({ accepted: 3_000 });
    const gone = await send(['orders.csv']);
    expect([gone.code, gone.stderr]).toEqual([2, expect.stringContaining('INPUT_NOT_FOUND')]);
  });
});
