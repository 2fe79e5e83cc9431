import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  chownSync,
  existsSync,
  lchownSync,
  mkdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { startCapiServer } from '../helpers/capi-server.js';
import { temporaryDirectory, useFolder } from '../helpers/folder.js';
import { HEADER, orderRow } from '../helpers/orders.js';
import { BIN, CREDENTIALS, type Ended, run } from '../helpers/program.js';

const folder = useFolder();

const OTHER = 65_534;
const go = (uid: number | undefined, ...args: string[]): Promise<Ended> =>
  run(args, { cwd: folder.path, ...(uid === undefined ? {} : { uid }) });

/** What root has sent, with the state of that. */
let left: ReturnType<typeof temporaryDirectory>;
beforeAll(async () => {
  left = temporaryDirectory();
  writeFileSync(join(left.path, 'o.csv'), HEADER + orderRow(1));
  const sent = await run(['send', 'o.csv', '--sandbox', '--state', '.rokt-capi'], { cwd: left.path });
  expect(sent.code, sent.stderr).toBe(0);
});
afterAll(() => left.remove());

/** Makes the folder of a test one that all may write to, with a state of root in it. */
function leaveState(): void {
  // With the modes of its folders, which Node's own cpSync keeps only before Node 22.
  execFileSync('cp', ['-a', `${left.path}/.`, folder.path]);
  chmodSync(folder.path, 0o777);
}

/** Only root may be another user; and that one has to get at the program. */
const canBeOther =
  process.getuid?.() === 0 &&
  spawnSync(process.execPath, [BIN, '--version'], { uid: OTHER, gid: OTHER }).status === 0;

describe.skipIf(!canBeOther)('a state of another user', () => {
  it.each([
    'runs',
    'runs --json',
    'runs --audiences',
    'runs --event order-1',
    'runs 2026',
    'validate o.csv --rejects r.ndjson',
    'send o.csv --sandbox --dry-run --state .rokt-capi --rejects r.ndjson',
  ])('is reported as unreadable, not as empty: %s', async (command) => {
    leaveState();
    const ended = await go(OTHER, ...command.split(' '));
    // With --json its code is there too.
    const printed = command.endsWith('--json') ? expect.stringContaining('STATE_UNREADABLE') : '';
    expect(ended).toMatchObject({ code: 2, stdout: printed });
    expect(ended.stderr).toMatch(/\.rokt-capi(?:\/runs)?: STATE_UNREADABLE: .*\(EACCES\)\.\n {2}→ .*\n$/);
  });

  it.each(['runs', 'runs --event order-1', 'runs --audiences'])(
    'is reported so too where only its files and folders are closed: %s',
    async (command) => {
      leaveState();
      chmodSync(join(folder.path, '.rokt-capi'), 0o755);
      const ended = await go(OTHER, ...command.split(' '));
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/STATE_UNREADABLE/);
    },
  );

  it('in which root has run once is its owner’s again as the message says', async () => {
    chmodSync(folder.path, 0o777);
    execFileSync('cp', ['-a', join(left.path, 'o.csv'), folder.path]);
    const words = ['send', 'o.csv', '--sandbox', '--state', '.rokt-capi'];
    expect((await go(OTHER, ...words)).code).toBe(0);
    expect((await go(undefined, ...words)).code).toBe(0);
    const refused = await go(OTHER, ...words);
    expect([refused.code, refused.stderr]).toEqual([2, expect.stringMatching(/→ .*this user.*chown -R/)]);
    execFileSync('chown', ['-R', `${OTHER}`, join(folder.path, '.rokt-capi')]);
    expect((await go(OTHER, ...words)).code).toBe(0);
  });

  it('is no state of its own to `send`, which makes nothing then', async () => {
    leaveState();
    const ended = await go(
      OTHER,
      'send',
      'o.csv',
      '--sandbox',
      '--state',
      '.rokt-capi',
      '--rejects',
      'r.ndjson',
    );
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('STATE_UNWRITABLE');
    expect(existsSync(join(folder.path, 'r.ndjson'))).toBe(false);
  });
});

it.skipIf(!canBeOther).each([
  [
    'send o.csv --sandbox --state .rokt-capi',
    /\.rokt-capi: STATE_UNWRITABLE: .*\(EACCES\).*\n {2}→ Let this user write there\. .*--state.*\n$/,
  ],
  // It writes nothing into the state but these.
  ['validate o.csv', /\.ndjson: REJECTS_UNWRITABLE: .*\(EACCES\).*\n {2}→ .*--rejects FILE.*\n$/],
  ['send o.csv --dry-run', /\.ndjson: REJECTS_UNWRITABLE: .*\(EACCES\).*\n {2}→ .*--rejects FILE.*\n$/],
])(
  'a working directory that this user cannot write to, as a read-only checkout, is reported with what helps: %s',
  async (command, message) => {
    chmodSync(folder.path, 0o755);
    writeFileSync(join(folder.path, 'o.csv'), `Email,Paid at\na@example.com,${new Date().toISOString()}\n`);
    const ended = await go(OTHER, ...command.split(' '));
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(message);
    if (!command.includes('sandbox'))
      expect((await go(OTHER, ...command.split(' '), '--rejects', '/dev/null')).code).toBe(0);
  },
);

it.skipIf(!canBeOther).each(['--rejects', '--report'])(
  'a file that is there, in a directory that this user cannot write to, cannot be written anew: %s is reported before anything is sent',
  async (option) => {
    const server = await startCapiServer();
    chmodSync(folder.path, 0o777);
    const closed = join(folder.path, 'closed');
    mkdirSync(closed, { mode: 0o755 });
    const file = join(closed, 'there.html');
    writeFileSync(file, '');
    chmodSync(file, 0o666);
    const paid = new Date(Date.now() - 86_400_000).toISOString();
    writeFileSync(join(folder.path, 'o.csv'), `Email,Paid at\na@example.com,${paid}\n,${paid}\n`);
    const args = ['send', 'o.csv', '--endpoint', server.url, option, file];
    const ended = await run(args, { cwd: folder.path, env: CREDENTIALS, uid: OTHER });
    await server.close();
    expect([ended.code, ended.stderr]).toEqual([2, expect.stringMatching(/_UNWRITABLE: .*\(EACCES\)/)]);
    expect(server.requests).toEqual([]);
  },
);

it('where there is none, no run is remembered', async () => {
  expect(await go(undefined, 'runs')).toMatchObject({ code: 0, stdout: expect.stringContaining('No run') });
});

describe.skipIf(!canBeOther)('a state directory that turns read-only while a run goes on', () => {
  it('costs no word of what was sent, and the next run knows it', async () => {
    const state = join(folder.path, '.rokt-capi');
    const server = await startCapiServer(() => {
      chmodSync(state, 0o500);
      return { kind: 'accept' };
    });
    chmodSync(folder.path, 0o777);
    const paid = new Date(Date.now() - 86_400_000).toISOString();
    writeFileSync(join(folder.path, 'o.csv'), `Email,Total,Currency,Paid at\na@example.com,5,USD,${paid}\n`);
    const send = () =>
      run(['send', 'o.csv', '--endpoint', server.url, '--json'], {
        cwd: folder.path,
        env: CREDENTIALS,
        uid: OTHER,
      });
    try {
      const closed = await send();
      expect([closed.code, closed.stderr]).toEqual([5, expect.stringContaining('STATE_UNWRITABLE')]);
      expect(JSON.parse(closed.stdout)).toMatchObject({ read: 1, accepted: 1, pending: 0, exitCode: 5 });
      expect(await send()).toMatchObject({
        code: 2,
        stdout: expect.stringMatching(/^{"exitCode":2,"errors":/),
      });
      chmodSync(state, 0o700);
      expect(JSON.parse((await send()).stdout)).toMatchObject({ duplicate: 1, requests: 0, exitCode: 0 });
    } finally {
      await server.close();
    }
  });
});

it.skipIf(!canBeOther).each([
  ['--rejects', 'r.ndjson', 'REJECTS_UNWRITABLE'],
  ['--report', 'r.json', 'REPORT_UNWRITABLE'],
])(
  'a file that this user may write to, in a directory where none can take its place, is reported before anything is sent: %s',
  async (option, name, code) => {
    chmodSync(folder.path, 0o755);
    writeFileSync(join(folder.path, 'o.csv'), 'Order Number,Email\n1,a@example.com\n');
    writeFileSync(join(folder.path, name), '');
    chmodSync(join(folder.path, name), 0o666);
    const ended = await go(OTHER, 'send', 'o.csv', '--sandbox', '--no-state', option, name);
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toContain(`${code}: The file cannot be written (EACCES).`);
  },
);

describe.skipIf(!canBeOther)('a config that is found above the working directory', () => {
  const CONFIG = 'rokt-capi.config.yaml';
  const inside = (uid: number | undefined, ...args: string[]): Promise<Ended> => {
    const cwd = join(folder.path, 'mine');
    mkdirSync(cwd, { recursive: true });
    return run(args, { cwd, ...(uid === undefined ? {} : { uid }) });
  };
  const validate = (uid?: number, ...args: string[]): Promise<Ended> =>
    inside(uid, 'validate', '-', '--no-state', ...args);
  /** @param mode of the directory that it is in. */
  const leaveConfig = (owner: number, mode: number): void => {
    folder.write(CONFIG, 'version: 1\napi: { endpoint: https://capi.invalid/v2 }\n');
    chownSync(join(folder.path, CONFIG), owner, owner);
    chmodSync(folder.path, mode);
  };

  it('is not used where another user can have left it there: it says where orders and credentials go', async () => {
    leaveConfig(OTHER, 0o1777);
    const ended = await validate();
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/\.yaml: CONFIG_NOT_FOUND: .* another user, .*\n {2}→ .* --config.*\n$/);
    expect((await inside(undefined, 'doctor')).stdout).toMatch(/^failed +config .*another user/);
    expect((await validate(undefined, '--config', join('..', CONFIG))).code).toBe(0);
  });

  it.each<[whose: string, owner: number, mode: number, uid: number | undefined]>([
    ["another user's, where only that one can write", OTHER, 0o755, undefined],
    ["root's", 0, 0o1777, OTHER],
    ['their own', OTHER, 0o1777, OTHER],
  ])('is used where it is %s', async (_, owner, mode, uid) => {
    leaveConfig(owner, mode);
    const { stdout } = await inside(uid, 'doctor');
    expect(stdout).toContain('https://capi.invalid/v2');
  });
});

describe.skipIf(!canBeOther)(
  'a file that is written where another user has left something under its name',
  () => {
    const TABLE = `${HEADER}1,a@example.com,x,USD,2026-05-01\n`;
    const write = (...args: string[]): Promise<Ended> =>
      go(undefined, 'validate', 'o.csv', '--no-state', ...args);
    /** @param owner of what stands there. */
    const leave = (owner: number): void => {
      folder.write('o.csv', TABLE);
      folder.write('precious', 'precious');
      symlinkSync('../precious', join(folder.path, 'shared', 'link.json'));
      execFileSync('mkfifo', [join(folder.path, 'shared', 'pipe.json')]);
      for (const name of ['link.json', 'pipe.json'])
        lchownSync(join(folder.path, 'shared', name), owner, owner);
    };
    const precious = (): string => readFileSync(join(folder.path, 'precious'), 'utf8');
    beforeEach(() => {
      mkdirSync(join(folder.path, 'shared'));
      chmodSync(join(folder.path, 'shared'), 0o1777);
    });

    it.each(['--rejects', '--out', '--report'])(
      'is not written through their link or pipe: %s',
      async (option) => {
        leave(OTHER);
        for (const name of ['link.json', 'pipe.json']) {
          const ended = await write(option, join('shared', name));
          expect(ended.code).toBe(2);
          expect(ended.stderr).toMatch(/_UNWRITABLE: .* another user, .*\n {2}→ .*\n$/);
        }
        expect(precious()).toBe('precious');
      },
    );

    it('is not, by the sandbox, a file that they own', async () => {
      folder.write(join('shared', 'b.ndjson'), '');
      chownSync(join(folder.path, 'shared', 'b.ndjson'), OTHER, OTHER);
      const ended = await go(undefined, 'sandbox', '--port', '0', '--out', 'shared/b.ndjson');
      expect(ended.code).toBe(2);
      expect(ended.stderr).toContain('OUT_UNWRITABLE');
    });

    it('is written where it is a link of their own', async () => {
      leave(0);
      expect((await write('--rejects', join('shared', 'link.json'))).code).toBe(3);
      expect(precious()).toContain('AMOUNT_UNREADABLE');
    });
  },
);
