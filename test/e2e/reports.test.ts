import { mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { type Behaviour, badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { inTime } from '../helpers/in-time.js';
import { HEADER, orderRow, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const textOf = (name: string): string => readFileSync(join(folder.path, name), 'utf8');

/** Runs a command that writes all its reports, and gives back what each of them says. */
async function runTold(...args: string[]) {
  const ended = await run(
    [
      ...args,
      ...['--endpoint', server?.url ?? 'http://127.0.0.1:9/v2'],
      ...['json', 'xml', 'md', 'html'].flatMap((ending) => ['--report', `r.${ending}`]),
    ],
    { cwd: folder.path, env: { ...CREDENTIALS, GITHUB_ACTIONS: 'true' } },
  );
  const { result, checks } = JSON.parse(textOf('r.json'));
  return {
    ...ended,
    result,
    checks,
    junit: textOf('r.xml'),
    markdown: textOf('r.md'),
    html: textOf('r.html'),
  };
}

it('the states of the records, the run, and that nothing was sent are told in every form', async () => {
  folder.write('o.csv', `${HEADER}${orderRows(0, 3)}${orderRow(2)}broken\n`);
  const { result, stdout, junit, markdown, html } = await runTold('send', 'o.csv', '--dry-run');
  expect(result).toMatchObject({ read: 5, accepted: 3, duplicate: 1, skipped: 0, rejected: 1, pending: 0 });
  for (const name of ['read', 'accepted', 'duplicate', 'skipped', 'rejected', 'pending']) {
    expect(stdout).toMatch(new RegExp(`^  ${name} +${result[name]}\\b`, 'm'));
    expect(junit).toContain(`<property name="${name}" value="${result[name]}"/>`);
    const tile = name === 'accepted' ? 'would be sent' : name;
    expect(html).toContain(`<b>${result[name]}</b> ${tile}</li>`);
  }
  expect(markdown).toContain('| read | accepted | duplicate | skipped | rejected | pending |');
  expect(markdown).toContain('| 5 | 3 | 1 | 0 | 1 | 0 |');
  expect(stdout).toContain('Nothing was sent');
  expect(junit).toContain('<property name="dryRun" value="true"/>');
  for (const text of [markdown, html]) expect(text).toContain('dry run: nothing was sent');
  for (const text of [junit, markdown, html]) expect(text).toContain(result.runId);
});

describe('a leave that the server refuses', () => {
  it('is told in every form: the run fails for it, though no record of the input is rejected', async () => {
    let refused = 'nobody';
    server = await startCapiServer((_, { body }) =>
      body.includes(refused) ? badRequest('no') : { kind: 'accept' },
    );
    folder.write('vip.csv', 'user_id\nu1\nu2\nu3\n');
    expect((await runTold('sync-audience', 'vip.csv')).code).toBe(0);
    refused = '"u2"';
    folder.write('vip.csv', 'user_id\nu1\nu3\n');
    const told = await runTold('sync-audience', 'vip.csv');
    expect(told.code).toBe(3);
    expect(told.result).toMatchObject({ exitCode: 3, rejected: 0, audiences: [{ members: 3, refused: 1 }] });
    const what = '1 leave of vip was refused by the server';
    for (const text of [told.stdout, told.stderr, told.junit, told.markdown, told.html])
      expect(text).toContain(what);
    expect(told.junit).toContain('failures="1"');
    expect(told.html).toContain('1 check failed');
    expect(told.stderr).toContain('::error title=rokt-capi leaves vip::');
    expect(told.stdout, 'nothing of the input is to be fixed').not.toContain('fix the records');
    expect(textOf(told.result.rejects)).toContain('It said: no');
    expect(statSync(join(folder.path, told.result.rejects)).mode & 0o777).toBe(0o600);
  });
});

describe('the lines that a sync gives as examples', () => {
  it('are of changes that were made: who was refused has not joined', async () => {
    server = await startCapiServer((_, { body }) =>
      body.includes('"u2"') ? badRequest('no') : { kind: 'accept' },
    );
    folder.write('vip.csv', 'user_id\nu1\nu2\nu3\n');
    const { result } = await runTold('sync-audience', 'vip.csv');
    expect(result).toMatchObject({ accepted: 2, rejected: 1 });
    const [{ joined, examples }] = result.audiences;
    expect(joined).toBe(2);
    expect(examples.joined.toSorted()).toEqual([2, 4]);
  });

  it('are none where nothing was sent', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 401 }));
    folder.write('vip.csv', 'user_id\nu1\n');
    const { result } = await runTold('sync-audience', 'vip.csv');
    expect(result.audiences).toMatchObject([{ joined: 0, examples: { joined: [] } }]);
  });
});

const UNREAD = 'Records that had not been read by then are not in these numbers.';

describe('a run that stops early', () => {
  const refusing = () => startCapiServer(() => ({ kind: 'answer', status: 401 }));

  it.each([
    ['when the server refuses the credentials', ['send', 'o.csv'], 4],
    ['when the server refuses those of a sync', ['sync-audience', 'vip.csv'], 4],
    ['after too many rejects', ['send', 'o.csv', '--max-rejects', '1'], 5],
    ['after too many rejects in a dry run', ['send', 'o.csv', '--max-rejects', '1', '--dry-run'], 5],
  ])('says nothing of records that it has not read, where it has read all: %s', async (_, command, code) => {
    server = await refusing();
    folder.write(
      'o.csv',
      HEADER +
        orderRows(0, 20) +
        orderRow(1)
          .replace('1.50', 'x')
          .repeat(code === 5 ? 2 : 0),
    );
    folder.write('vip.csv', 'user_id\nu1\nu2\n');
    const told = await runTold(...command);
    expect(told.code).toBe(code);
    expect(told.stdout).toContain('Stopped early: ');
    expect(told.result).not.toHaveProperty('unread');
    for (const text of [told.stdout, told.stderr, told.junit, told.markdown, told.html])
      expect(text).not.toContain(UNREAD);
  });

  it.each([
    ['a larger file', ['send', 'large.csv', '--workers', '0'], 4],
    ['the second file', ['send', 'large.csv', 'large.csv', '--max-rejects', '1'], 4],
    ['a damaged file', ['send', 'large.csv.gz', '--dry-run'], 5],
  ])('says in every form that there are more where it has not read all: %s', async (_, command, code) => {
    server = await refusing();
    const large = HEADER + orderRows(0, 40_000);
    folder.write('large.csv', large);
    folder.write('large.csv.gz', gzipSync(large).subarray(0, 100_000));
    const told = await runTold(...command);
    expect(told.code).toBe(code);
    expect(told.result).toMatchObject({ unread: true });
    expect(told.result.read).toBeLessThan(40_000);
    for (const text of [told.stdout, told.stderr, told.junit, told.markdown, told.html])
      expect(text).toContain(UNREAD);
  });

  it('says so where it cannot know: of a pipe that stays open', async () => {
    server = await startCapiServer();
    const { url } = server;
    const ended = await inTime(
      (seconds) =>
        run(['send', '-', '--endpoint', url, '--max-duration', `${seconds}s`], {
          cwd: folder.path,
          env: CREDENTIALS,
          onStart: (child) => child.stdin?.write(HEADER + orderRows(0, 5)),
        }),
      () => (server?.held.length ?? 0) > 0,
    );
    expect(ended.code).toBe(5);
    expect(server.held.length).toBeGreaterThan(0);
    expect(ended.stdout).toContain(UNREAD);
  });
});

it.each<[how: string, words: (message: string) => Behaviour]>([
  ['as it was', badRequest],
  [
    'in JSON of its own with escapes',
    (message) => ({
      kind: 'answer',
      status: 400,
      body: JSON.stringify({ message }).replaceAll('=', '\\u003d').replaceAll('-', '&#45;'),
    }),
  ],
])(
  'the words of a server that repeats what it was sent are told without the credentials: %s',
  async (_, words) => {
    const { ROKT_CAPI_API_KEY: key, ROKT_CAPI_API_SECRET: secret } = CREDENTIALS;
    const login = Buffer.from(`${key}:${secret}`).toString('base64');
    server = await startCapiServer((_, { authorization }) => words(`${authorization} is not ${secret}: no`));
    folder.write('o.csv', HEADER + orderRow(0));
    const { result } = await runTold('send', 'o.csv');
    const rejects = textOf(result.rejects);
    expect(rejects).toContain('Basic … is not …: no');
    expect(rejects).not.toContain(login.slice(0, 20));
  },
);

it('a warning counts records that are sent, and not those that are there twice', async () => {
  server = await startCapiServer();
  const old = 'o-1,a@example.com,5,USD,2020-01-01T00:00:00Z\n';
  folder.write('o.csv', HEADER + old + old + old.replaceAll('1,a', '2,b'));
  const { result, junit, markdown } = await runTold('send', 'o.csv');
  expect(result).toMatchObject({ accepted: 2, duplicate: 1 });
  expect(result.warnings).toMatchObject([{ code: 'EVENT_OLDER_THAN_30_DAYS', count: 2 }]);
  for (const text of [junit, markdown]) expect(text).toContain('2 × The event is older');
});

describe('skipped records', () => {
  const track = (event: string): string =>
    `${JSON.stringify({ type: 'track', event, messageId: event, userId: 'u1', timestamp: new Date().toISOString() })}\n`;

  it('of send are those that no trigger matched', async () => {
    folder.write('o.ndjson', track('Product Viewed'));
    const { stdout, result } = await runTold('send', 'o.ndjson', '--dry-run');
    expect(stdout).toMatch(/skipped +1 +no mapping's trigger matched\n/);
    expect(result.warnings).toMatchObject([{ code: 'NOTHING_MATCHED', count: 1 }]);
  });

  it('of a sync are profiles of people who are not members: no trigger was asked', async () => {
    folder.write('vip.csv', 'user_id,vip\nu1,false\nu2,\n');
    const { stdout, result } = await runTold('sync-audience', 'vip.csv', '--dry-run', '--allow-empty');
    expect(stdout).toMatch(/skipped +2 +no member, or no change that a mapping matches\n/);
    expect(stdout).not.toContain('trigger');
    expect(result).toMatchObject({ read: 2, skipped: 2, warnings: [] });
  });

  it.each(['', 'u3,false\n'])(
    'of a sync may be all members, where no trigger matched, whoever is no member besides: %j',
    async (others) => {
      folder.write(
        'rokt-capi.config.yaml',
        'version: 1\nmappings:\n  - name: A\n    preset: sync-engage-audience\n    trigger: \'event = "Nope"\'\n',
      );
      folder.write('vip.csv', `user_id,vip\nu1,true\nu2,true\n${others}`);
      const { result } = await runTold('sync-audience', 'vip.csv', '--dry-run', '--allow-empty');
      expect(result.warnings).toMatchObject([{ code: 'NOTHING_MATCHED', count: 2 }]);
    },
  );
});

describe('what fails once everything is sent', () => {
  /** A server that does something before it takes the first request. */
  const serve = (once: () => void): Promise<CapiServer> =>
    startCapiServer((number) => {
      if (number === 1) once();
      return { kind: 'accept' };
    });
  const replaceByFile = (name: string): void => {
    rmSync(join(folder.path, name), { recursive: true, force: true });
    writeFileSync(join(folder.path, name), '');
  };
  const RAGGED = 'bad\n';

  it.each([
    ['without a rejected record', ''],
    ['with one', RAGGED],
  ])('is told in every form where it is the state: %s', async (_, more) => {
    server = await serve(() => {
      rmSync(join(folder.path, '.rokt-capi/state.json'));
      mkdirSync(join(folder.path, '.rokt-capi/state.json'));
    });
    folder.write('o.csv', HEADER + orderRows(0, 3) + more);
    const told = await runTold('send', 'o.csv', '--rejects', 'x.ndjson');
    expect(told.stderr).toContain('STATE_UNWRITABLE');
    expect(told.code).toBe(5);
    expect(told.result).toMatchObject({ exitCode: 5, accepted: 3, pending: 0 });
    for (const text of [told.stdout, told.junit, told.markdown, told.html])
      expect(text).toContain('The state directory cannot be written to');
    expect(told.stdout).toContain('Not finished: The state');
    expect(told.stdout).not.toContain('Stopped early');
  });

  const sendUnreported = async (option: '--json' | '--quiet') => {
    server = await serve(() => replaceByFile('reports'));
    folder.write('o.csv', HEADER + orderRows(0, 3));
    return run(['send', 'o.csv', '--endpoint', server.url, '--report', 'reports/r.html', option], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
  };

  it('is in the JSON too where it is a report, with the exit code', async () => {
    const ended = await sendUnreported('--json');
    expect(ended.stderr).toContain('REPORT_UNWRITABLE');
    expect(ended.code).toBe(1);
    expect(JSON.parse(ended.stdout)).toMatchObject({
      accepted: 3,
      exitCode: 1,
      errors: [{ code: 'REPORT_UNWRITABLE' }],
    });
  });

  it('shows the summary with --quiet where it is a report: the exit code is not 0', async () => {
    const ended = await sendUnreported('--quiet');
    expect([ended.code, ended.stdout]).toEqual([1, '']);
    expect(ended.stderr).toContain('REPORT_UNWRITABLE');
    expect(ended.stderr).toMatch(/accepted +3$/m);
  });

  it('names the rejects file in every form where it is that', async () => {
    server = await serve(() => replaceByFile('rejects'));
    folder.write('o.csv', HEADER + orderRows(0, 3) + RAGGED);
    const told = await runTold('send', 'o.csv', '--rejects', 'rejects/x.ndjson');
    expect(told.stderr).toContain('REJECTS_UNWRITABLE');
    expect(told.result).toMatchObject({ exitCode: 5, rejected: 1 });
    for (const text of [told.stdout, told.junit, told.markdown, told.html])
      expect(text).toContain('The rejected records cannot be written to disk');
  });
});
