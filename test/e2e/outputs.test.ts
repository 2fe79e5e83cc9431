import { execFileSync, spawnSync } from 'node:child_process';
import {
  closeSync,
  existsSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { inTime } from '../helpers/in-time.js';
import { HEADER } from '../helpers/orders.js';
import { BIN, CREDENTIALS, type Ended, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer;
beforeEach(async () => {
  server = await startCapiServer();
});
afterEach(async () => {
  await server.close();
});

const PAID = new Date(Date.now() - 86_400_000).toISOString();
const GOOD = `1,a@example.com,5,USD,${PAID}\n`;
const BAD = `2,,5,USD,${PAID}\n`;
const path = (name: string): string => join(folder.path, name);
const write = (name: string, text: string): void => writeFileSync(path(name), text);
const go = (...args: string[]): Promise<Ended> => run(args, { cwd: folder.path, env: CREDENTIALS });
const send = (...args: string[]): Promise<Ended> => go('send', '--endpoint', server.url, ...args);

describe('a file to write that is a directory', () => {
  it.each([
    ['REJECTS_UNWRITABLE', '--rejects', 'there'],
    ['REJECTS_UNWRITABLE', '--rejects', 'link'],
    ['REPORT_UNWRITABLE', '--report', 'there.html'],
  ])('is reported as %s before anything is sent: %s %s', async (code, option, name) => {
    for (const directory of ['there', 'there.html']) mkdirSync(path(directory));
    symlinkSync('there', path('link'));
    write('o.csv', HEADER + GOOD + BAD);
    const ended = await send('o.csv', option, name);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(
      `${path(name)}: ${code}: The file cannot be written: a directory has this name`,
    );
    expect(server.requests).toEqual([]);
    expect(existsSync(path('.rokt-capi'))).toBe(false);
  });
});

describe('a file to write that is read, or written by another option', () => {
  const NDJSON = '{"order_id":"1"}\n';
  it.each([
    'send o.csv --dry-run --out o.csv',
    'send o.csv --report link.html',
    'send rejects.ndjson --rejects rejects.ndjson',
    'validate o.csv --config c.json --report c.json',
    'validate o.csv --report rokt-capi.config.json',
    'validate o.csv --against c.json --report c.json',
    'sync-audience o.csv --audience vip --previous p.csv --rejects p.csv',
    'init o.csv --config o.csv --force',
  ])('is left as it is: %s', async (command) => {
    write('o.csv', HEADER + GOOD + BAD);
    write('p.csv', HEADER + GOOD);
    for (const name of ['c.json', 'rokt-capi.config.json']) write(name, '{"version":1}');
    write('rejects.ndjson', NDJSON);
    symlinkSync('o.csv', path('link.html'));
    const before = readdirSync(folder.path);
    const ended = await run(command.split(' '), { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(': OPTION_CONFLICT: ');
    expect(readFileSync(path('o.csv'), 'utf8')).toBe(HEADER + GOOD + BAD);
    expect(readFileSync(path('p.csv'), 'utf8')).toBe(HEADER + GOOD);
    expect(readFileSync(path('rejects.ndjson'), 'utf8')).toBe(NDJSON);
    expect(readdirSync(folder.path)).toEqual(before);
  });

  it('is refused too where the shell has opened it for standard input', async () => {
    write('o.csv', HEADER + GOOD + BAD);
    const input = openSync(path('o.csv'), 'r');
    const ended = spawnSync(process.execPath, [BIN, 'validate', '-', '--rejects', 'o.csv'], {
      cwd: folder.path,
      stdio: [input, 'pipe', 'pipe'],
      encoding: 'utf8',
    });
    closeSync(input);
    expect(ended.status).toBe(2);
    expect(ended.stderr).toContain('o.csv: OPTION_CONFLICT: --rejects names an input file.');
    expect(readFileSync(path('o.csv'), 'utf8')).toBe(HEADER + GOOD + BAD);
  });
});

describe('a file of --out that cannot be written to its end', () => {
  /** Few are written at the end of the run, many in the middle of it. */
  const COUNTS = [100, 30_000];
  const orders = (count: number): string =>
    HEADER + Array.from({ length: count }, (_, n) => GOOD.replace('1,a@', `${n},a${n}@`)).join('');

  it.each(COUNTS)('as on a full disk, is reported, and nothing is left of it: %i orders', async (count) => {
    write('o.csv', orders(count));
    const args = ['send', 'o.csv', '--dry-run', '--out', 'b.ndjson'];
    const ended = await run(args, { cwd: folder.path, quotaKb: 20 });
    expect(ended).toMatchObject({ code: 2, stdout: '' });
    expect(ended.stderr).toMatch(
      /b\.ndjson: OUT_UNWRITABLE: The file cannot be written \(EFBIG\)\.\n {2}→ [^\n]*\n$/,
    );
    expect(readdirSync(folder.path)).toEqual(['o.csv']);
  });

  it.each(COUNTS)('as where its reader goes away, is reported: %i orders', async (count) => {
    write('o.csv', orders(count));
    const ended = await run(['validate', 'o.csv', '--out', '/dev/stdout'], {
      cwd: folder.path,
      onStart: (child) => {
        child.stdout?.destroy();
        child.stdin?.end();
      },
    });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^\/dev\/stdout: OUT_UNWRITABLE: The file cannot be written \(\w+\)\.\n {2}→ [^\n]*\n$/,
    );
  });
});

it.skipIf(!existsSync('/dev/full'))(
  'a report that cannot be written once all was sent is not reported as though nothing was',
  async () => {
    write('o.csv', HEADER + GOOD);
    symlinkSync('/dev/full', path('r.html'));
    const sent = await send('o.csv', '--report', 'r.html');
    expect([sent.code, sent.stderr]).toEqual([1, expect.stringContaining('REPORT_UNWRITABLE')]);
    expect(server.held).toHaveLength(1);
    expect((await go('send', 'o.csv', '--dry-run', '--no-state', '--report', 'r.html')).code).toBe(2);
  },
);

it('a baseline is not written over by the report that is held against it', async () => {
  write('o.csv', HEADER + GOOD);
  await go('validate', 'o.csv', '--report', 'last.json');
  const ended = await go('validate', 'o.csv', '--baseline', 'last.json', '--report', 'last.json');
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('OPTION_CONFLICT')]);
});

it('the file of --out of a run that was stopped half-way is not there', async () => {
  const ended = await inTime(
    (seconds) =>
      run(['send', '-', '--dry-run', '--out', 'b.ndjson', '--max-duration', `${seconds}s`], {
        cwd: folder.path,
        // Standard input stays open.
        onStart: (child) => child.stdin?.write(HEADER + GOOD.repeat(3_000)),
      }),
    ({ stdout }) => stdout !== '',
  );
  expect(ended.code, ended.stderr).toBe(5);
  expect(ended.stdout).toContain('Stopped early');
  expect(readdirSync(folder.path)).toEqual([]);
});

describe('a file with personal data, which is for its owner alone', () => {
  const PRIVATE = 0o600;
  const modeOf = (name: string): number => statSync(path(name)).mode & 0o777;

  it.each(['rejects', 'out'])('is so too where --%s leads to it by links', async (option) => {
    write('o.csv', HEADER + GOOD + BAD);
    mkdirSync(path('sub'));
    writeFileSync(path('sub/real.ndjson'), 'old', { mode: 0o644 });
    symlinkSync('real.ndjson', path('sub/link.ndjson'));
    symlinkSync('sub/link.ndjson', path('latest.ndjson'));
    expect((await go('validate', 'o.csv', `--${option}`, 'latest.ndjson')).code).toBe(3);
    expect(modeOf('sub/real.ndjson')).toBe(PRIVATE);
    expect(readFileSync(path('sub/real.ndjson'), 'utf8')).toContain('USD');
    expect(lstatSync(path('latest.ndjson')).isSymbolicLink()).toBe(true);
    expect(readdirSync(path('sub')).sort()).toEqual(['link.ndjson', 'real.ndjson']);
  });

  it('is whole as each of two runs at once leaves it, also where both have the number that every first process of a container has', async () => {
    write('pid.cjs', 'Object.defineProperty(process, "pid", { value: 1 });');
    const env = { NODE_OPTIONS: `--require ${path('pid.cjs')}` };
    const partials = (): string[] =>
      readdirSync(folder.path)
        .filter((name) => name.endsWith('.partial'))
        .map((name) => `${name} ${statSync(path(name)).ino}`);
    /** Begins to write, and goes on once it is told to. */
    const start = async (rows: string) => {
      const before = partials();
      let goOn = (): void => undefined;
      const ended = run(['validate', '-', '--out', 'b.ndjson'], {
        cwd: folder.path,
        env,
        onStart: (child) => {
          child.stdin?.write(HEADER + rows.repeat(3_000));
          goOn = () => child.stdin?.end();
        },
      });
      await expect
        .poll(() => partials().some((file) => !before.includes(file)), { timeout: 50_000 })
        .toBe(true);
      return { ended, goOn };
    };
    const first = await start(GOOD);
    const second = await start(GOOD.replace('1,', '2,'));
    for (const [each, id] of [
      [first, '1'],
      [second, '2'],
    ] as const) {
      each.goOn();
      expect(await each.ended).toMatchObject({ code: 0, stderr: '' });
      expect(JSON.parse(readFileSync(path('b.ndjson'), 'utf8'))).toMatchObject({
        events: [{ data: { custom_attributes: { confirmationref: id } } }],
      });
      expect(modeOf('b.ndjson')).toBe(PRIVATE);
    }
    expect(partials()).toEqual([]);
  });

  it('is whole where standard output is a file, and named as /dev/stdout', async () => {
    write('o.csv', HEADER + GOOD);
    const args = ['validate', 'o.csv', '--out', '/dev/stdout', '--quiet'];
    await run(args, { cwd: folder.path, stdout: path('all.ndjson') });
    expect(JSON.parse(readFileSync(path('all.ndjson'), 'utf8'))).toHaveProperty('source_request_id');
  });
});

describe.runIf(existsSync('/proc/self/fd'))('an output that is a descriptor of the run', () => {
  const ALL = 'all.txt';
  const shell = (command: string) =>
    execFileSync(
      'bash',
      ['--norc', '-c', `rokt-capi() { "${process.execPath}" "${BIN}" "$@"; }; ${command}`],
      {
        cwd: folder.path,
        stdio: ['ignore', 'pipe', 'pipe'],
      },
    ).toString();

  it.each([
    ['rokt-capi validate o.csv --quiet --out /dev/stdout >> all.txt', 'source_request_id'],
    ['rokt-capi validate o.csv --quiet --out /proc/self/fd/1 >> all.txt', 'source_request_id'],
    ['rokt-capi validate o.csv --quiet --out /dev/fd/3 3>> all.txt', 'source_request_id'],
    ['rokt-capi validate o.csv --quiet --out link >> all.txt', 'source_request_id'],
    ['rokt-capi validate o.csv --quiet --report report.json >> all.txt', '"createdAt"'],
    ['rokt-capi validate bad.csv --rejects /dev/stderr 2>> all.txt; true', 'TIMESTAMP_MISSING'],
    ['rokt-capi serve-plugin --out /dev/stdout >> all.txt', 'roktRtid'],
    ['{ echo; rokt-capi validate o.csv --quiet --out /dev/stdout; } >> all.txt', 'source_request_id'],
  ])('leaves what its file has from before: %s', (command, written) => {
    write('o.csv', HEADER + GOOD);
    write('bad.csv', 'Email,Total\na@example.com,5\n');
    write(ALL, 'before\n');
    symlinkSync('/dev/stdout', path('link'));
    symlinkSync('/dev/stdout', path('report.json'));
    shell(command);
    const all = readFileSync(path(ALL), 'utf8');
    expect(all).toMatch(/^before\n/);
    expect(all).toContain(written);
  });

  it('is not written over by the summary that follows it', () => {
    write('o.csv', HEADER + GOOD);
    shell('rokt-capi validate o.csv --json --out /dev/stdout > all.txt');
    const lines = readFileSync(path(ALL), 'utf8').trimEnd().split('\n');
    expect(lines.map((line) => Object.keys(JSON.parse(line))[0])).toEqual(['source_request_id', 'runId']);
  });
});

describe('a directory that is made for a file', () => {
  const modeOf = (name: string): number => statSync(path(name)).mode & 0o777;

  it('can be entered by all where the file is for all', async () => {
    expect((await go('serve-plugin', '--out', 'public/js/rtid.js')).code).toBe(0);
    expect(['public', 'public/js', 'public/js/rtid.js'].map(modeOf)).toEqual([0o755, 0o755, 0o644]);
    write('o.csv', HEADER + GOOD);
    expect((await go('validate', 'o.csv', '--report', 'reports/r.html')).code).toBe(0);
    expect(['reports', 'reports/r.html'].map(modeOf)).toEqual([0o755, 0o644]);
  });

  it('is private where the file is', async () => {
    write('o.csv', HEADER + GOOD + BAD);
    const outputs = ['--out', 'out/b.ndjson', '--rejects', 'rejects/r.ndjson'];
    expect((await go('validate', 'o.csv', ...outputs)).code).toBe(3);
    expect(['out', 'out/b.ndjson', 'rejects', 'rejects/r.ndjson'].map(modeOf)).toEqual([
      0o700, 0o600, 0o700, 0o600,
    ]);
  });
});

describe('a file of --rejects that an earlier run has written', () => {
  const sendTo = (...args: string[]): Promise<Ended> => send(...args, '--rejects', 'r.ndjson', '--quiet');
  const linesOf = (name: string): string[] =>
    readFileSync(path(name), 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line).file);

  it('is kept beside that of the next night, and gone where that rejects nothing: nothing is sent or mailed again', async () => {
    write('monday.csv', HEADER + BAD);
    write('tuesday.csv', HEADER + BAD.replace('2', '3'));
    write('good.csv', HEADER + GOOD);
    expect((await sendTo('monday.csv')).code).toBe(3);
    expect((await sendTo('tuesday.csv')).code).toBe(3);
    expect([linesOf('r.ndjson'), linesOf('r.ndjson.old')]).toEqual([['tuesday.csv'], ['monday.csv']]);
    expect((await sendTo('good.csv')).code).toBe(0);
    expect(existsSync(path('r.ndjson'))).toBe(false);
    expect(linesOf('r.ndjson.old')).toEqual(['tuesday.csv']);
    expect((await sendTo('good.csv')).code).toBe(0);
    expect(linesOf('r.ndjson.old')).toEqual(['tuesday.csv']);
  });

  it('stays where a run does not come to read anything', async () => {
    write('monday.csv', HEADER + BAD);
    await sendTo('monday.csv');
    expect((await sendTo('nowhere.csv')).code).toBe(2);
    expect(linesOf('r.ndjson')).toEqual(['monday.csv']);
  });

  it('is not kept in the place of a file that is read: fixed rows may be in that alone', async () => {
    write('r.ndjson.old', '{"order_id":"1"}\n');
    const ended = await sendTo('r.ndjson.old');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('r.ndjson.old: OPTION_CONFLICT: --rejects ');
    expect(readFileSync(path('r.ndjson.old'), 'utf8')).toBe('{"order_id":"1"}\n');
  });
});

it('rejects are written down also where there is no directory for temporary files, as in a container that is read-only', async () => {
  write('o.csv', HEADER + GOOD + BAD);
  const env = { ...CREDENTIALS, TMPDIR: path('nowhere') };
  const ended = await run(['send', 'o.csv', '--endpoint', server.url, '--json'], { cwd: folder.path, env });
  expect([ended.code, ended.stderr]).toEqual([3, '']);
  const { rejects } = JSON.parse(ended.stdout);
  expect(readFileSync(path(rejects), 'utf8')).toContain('IDENTIFIER_MISSING');
  expect(readdirSync(path('.rokt-capi/rejects'))).toHaveLength(1);
  expect(statSync(path('.rokt-capi/rejects')).mode & 0o777).toBe(0o700);
});

it.each(['send o.csv --sandbox', 'validate o.csv --report r.json', 'runs', 'doctor'])(
  'a working directory that was removed, as by a deploy, is reported as that: %s',
  (command) => {
    mkdirSync(path('release'));
    const script = `cd release && rmdir ../release && exec "$@"`;
    const ended = spawnSync(
      'bash',
      ['--norc', '-c', script, 'bash', process.execPath, BIN, ...command.split(' ')],
      {
        cwd: folder.path,
        env: { PATH: process.env.PATH },
        encoding: 'utf8',
      },
    );
    expect(ended.status).toBe(2);
    expect(ended.stderr).toMatch(/^CONFIG_NOT_FOUND: The working directory [^\n]*\n {2}→ [^\n]*\n$/);
  },
);

it('with --no-state, a place where no rejects can go is reported with what helps, which is not --state', async () => {
  write('o.csv', HEADER + GOOD);
  write('.rokt-capi', 'no directory');
  const ended = await send('o.csv', '--no-state');
  expect([ended.code, ended.stderr]).toEqual([
    2,
    expect.stringMatching(
      /REJECTS_UNWRITABLE: [^\n]*\n {2}→ Name another place for rejected records with --rejects FILE\.[^\n]*\n$/,
    ),
  ]);
  expect((await send('o.csv', '--no-state', '--rejects', 'r.ndjson')).code).toBe(0);
});

it.skipIf(!existsSync('/proc/self')).each([
  ['REJECTS_UNWRITABLE', 'send', '--rejects /proc/none/r.ndjson'],
  ['REPORT_UNWRITABLE', 'send', '--report /proc/none/r.md'],
  ['OUT_UNWRITABLE', 'validate', '--out /proc/none/o.ndjson'],
  ['STATE_UNWRITABLE', 'send', '--state /proc/none/state'],
])(
  'a directory that the system will not make, as in /proc or where a network file system is away, is reported (%s), and nothing waits for it for ever: %s %s',
  async (code, command, options) => {
    write('o.csv', HEADER + GOOD + BAD);
    const ended = await run([command, 'o.csv', '--endpoint', server.url, ...options.split(' ')], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: (child) => {
        child.stdin?.end();
        // It heeds no other signal while it hangs in the file system.
        setTimeout(() => child.kill('SIGKILL'), 20_000).unref();
      },
    });
    expect(ended.signal).toBe(null);
    expect(ended.code).toBeGreaterThan(0);
    expect(ended.stderr).toContain(`: ${code}: `);
  },
);
