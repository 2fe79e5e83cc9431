import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { temporaryDirectory } from '../helpers/folder.js';
import { CREDENTIALS, run } from '../helpers/program.js';
import { signalWhen } from '../helpers/until.js';

/** Enough for worker threads to be started. */
const ROWS = 22_000;
let folder: ReturnType<typeof temporaryDirectory>;
let server: CapiServer | undefined;
const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

const start = Date.now() - 86_400_000;
const time = (n: number): string => new Date(start + n * 1000).toISOString();

/** Rows of one and of several lines; every 97th has no identifier, every 101st is ragged, every 103rd comes twice. */
function orders(): string {
  const lines = ['Order Number,Email,Total,Currency,Paid at,Note\n'];
  for (let n = 0; n < ROWS; n += 1) {
    const email = n % 97 === 0 ? '' : `User${n % 20_000}@example.com`;
    const note = n % 11 === 0 ? `"two\nlines, ""quoted"" ${n}"` : `note ${n}`;
    const zone = n % 89 === 0 ? time(n).slice(0, -1) : time(n);
    const line = `o-${n},${email},${n}.50,USD,${zone},${note}${n % 101 === 0 ? ',one too many' : ''}\n`;
    lines.push(line);
    if (n % 103 === 0) lines.push(line);
  }
  return lines.join('');
}

const events = (): string =>
  Array.from(
    { length: ROWS },
    (_, n) =>
      `${JSON.stringify({
        type: 'track',
        event: 'Order Completed',
        messageId: `m-${n % (ROWS - 500)}`,
        timestamp: time(n),
        userId: `u-${n % 7_000}`,
        properties: { order_id: `o-${n}`, revenue: n, currency: 'EUR' },
      })}${n % 500 === 0 ? '}' : ''}\n`,
  ).join('');

beforeAll(() => {
  folder = temporaryDirectory();
  write('orders.csv', orders());
  write('events.ndjson', events());
});
afterAll(() => folder.remove());
afterEach(async () => {
  await server?.close();
  server = undefined;
});

async function dryRun(file: string, workers: number, input?: string) {
  const ended = await run(
    [
      'send',
      input === undefined ? file : '-',
      '--dry-run',
      '--no-state',
      '--json',
      '--workers',
      String(workers),
      '--out',
      `${file}.${workers}.out`,
      '--rejects',
      `${file}.${workers}.rejects`,
    ],
    { cwd: folder.path, ...(input === undefined ? {} : { input }) },
  );
  const {
    runId: _,
    durationMs: __,
    rejects: ___,
    ...result
  }: Record<string, unknown> = JSON.parse(ended.stdout);
  return {
    code: ended.code,
    result,
    out: read(`${file}.${workers}.out`),
    rejects: read(`${file}.${workers}.rejects`),
  };
}

const alone = new Map<string, ReturnType<typeof dryRun>>();
/** What a file comes to without worker threads; it is run once. */
function dryRunAlone(file: string): ReturnType<typeof dryRun> {
  const known = alone.get(file) ?? dryRun(file, 0);
  alone.set(file, known);
  return known;
}

/** Has a process say how many worker threads it started. */
const COUNT_WORKERS = `import threads from 'node:worker_threads';
import { syncBuiltinESMExports } from 'node:module';
if (threads.isMainThread) {
  let started = 0;
  threads.Worker = class extends threads.Worker { constructor(...args) { super(...args); started += 1; } };
  syncBuiltinESMExports();
  process.on('exit', () => process.stderr.write('started ' + started));
}`;

async function startedBy(args: readonly string[], input?: string): Promise<string | undefined> {
  const { stderr } = await run(['validate', '--quiet', ...args], {
    cwd: folder.path,
    env: { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(COUNT_WORKERS)}` },
    ...(input === undefined ? {} : { input }),
  });
  return /started (\d+)$/.exec(stderr)?.[1];
}

describe('worker threads', () => {
  it('are started for 20,000 records and more, as many as --workers says, and not for fewer', async () => {
    write('few.csv', `${read('orders.csv').split('\n').slice(0, 15_000).join('\n')}\n`);
    expect(await startedBy(['few.csv', '--workers', '3'])).toBe('0');
    expect(await startedBy(['orders.csv', '--workers', '3'])).toBe('3');
    expect(await startedBy(['-', '--workers', '2'], read('orders.csv'))).toBe('2');
    expect(await startedBy(['orders.csv', '--workers', '0'])).toBe('0');
  });

  for (const file of ['orders.csv', 'events.ndjson']) {
    it(`make of ${file} the same batches, rejects, counts and lines as none do, in the same order`, async () => {
      const expected = await dryRunAlone(file);
      expect(expected.code).toBe(3);
      expect(expected.result).toMatchObject({ pending: 0 });
      expect(expected.out.length).toBeGreaterThan(1_000_000);
      expect(await dryRun(file, 2)).toEqual(expected);
      expect(await dryRun(file, 5)).toEqual(expected);
    });
  }

  it('read standard input like a file', async () => {
    const fromFile = await dryRunAlone('orders.csv');
    const piped = await dryRun('orders.csv', 3, read('orders.csv'));
    expect(piped.out).toBe(fromFile.out);
    expect(piped.rejects.replaceAll('"file":"-"', '"file":"orders.csv"')).toBe(fromFile.rejects);
  });

  it('have their memory used again only when nobody needs it: what arrives is what was packed, however often it is tried', async () => {
    const packed = await dryRunAlone('orders.csv');
    server = await startCapiServer((number) =>
      number % 7 === 3 ? { kind: 'answer', status: 503 } : { kind: 'accept', delayMs: number % 5 },
    );
    const args = ['--endpoint', server.url, '--rate', '1000000', '--json', '--no-state', '--workers', '3'];
    const ended = await run(['send', 'orders.csv', ...args], { cwd: folder.path, env: CREDENTIALS });
    expect(JSON.parse(ended.stdout)).toMatchObject({ pending: 0, accepted: packed.result.accepted });
    const arrived = server.held.map((batch) => JSON.stringify(batch)).sort();
    expect(arrived).toEqual(packed.out.trimEnd().split('\n').sort());
  });

  it('leave it to the rejects file what a record was that the server refused', async () => {
    server = await startCapiServer((_, { body }) =>
      body.includes('"o-21001"') ? badRequest('no') : { kind: 'accept' },
    );
    const ended = await run(
      [
        'send',
        'orders.csv',
        '--endpoint',
        server.url,
        '--rate',
        '1000000',
        '--json',
        '--rejects',
        'refused.ndjson',
      ],
      { cwd: folder.path, env: CREDENTIALS },
    );
    expect(ended.code).toBe(3);
    const refused = read('refused.ndjson')
      .split('\n')
      .filter((line) => line.includes('SERVER_REFUSED'))
      .map((line): { record: Record<string, string>; line: number; messageId: string } => JSON.parse(line));
    expect(refused).toHaveLength(1);
    expect(refused[0]?.record['Order Number']).toBe('o-21001');
    expect(read('orders.csv').split('\n')[(refused[0]?.line ?? 0) - 1]).toContain('o-21001');
    expect(refused[0]?.messageId).toMatch(/^[0-9a-f-]{36}$/);
    const again = await run(
      [
        'send',
        'orders.csv',
        '--endpoint',
        server.url,
        '--rate',
        '1000000',
        '--json',
        '--rejects',
        'again.ndjson',
      ],
      { cwd: folder.path, env: CREDENTIALS },
    );
    const first: Record<string, number> = JSON.parse(ended.stdout);
    const second: Record<string, number> = JSON.parse(again.stdout);
    expect(second).toMatchObject({ read: first.read, accepted: 0, rejected: first.rejected });
    expect(second.duplicate).toBe((first.accepted ?? 0) + (first.duplicate ?? 0));
  });

  it('end with the run when it is interrupted, and the books balance', async () => {
    server = await startCapiServer();
    const ended = await run(
      ['send', 'orders.csv', '--endpoint', server.url, '--rate', '5000', '--json', '--no-state'],
      {
        cwd: folder.path,
        env: CREDENTIALS,
        onStart: signalWhen(() => (server?.requests.length ?? 0) >= 20, 'SIGINT'),
      },
    );
    expect(ended.code).toBe(130);
    const {
      read: all = 0,
      accepted = 0,
      duplicate = 0,
      skipped = 0,
      rejected = 0,
      pending = 0,
    }: Record<string, number> = JSON.parse(ended.stdout);
    expect(pending).toBeGreaterThan(0);
    expect(accepted + duplicate + skipped + rejected + pending).toBe(all);
  });
});

it('a worker that dies ends the run, which says why, instead of being waited for', async () => {
  const lines = read('orders.csv').split('\n').slice(1).join('\n');
  write('long.csv', `${read('orders.csv')}${lines.repeat(4)}`);
  write(
    'kill.cjs',
    `const { isMainThread, threadId } = require('node:worker_threads');
    if (!isMainThread && threadId === 1) setTimeout(() => { throw new Error('out of luck'); }, 100);`,
  );
  const ended = await run(['send', 'long.csv', '--dry-run', '--no-state', '--workers', '2'], {
    cwd: folder.path,
    env: { NODE_OPTIONS: '--require ./kill.cjs' },
  });
  expect(ended).toMatchObject({ code: 1, stdout: '' });
  expect(ended.stderr).toContain('out of luck');
});

it('a state that a worker finds damaged is reported as where there is none', async () => {
  const row = `mine,mine@example.com,1,USD,${time(0)},\n`;
  write('first.csv', `${read('orders.csv').split('\n')[0]}\n${row}`);
  write('again.csv', read('orders.csv') + row);
  server = await startCapiServer();
  const options = { cwd: folder.path, env: CREDENTIALS };
  const at = ['--endpoint', server.url, '--state', 'damaged'];
  expect((await run(['send', 'first.csv', ...at], options)).code).toBe(0);
  const segment = readdirSync(join(folder.path, 'damaged')).find((name) => name.endsWith('.segment')) ?? '';
  const path = join(folder.path, 'damaged', segment);
  const bytes = readFileSync(path);
  bytes.writeUInt32LE(bytes.readUInt32LE(4_096 + 40) ^ 1, 4_096 + 40);
  writeFileSync(path, bytes);
  for (const workers of ['0', '2']) {
    const ended = await run(['send', 'again.csv', ...at, '--dry-run', '--workers', workers], options);
    expect(ended.stderr).toContain(
      `${segment}: STATE_DAMAGED: The state is damaged. A checksum does not match.`,
    );
    expect(ended.stderr).not.toContain('bug');
    expect(ended.code).not.toBe(1);
  }
});
