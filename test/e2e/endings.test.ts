import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, type RunOptions, run } from '../helpers/program.js';
import { signalWhen, until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const { write } = folder;
const go = (command: string, options: Partial<RunOptions> = {}) =>
  run(command.split(' '), { cwd: folder.path, env: CREDENTIALS, ...options });

/** A lock of a run on another machine, which was alive just now. */
function lockElsewhere(): void {
  mkdirSync(join(folder.path, '.rokt-capi'));
  const holder = { pid: 1, host: 'elsewhere', startedAt: 'then', runId: 'r', token: 't' };
  writeFileSync(join(folder.path, '.rokt-capi/lock'), JSON.stringify(holder));
}

describe('with --json, standard output is one JSON object whatever happens', () => {
  it.each([
    ['a file that is not there', 'send nowhere.csv', 2, 'INPUT_NOT_FOUND'],
    ['a config with an unknown setting', 'validate o.csv --config bad.yaml', 2, 'CONFIG_UNKNOWN_KEY'],
    ['no credentials', 'send o.csv', 2, 'CREDENTIALS_MISSING'],
    ['an empty snapshot', 'sync-audience empty.json --dry-run', 2, undefined],
    ['an unknown option', 'send o.csv --nope', 2, undefined],
    ['no file', 'send', 2, undefined],
    ['an unknown run', 'runs 2026', 2, 'RUN_UNKNOWN'],
  ])('%s', async (_, command, exitCode, code) => {
    write('o.csv', HEADER + orderRows(0, 3));
    write('bad.yaml', 'version: 1\nbad: 2\n');
    write('empty.json', '{');
    const ended = await go(`${command} --json`, { env: {} });
    expect(ended.code).toBe(exitCode);
    expect(ended.stderr).not.toBe('');
    const printed = JSON.parse(ended.stdout);
    expect(printed).toMatchObject({ exitCode, errors: [{ message: expect.any(String) }] });
    if (code !== undefined) expect(printed.errors[0]).toMatchObject({ code, hint: expect.any(String) });
    expect(ended.stderr).toContain(printed.errors[0].message);
  });

  it('a state that another run writes to', async () => {
    write('o.csv', HEADER + orderRows(0, 3));
    lockElsewhere();
    const ended = await go('send o.csv --endpoint http://127.0.0.1:1/v2 --json');
    expect(ended.code).toBe(5);
    expect(JSON.parse(ended.stdout)).toMatchObject({ exitCode: 5, errors: [{ code: 'STATE_LOCKED' }] });
  });

  it('an error of the program itself', async () => {
    write('o.csv', HEADER + orderRows(0, 3));
    write('break.cjs', 'Array.prototype.entries = () => { throw new Error("out of luck"); };');
    const env = { NODE_OPTIONS: '--require ./break.cjs' };
    const ended = await go('validate o.csv --json', { env });
    expect(ended.code, ended.stderr).toBe(1);
    expect(ended.stderr).toContain('out of luck');
    expect(JSON.parse(ended.stdout)).toEqual({
      exitCode: 1,
      errors: [{ message: expect.stringContaining('standard error') }],
    });
  });

  it('without --json, it stays empty', async () => {
    expect(await go('send nowhere.csv')).toMatchObject({ code: 2, stdout: '' });
  });

  it('a state that becomes full: the run and the code of what stopped it', async () => {
    server = await startCapiServer();
    write('o.csv', HEADER + orderRows(0, 3_000));
    const ended = await go(`send o.csv --endpoint ${server.url} --json --rate 100000`, { quotaKb: 20 });
    expect(ended.code).toBe(5);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      read: expect.any(Number),
      exitCode: 5,
      errors: expect.arrayContaining([expect.objectContaining({ code: 'STATE_DISK_FULL' })]),
    });
  });
});

describe('a signal before anything was sent', () => {
  it.each([
    ['SIGTERM', 143],
    ['SIGINT', 130],
  ] as const)(
    'ends a run that waits for another, as the first process of a container too: %s',
    async (signal, exitCode) => {
      write('o.csv', HEADER + orderRows(0, 3));
      lockElsewhere();
      let told = false;
      const ended = await go('send o.csv --endpoint http://127.0.0.1:1/v2 --wait 60 --json', {
        onStart: (child) => {
          child.stderr?.on('data', () => {
            told = true;
          });
          signalWhen(() => told, signal)(child);
        },
      });
      expect(ended).toMatchObject({ code: exitCode, signal: null });
      expect(ended.stderr).toContain(`${signal}: nothing was sent.\n`);
      expect(JSON.parse(ended.stdout)).toMatchObject({ exitCode });
    },
  );

  it('leaves no lock behind, for which a run in another container would have to wait', async () => {
    server = await startCapiServer();
    const member = (n: number): string => `{"user_id":"u${n}","email":"u${n}@example.com"}\n`;
    const half = Array.from({ length: 5_000 }, (_, n) => member(n)).join('');
    const lock = join(folder.path, '.rokt-capi/lock');
    const ended = await go(`sync-audience - --audience vips --endpoint ${server.url}`, {
      onStart: (child) => {
        // The pipe stays open: a sync sends nothing before it has read all.
        child.stdin?.write(half);
        signalWhen(() => existsSync(lock))(child);
      },
    });
    expect(ended).toMatchObject({ code: 143, signal: null });
    expect(existsSync(lock)).toBe(false);
    expect(server.requests).toHaveLength(0);
  });

  it('is no kill of a sync that reads: no later one tells of it, and runs says that it was stopped', async () => {
    server = await startCapiServer();
    const record = join(folder.path, '.rokt-capi/runs');
    let seenAt = Number.POSITIVE_INFINITY;
    const ended = await go(`sync-audience - --audience vips --endpoint ${server.url} --json`, {
      onStart: (child) => {
        child.stdin?.write(`user_id,email\n${'u1,ann@example.com\n'.repeat(20_000)}`);
        signalWhen(() => {
          if (existsSync(record)) seenAt = Math.min(seenAt, Date.now());
          return Date.now() > seenAt + 500;
        }, 'SIGINT')(child);
      },
    });
    expect(ended).toMatchObject({ code: 130, signal: null, stderr: 'SIGINT: nothing was sent.\n' });
    const errors = [{ message: 'SIGINT: nothing was sent.' }];
    expect(JSON.parse(ended.stdout)).toEqual({ exitCode: 130, errors });
    write('vips.csv', 'user_id,email\nu1,ann@example.com\n');
    const next = await go(`sync-audience vips.csv --endpoint ${server.url} --json`);
    expect(JSON.parse(next.stdout)).toMatchObject({ exitCode: 0, accepted: 1, warnings: [] });
    expect(JSON.parse((await go('runs --json')).stdout)).toMatchObject([
      { state: 'stopped', unfinished: false },
      { state: 'finished' },
    ]);
  });
});

it.skipIf(process.platform === 'win32')(
  'a signal while a run that has sent everything writes its reports: they are written',
  async () => {
    server = await startCapiServer();
    write('o.csv', HEADER + orderRows(0, 3));
    const pipe = join(folder.path, 'report.json');
    execFileSync('mkfifo', [pipe]);
    let report = '';
    const ended = await go(`send o.csv --endpoint ${server.url} --report report.json --json`, {
      onStart: async (child) => {
        // It lets go of its state once that has what was sent, and writes the reports then.
        const lock = join(folder.path, '.rokt-capi/lock');
        await until(() => server?.held.length === 3 && !existsSync(lock));
        child.kill('SIGTERM');
        await new Promise((resolve) => setTimeout(resolve, 500));
        report = execFileSync('cat', [pipe], { encoding: 'utf8' });
      },
    });
    expect(ended).toMatchObject({ code: 0, signal: null });
    expect(JSON.parse(report)).toMatchObject({ result: { accepted: 3 } });
    expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 3, exitCode: 0 });
  },
);
