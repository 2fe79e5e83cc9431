import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { BIN, CREDENTIALS, type Ended, run } from '../helpers/program.js';
import { until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer;
beforeEach(async () => {
  server = await startCapiServer(() => ({ kind: 'accept', delayMs: 300 }));
  folder.write('o.csv', HEADER + orderRows(0, 300));
});
afterEach(async () => {
  await server.close();
});

describe('a standard error whose reader has gone', () => {
  it('costs neither the summary nor the exit code of a run that is asked to end', async () => {
    const ended = await run(['send', 'o.csv', '--endpoint', server.url, '--rate', '100', '--json'], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: async (child) => {
        child.stderr?.destroy();
        child.stdin?.end();
        await until(() => server.requests.length > 0);
        child.kill('SIGTERM');
      },
    });
    expect(ended.code).toBe(143);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    expect(result.accepted).toBe(server.held.length);
    expect(result.accepted).toBeGreaterThan(0);
  });

  it('leaves a missing file exit code 2', async () => {
    const ended = await run(['validate', 'nowhere.csv'], {
      cwd: folder.path,
      onStart: (child) => {
        child.stderr?.destroy();
        child.stdin?.end();
      },
    });
    expect(ended.code).toBe(2);
  });
});

describe('a standard output that cannot be written', () => {
  /** As with `> /dev/full`. */
  const intoFull = (args: readonly string[]): Promise<Ended> =>
    run(args, { cwd: folder.path, env: CREDENTIALS, stdout: '/dev/full' });
  const TOLD = /^Standard output cannot be written to: ENOSPC[^\n]*\n$/;

  it.each([[[]], [['--json']]])('fails a run, of which what was sent stays recorded: %j', async (options) => {
    const args = ['send', 'o.csv', '--endpoint', server.url, '--rate', '100000'];
    const full = await intoFull([...args, ...options]);
    expect(full.code).toBe(1);
    expect(full.stderr).toMatch(TOLD);
    expect(server.held).toHaveLength(300);
    const again = await run([...args, '--json'], { cwd: folder.path, env: CREDENTIALS });
    expect(JSON.parse(again.stdout)).toMatchObject({ accepted: 0, duplicate: 300 });
    const known = await run(['runs', '--json'], { cwd: folder.path });
    expect(JSON.parse(known.stdout)[0]).toMatchObject({ state: 'finished' });
  });

  it.each([
    ['validate o.csv --json', 1],
    ['validate o.csv --require rtid>=50%', 3],
    ['serve-plugin', 1],
    ['explain', 1],
    ['--help', 1],
    ['send --help', 1],
    ['--version', 1],
  ])('is one line on standard error, and no success: %s', async (command, code) => {
    const full = await intoFull(command.split(' '));
    expect(full).toMatchObject({ code, stderr: expect.stringMatching(TOLD) });
  });
});

it('a summary on standard error is whole also where it is read late, as by a pager', () => {
  // So many reasons, at places with so long a name, that they are more than a pipe holds.
  const file = join('d'.repeat(200), 'd'.repeat(200), 'o.ndjson');
  mkdirSync(dirname(join(folder.path, file)), { recursive: true });
  const timestamp = new Date(Date.now() - 86_400_000).toISOString();
  const lines = Array.from({ length: 240 }, (_, n) => {
    const properties = { revenue: 5, currency: 'USD', [`p${n % 80}`]: 'x'.repeat(5_000) };
    const event = { type: 'track', event: 'Order Completed', messageId: `m${n}`, userId: `u${n}`, timestamp };
    return `${JSON.stringify({ ...event, properties })}\n`;
  });
  writeFileSync(join(folder.path, file), lines.join(''));
  const fields = { eventProperties: { '@path': '$.properties' } };
  writeFileSync(
    join(folder.path, 'c.json'),
    JSON.stringify({ version: 1, mappings: [{ name: 'A', fields }] }),
  );
  const script = '"$@" 2>&1 >/dev/null | { sleep 1; cat; }';
  const args = [process.execPath, BIN, 'validate', file, '--config', 'c.json', '--no-state', '--quiet'];
  const { stdout } = spawnSync('bash', ['--norc', '-c', script, 'bash', ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  expect(stdout.length).toBeGreaterThan(1 << 16);
  expect(stdout.includes('Nothing was sent.\n'), 'the end of the summary').toBe(true);
});

it('more files than a process may have open are reported as that', () => {
  const names = Array.from({ length: 60 }, (_, n) => `f${n}.csv`);
  // Those that are read whole when they are opened are closed then.
  for (const name of names)
    writeFileSync(join(folder.path, name), `Email\n${'a@example.com\n'.repeat(10_000)}`);
  const args = ['-c', 'ulimit -n 60; exec "$@"', 'bash', process.execPath, BIN, 'validate', ...names];
  const ended = spawnSync('bash', ['--norc', ...args], {
    cwd: folder.path,
    env: { PATH: process.env.PATH },
    encoding: 'utf8',
  });
  expect([ended.status, ended.stderr]).toEqual([
    2,
    expect.stringMatching(
      /^f\d+\.csv: INPUT_UNREADABLE: [^\n]* \(EMFILE\)\.\n {2}→ Let the process open more files at once \(ulimit -n\), or name fewer[^\n]*\n$/,
    ),
  ]);
});
