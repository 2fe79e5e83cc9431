import type { ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRow, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, type Ended, run } from '../helpers/program.js';
import { signalWhen } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const { write } = folder;

function send(args: readonly string[], onStart?: (child: ChildProcess) => void): Promise<Ended> {
  return run(['send', ...args, '--endpoint', server?.url ?? '', '--rate', '100000'], {
    cwd: folder.path,
    env: CREDENTIALS,
    ...(onStart === undefined ? {} : { onStart }),
  });
}

async function runs(...args: string[]) {
  const ended = await run(['runs', ...args], { cwd: folder.path });
  return { ...ended, json: () => JSON.parse(ended.stdout) };
}

describe('runs', () => {
  it('lists runs, shows one, and says when an event was accepted', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('"o-2"') ? badRequest('no') : { kind: 'accept' },
    );
    write('orders.csv', `messageId,${HEADER}m-1,${orderRow(1)}m-2,${orderRow(2)}`);
    expect((await runs()).stdout).toBe('No run is remembered.\n');
    await send(['orders.csv']);
    await send(['orders.csv']);
    const list = (await runs('--json')).json();
    expect(list).toMatchObject([
      {
        state: 'finished',
        command: 'send',
        files: [{ name: 'orders.csv' }],
        result: { accepted: 1, rejected: 1, exitCode: 3 },
      },
      { result: { duplicate: 1, rejected: 1 } },
    ]);
    const table = (await runs()).stdout;
    expect(table).toMatch(/^run +start +command +read +accepted/);
    expect(table).toMatch(new RegExp(`${list[0].id}  20\\d\\d-\\d\\d-\\d\\d [\\d:]+  send`));
    expect((await runs(list[0].id.slice(0, -1))).stdout).toMatch(/accepted +1\n/);
    expect((await runs(list[0].id, '--json')).json()).toMatchObject({ id: list[0].id });
    const [found] = (await runs('--event', 'm-1', '--json')).json();
    expect(found).toMatchObject({ event: 'm-1', mapping: 'Send', run: list[0].id, endpoint: server.url });
    expect(Math.abs(Date.parse(found.acceptedAt) - Date.now())).toBeLessThan(60_000);
    expect((await runs('--event', 'm-2')).stdout).toContain('No accepted delivery');
    expect(await runs('2019')).toMatchObject({ code: 2, stderr: expect.stringContaining('RUN_UNKNOWN') });
  });

  it.each([
    ['20261101T000000Z', '--event', 'order-1'],
    ['20261101T000000Z', '--audiences'],
    ['--event', 'order-1', '--audiences'],
  ])('answers one question at a time: %s %s', async (...args) => {
    const ended = await run(['runs', ...args], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('OPTION_CONFLICT');
  });

  it('names the first few of hundreds of files, and how many there are; one run in full names them all', async () => {
    server = await startCapiServer();
    const names = Array.from({ length: 200 }, (_, n) => `part-${n}.csv`);
    for (const [n, name] of names.entries()) write(name, `messageId,${HEADER}m-${n},${orderRow(n)}`);
    const { stdout } = await send(names);
    expect(stdout).toContain('part-0.csv, part-1.csv, part-2.csv, … (200 files) → http');
    expect((await runs()).stdout).toMatch(/ part-0\.csv part-1\.csv part-2\.csv … \(200 files\)\n$/);
    const [{ id }] = (await runs('--json')).json();
    expect((await runs(id)).stdout).toContain('part-199.csv, ');
  });

  it('shows no run for a beginning that two ids have, and says where to look for them', async () => {
    server = await startCapiServer(() => ({ kind: 'accept' }));
    write('orders.csv', HEADER + orderRow(1));
    await send(['orders.csv', '--state', 'our state']);
    await send(['orders.csv', '--state', 'our state']);
    const ended = await runs('20', '--state', 'our state');
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain('RUN_UNKNOWN: The ids of 2 runs begin with this.\n');
    expect(ended.stderr).toContain("List the ids with: rokt-capi runs --state 'our state'\n");
  });

  it('shows a killed run as killed, before and after the next one', async () => {
    server = await startCapiServer(() => ({ kind: 'accept', delayMs: 50 }));
    write('orders.csv', HEADER + orderRows(0, 3_000));
    await send(
      ['orders.csv'],
      signalWhen(() => (server?.requests.length ?? 0) >= 12, 'SIGKILL'),
    );
    const [told] = (await runs('--json')).json();
    expect(told).toMatchObject({ state: 'killed', result: { accepted: expect.any(Number) } });
    expect(told.result.accepted).toBeGreaterThan(0);
    await send(['orders.csv']);
    const [killed, rest] = (await runs('--json')).json();
    expect(killed, 'is what was said before').toMatchObject({ state: 'killed', result: told.result });
    expect(killed.result.accepted + rest.result.accepted).toBe(3_000);
    expect(existsSync(join(folder.path, '.rokt-capi', 'lock'))).toBe(false);
  });
});
