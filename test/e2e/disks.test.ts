import { type ChildProcess, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { inTime } from '../helpers/in-time.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { BIN, CAN_FAIL, CREDENTIALS, type Fault, run } from '../helpers/program.js';
import { until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What is in the state directory. */
function state(name = ''): string {
  return join(folder.path, '.rokt-capi', name);
}

async function command(args: readonly string[], fault?: Fault, onStart?: (child: ChildProcess) => void) {
  server ??= await startCapiServer();
  const ended = await run([...args, '--endpoint', server.url, '--json'], {
    cwd: folder.path,
    env: CREDENTIALS,
    ...(fault === undefined ? {} : { fault }),
    ...(onStart === undefined ? {} : { onStart }),
  });
  const result: Record<string, unknown> = ended.stdout === '' ? {} : JSON.parse(ended.stdout);
  return { ...ended, result };
}

it.each([100, 3_000])(
  'where there is no room for the temporary file of rejected records, it is that which is named: %i of them',
  async (count) => {
    server = await startCapiServer();
    folder.write(
      'orders.csv',
      `${HEADER}${`o-x,,5,USD,${new Date().toISOString()}\n`.repeat(count)}${orderRows(0, 3)}`,
    );
    const args = ['send', 'orders.csv', '--endpoint', server.url, '--json'];
    const TMPDIR = join(folder.path, 'tmp');
    mkdirSync(TMPDIR);
    const ended = await run(args, { cwd: folder.path, env: { ...CREDENTIALS, TMPDIR }, quotaKb: 20 });
    expect(JSON.parse(ended.stdout)).toMatchObject({ accepted: 3, rejected: count, exitCode: 5 });
    const [error] = JSON.parse(ended.stdout).errors;
    expect(error).toMatchObject({ code: 'REJECTS_UNWRITABLE', file: TMPDIR });
    expect(error.message).toBe('The rejected records cannot be written to disk (EFBIG).');
    expect(error.hint).toMatch(/^Make room there, or name another directory in .* TMPDIR, and run/);
  },
);

it('where the server refuses the credentials and the rejected records have no room, both are told, and the exit code is 4', async () => {
  server = await startCapiServer(() => ({ kind: 'answer', status: 401 }));
  const bad = `o-x,,5,USD,${new Date().toISOString()}\n`.repeat(100);
  folder.write('orders.csv', HEADER + bad + orderRows(0, 3));
  const args = ['send', 'orders.csv', '--endpoint', server.url, '--json'];
  const ended = await run(args, { cwd: folder.path, env: CREDENTIALS, quotaKb: 20 });
  expect(ended).toMatchObject({ code: 4, stderr: expect.stringContaining('REJECTS_UNWRITABLE') });
  expect(JSON.parse(ended.stdout)).toMatchObject({
    rejected: 100,
    pending: 3,
    exitCode: 4,
    stopped: expect.stringContaining('refused the credentials (401)'),
    errors: [{ code: 'REJECTS_UNWRITABLE' }],
  });
});

it('a state directory that is moved away during a run, as a volume that is unmounted, is told so; put back, the rest is sent', async () => {
  const away = join(folder.path, 'away');
  server = await startCapiServer((number) => {
    if (number === 2) renameSync(state(), away);
    return { kind: 'accept', delayMs: number < 5 ? 600 : 0 };
  });
  folder.write('orders.csv', HEADER + orderRows(0, 300));
  const ended = await command(['send', 'orders.csv', '--concurrency', '1', '--rate', '100']);
  expect(ended.stderr).toMatch(
    /^[^\n]*\.rokt-capi: STATE_UNREADABLE: The state directory is not there any more[^\n]*\n {2}→ Put it back before[^\n]*\n/,
  );
  expect(ended).toMatchObject({ code: 5, result: { read: 300, rejected: 0 } });
  renameSync(away, state());
  expect(await command(['send', 'orders.csv'])).toMatchObject({ code: 0 });
  expect(server.held).toHaveLength(300);
});

describe.skipIf(!CAN_FAIL)('a disk that fails', () => {
  it('whose quota is used up is a full disk: run it again once there is room', async () => {
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    const full = await command(['send', 'orders.csv'], {
      calls: 'write,pwrite64',
      error: 'EDQUOT',
      path: state('lock'),
    });
    expect(full.stderr).toContain('STATE_DISK_FULL');
    expect(full.code).toBe(5);
    const again = await command(['send', 'orders.csv']);
    expect(again).toMatchObject({ code: 0, result: { accepted: 3 } });
  });

  /** As of a network file system that is away for a moment: the file is there, and cannot be looked at. */
  const away = (path: string, when = '1'): Fault => ({ calls: 'stat,statx', error: 'EIO', path, when });
  const UNREADABLE = { code: 2, stderr: expect.stringContaining('STATE_UNREADABLE') };

  it.each(['.members', '.planned'])(
    'so that what is kept of an audience cannot be looked at: nobody is sent again: %s',
    async (ending) => {
      folder.write('vip.csv', 'email\nann@example.com\nbob@example.com\n');
      const args = ['sync-audience', 'vip.csv'];
      expect(await command(args)).toMatchObject({ code: 0, result: { accepted: 2 } });
      folder.write('vip.csv', 'email\nann@example.com\ncleo@example.com\n');
      const [members = ''] = readdirSync(state('audiences'));
      const kept = state(join('audiences', members.replace('.members', ending)));
      expect(await command(args, away(kept))).toMatchObject(UNREADABLE);
      expect(await command(args)).toMatchObject({ code: 0, result: { accepted: 1 } });
      expect(await command(args)).toMatchObject({ code: 0, result: { requests: 0 } });
      expect(server?.requests.flatMap(({ batches }) => batches)).toHaveLength(4);
    },
  );

  it('so that the temporary file of rejected records cannot be read back: it is no room that is missing', () => {
    const input = `${HEADER}o-x,,5,USD,${new Date().toISOString()}\n${orderRows(0, 1)}`;
    const log = join(folder.path, 'calls');
    const send = (...fault: string[]) =>
      spawnSync(
        'strace',
        [
          '-f',
          '-qq',
          '-o',
          log,
          '-e',
          'trace=pread64',
          ...fault,
          process.execPath,
          BIN,
          'send',
          '-',
          '--sandbox',
        ],
        { cwd: folder.path, env: { PATH: process.env.PATH }, input, encoding: 'utf8' },
      );
    expect(send()).toMatchObject({ status: 3 });
    // It has no name by which its reading could be told from other reading, but is read last.
    const calls = readFileSync(log, 'utf8').trimEnd().split('\n').length;
    const failed = send('-e', `inject=pread64:error=EIO:when=${calls}`);
    expect(failed).toMatchObject({ status: 5 });
    expect(failed.stderr).toMatch(
      /REJECTS_UNWRITABLE: [^\n]*\(EIO\)\.\n {2}→ Check that disk, or name [^\n]*, and run/,
    );
  });

  it('so that what was in flight cannot be looked at: it is not forgotten', async () => {
    server = await startCapiServer(() => ({ kind: 'accept-and-drop' }));
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    const isInFlight = () => existsSync(state('in-flight'));
    await inTime(
      (seconds) => command(['send', 'orders.csv', '--max-duration', `${seconds}s`]),
      () => isInFlight(),
    );
    expect(isInFlight()).toBe(true);
    expect(await command(['send', 'orders.csv'], away(state('in-flight')))).toMatchObject(UNREADABLE);
    expect(existsSync(state('in-flight'))).toBe(true);
  });

  it('so that the lock of a run on another machine cannot be looked at: it is not taken over', async () => {
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    const holder = JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: 'then', runId: 'r', token: 't' });
    mkdirSync(state());
    writeFileSync(state('lock'), holder);
    // Read first, and then looked at.
    expect(await command(['send', 'orders.csv'], away(state('lock'), '2'))).toMatchObject(UNREADABLE);
    expect(readFileSync(state('lock'), 'utf8')).toBe(holder);
    expect(server?.requests).toHaveLength(0);
  });

  it('so that a run cannot look at its own lock any more: it stops, and is run again', async () => {
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    mkdirSync(state());
    const failed = await command(['send', 'orders.csv'], away(state('lock')));
    const text = expect.stringMatching(
      /^[^\n]*lock: STATE_UNREADABLE: .*\(EIO\)\.\n {2}→ Check the disk[^\n]*\n$/,
    );
    expect(failed).toMatchObject({ code: 2, stderr: text });
    expect(await command(['send', 'orders.csv'])).toMatchObject({ code: 0, result: { accepted: 3 } });
    expect(server?.held).toHaveLength(3);
  });

  it('so that a file or a folder of the state cannot be read just now: says so, and not to move it away', async () => {
    let kind: 'accept' | 'accept-and-hang' = 'accept';
    server = await startCapiServer(() => ({ kind }));
    const args = ['sync-audience', 'vip.csv'];
    folder.write('vip.csv', 'email\nann@example.com\n');
    expect(await command(args)).toMatchObject({ code: 0 });
    kind = 'accept-and-hang';
    folder.write('vip.csv', 'email\nann@example.com\nbob@example.com\n');
    await command(args, undefined, async (child) => {
      await until(() => server?.requests.length === 2);
      child.kill('SIGKILL');
    });
    kind = 'accept';
    const names = readdirSync(state(), { recursive: true, encoding: 'utf8' });
    const files = ['state.json', '.segment', 'runs/', 'journal-2', '.members', '.planned'];
    const faults = [
      ...files.map((part) => ['read,pread64', names.find((name) => name.includes(part)) ?? part] as const),
      ...['', 'runs', 'audiences'].map((name) => ['getdents64', name] as const),
    ];
    for (const [calls, name] of faults) {
      const failed = await command(args, {
        calls,
        error: name === 'journal-2' ? 'ESTALE' : 'EIO',
        path: state(name),
      });
      const why = `\\((?:EIO|ESTALE)\\)\\.\n  → Check the disk, or the connection to it`;
      const text = expect.stringMatching(new RegExp(`: STATE_UNREADABLE: [^\n]*${why}[^\n]*\n$`));
      expect(failed, `${calls} ${name}`).toMatchObject({ code: 2, stderr: text });
    }
    expect(await command(args)).toMatchObject({ code: 0, result: { accepted: 1 } });
    expect(server.held).toHaveLength(2);
  });

  it('while a sync sends what was planned: what is left is sent by the next one', async () => {
    folder.write('vip.csv', 'email\nann@example.com\nbob@example.com\n');
    const args = ['sync-audience', 'vip.csv'];
    expect(await command(args)).toMatchObject({ code: 0 });
    folder.write('vip.csv', 'email\nann@example.com\ncleo@example.com\n');
    const [members = ''] = readdirSync(state('audiences'));
    // Read once for the plan, and then for what is sent.
    const path = state(join('audiences', members.replace('.members', '.planned')));
    const failed = await command(args, { calls: 'read,pread64', error: 'EIO', path });
    expect(failed.stderr).toMatch(/^[^\n]*STATE_UNREADABLE[^\n]*\n {2}→[^\n]*\n/);
    expect(failed.code).toBe(2);
    expect(await command(args)).toMatchObject({ code: 0, result: { accepted: 1 } });
    expect(server?.held).toHaveLength(4);
    expect(server?.duplicates).toBe(0);
  });

  it.each(['lock', 'lock.claim'])(
    'so that the lock of a killed run cannot be removed, as one with chattr +i: says so instead of trying for ever: %s',
    async (name) => {
      folder.write('orders.csv', HEADER + orderRows(0, 3));
      mkdirSync(state());
      writeFileSync(state('lock'), '');
      if (name === 'lock.claim') {
        writeFileSync(state(name), '');
        utimesSync(state(name), 0, 0);
      }
      const fault = { calls: 'unlink', error: 'EPERM', path: state(name) };
      const text = expect.stringMatching(new RegExp(`/${name}: STATE_UNWRITABLE: .*\\(EPERM\\)`));
      expect(await command(['send', 'orders.csv'], fault)).toMatchObject({ code: 2, stderr: text });
      expect(await command(['send', 'orders.csv'])).toMatchObject({ code: 0, result: { accepted: 3 } });
    },
  );

  it('so that a name in the state directory may not outlast a power cut: nothing is sent that would be forgotten', async () => {
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    mkdirSync(state());
    const failed = await command(['send', 'orders.csv'], { calls: 'fsync', error: 'EIO', path: state() });
    expect(failed).toMatchObject({ code: 2, stderr: expect.stringMatching(/STATE_UNWRITABLE: .*\(EIO\)/) });
    expect(server?.requests).toHaveLength(0);
    expect(await command(['send', 'orders.csv'])).toMatchObject({ code: 0, result: { accepted: 3 } });
  });

  it('once requests are out, for the state and the rejects file: 5, since 2 says that nothing was sent', async () => {
    folder.write('orders.csv', `${HEADER}o-x,,5,USD,${new Date().toISOString()}\n${orderRows(0, 3)}`);
    // The journal is begun, what is to be sent is announced, and its end is not recorded any more.
    const fault = { calls: 'fdatasync', error: 'ENOSPC', path: state('journal-1'), when: '2+' };
    mkdirSync(state());
    server = await startCapiServer((number) => {
      if (number === 1) writeFileSync(state('rejects'), '');
      return { kind: 'accept' };
    });
    const failed = await command(['send', 'orders.csv'], fault);
    expect(failed).toMatchObject({ code: 5, result: { accepted: 0, pending: 3, rejected: 1, exitCode: 5 } });
    expect(failed.stderr).toMatch(/REJECTS_UNWRITABLE.*STATE_DISK_FULL/s);
    rmSync(state('rejects'));
    expect(await command(['send', 'orders.csv'])).toMatchObject({ code: 3, result: { accepted: 3 } });
    expect(server.held).toHaveLength(3);
  });
});

it('a file that ends early once requests are out ends with 5 also where the server has accepted none of them', async () => {
  server = await startCapiServer(() => ({ kind: 'answer', status: 400 }));
  const whole = gzipSync(HEADER + orderRows(0, 3_000));
  folder.write('orders.csv.gz', whole.subarray(0, whole.length * 0.9));
  const ended = await command(['send', 'orders.csv.gz', '--rate', '100000']);
  expect(ended.stderr).toContain('INPUT_COMPRESSION');
  expect(ended.code).toBe(5);
  expect(ended.result).toMatchObject({ accepted: 0, exitCode: 5 });
  expect(server.requests.length).toBeGreaterThan(0);
});
