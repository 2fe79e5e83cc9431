import { execFileSync, spawnSync } from 'node:child_process';
import {
  appendFileSync,
  chmodSync,
  chownSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER } from '../helpers/orders.js';
import { BIN, CREDENTIALS, type Ended, run } from '../helpers/program.js';
import { until } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer;
beforeEach(async () => {
  server = await startCapiServer(() => ({ kind: 'accept', delayMs: 20 }));
});
afterEach(async () => {
  await server.close();
});

const path = (name: string): string => join(folder.path, name);
const paidAt = new Date(Date.now() - 3_600_000).toISOString();
const rows = (night: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${night}${n},${night}${n}@example.com,5,USD,${paidAt}\n`).join('');
const COUNT = 15_000;

/** Sends o.csv, and does something to it as soon as the first orders have come. */
async function sendWhile(change: () => void): Promise<Ended> {
  writeFileSync(path('o.csv'), HEADER + rows('monday', COUNT));
  return run(['send', 'o.csv', '--endpoint', server.url, '--json', '--rate', '100000', '--workers', '0'], {
    cwd: folder.path,
    env: CREDENTIALS,
    onStart: async (child) => {
      child.stdin?.end();
      await until(() => server.requests.length > 0);
      change();
    },
  });
}

describe('a file on which the next export begins while it is read', () => {
  it.each([
    ['longer', COUNT + 500],
    ['as long', COUNT],
    ['still empty', 0],
  ])('in place, is no success: some of it was never read (%s)', async (_, count) => {
    const ended = await sendWhile(() => writeFileSync(path('o.csv'), HEADER + rows('tuesday', count)));
    expect(ended.code).toBe(5);
    expect(ended.stderr).toMatch(/^o\.csv: INPUT_UNREADABLE: The file was overwritten, .*\n {2}→ .*\n/m);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    expect(result.accepted).toBe(server.held.length);
    const again = await run(['send', 'o.csv', '--endpoint', server.url], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('INPUT_CHANGED')]);
  });

  it('under another name, which then takes its place, is read to its end', async () => {
    const ended = await sendWhile(() => {
      writeFileSync(path('new.csv'), HEADER + rows('tuesday', 10));
      renameSync(path('new.csv'), path('o.csv'));
    });
    expect([ended.code, JSON.parse(ended.stdout).accepted]).toEqual([0, COUNT]);
  });

  it('at its end, is read with what was added', async () => {
    const ended = await sendWhile(() => appendFileSync(path('o.csv'), rows('more', 3)));
    expect([ended.code, JSON.parse(ended.stdout).accepted]).toEqual([0, COUNT + 3]);
    expect(server.held.map(({ user_identities }) => user_identities.email)).toContain('more2@example.com');
  });
});

describe('a file that was opened, and is then something else, or cannot be read, before anything is sent', () => {
  const SNAPSHOT = '{"members":[{"email":"a@example.com"}],"audience":"vip"}';
  const OTHER = '{"audience":"other","members":[{"email":"b@example.com"}]}';
  const asRoot = process.getuid?.() === 0;
  const uid = asRoot ? 65_534 : undefined;
  const canBeOther =
    !asRoot || spawnSync(process.execPath, [BIN, '--version'], { uid, gid: uid }).status === 0;

  /** Runs a command on `first`, which is changed once it is open, and on what comes later. */
  async function runWhile(command: string, later: string, change: () => void, user?: number): Promise<Ended> {
    chmodSync(folder.path, 0o777);
    execFileSync('mkfifo', ['-m', '666', path('later')]);
    const [ended] = await Promise.all([
      run(`${command} first later --endpoint ${server.url} --quiet`.split(' '), {
        cwd: folder.path,
        env: CREDENTIALS,
        ...(user === undefined ? {} : { uid: user }),
      }),
      // Who writes to a pipe waits until somebody opens it.
      open(path('later'), 'w').then(async (pipe) => {
        change();
        await pipe.writeFile(later);
        await pipe.close();
      }),
    ]);
    return ended;
  }

  it.each<[what: string, change: () => void, code: string]>([
    ['removed', () => rmSync(path('first')), 'INPUT_NOT_FOUND'],
    ['emptied', () => writeFileSync(path('first'), ''), 'INPUT_UNREADABLE'],
    [
      'a link to itself',
      () => {
        rmSync(path('first'));
        symlinkSync('first', path('first'));
      },
      'INPUT_UNREADABLE',
    ],
  ])('is an error with its name in sync-audience, which reads it twice: %s', async (_, change, code) => {
    folder.write('first', SNAPSHOT);
    const ended = await runWhile('sync-audience', OTHER, change);
    expect(ended.code, ended.stderr).toBe(2);
    expect(ended.stderr).toMatch(new RegExp(`^first: ${code}: [^\\n]*\\n {2}→ [^\\n]*\\n$`));
    expect(server.requests).toEqual([]);
  });

  it.skipIf(!canBeOther).each([
    ['send', HEADER + rows('first', 1), HEADER + rows('later', 1)],
    ['sync-audience', SNAPSHOT, OTHER],
  ])(
    'is an error with its name, and no stack: %s, without the right to read it',
    async (command, first, later) => {
      folder.write('first', first);
      if (uid !== undefined) chownSync(path('first'), uid, uid);
      const ended = await runWhile(command, later, () => chmodSync(path('first'), 0), uid);
      expect(ended.code, ended.stderr).toBe(2);
      expect(ended.stderr).toMatch(/first: INPUT_UNREADABLE: [^\n]*\(EACCES\)\.\n {2}→ [^\n]*\n$/);
      expect(server.requests).toEqual([]);
    },
  );
});
