import { existsSync, mkdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startBrowser } from '../helpers/browser.js';
import { startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { orderTable } from '../helpers/orders.js';
import { CREDENTIALS, FIXTURES, run } from '../helpers/program.js';

const folder = useFolder();

const ORDERS = `${FIXTURES}orders.csv`;
const WRONG = `${FIXTURES}everything-wrong.csv`;
const validate = (args: readonly string[], env: Record<string, string> = {}) =>
  run(['validate', ...args], { cwd: folder.path, env });
const read = (name: string): string => readFileSync(join(folder.path, name), 'utf8');
const { write } = folder;

describe('match quality', () => {
  it('says what share of the records has which identifier, how many have two, and when and how much', async () => {
    const ended = await validate([ORDERS, '--json']);
    const { quality }: { quality: Record<string, unknown> } = JSON.parse(ended.stdout);
    expect(quality).toMatchObject({
      records: 300,
      identifiers: {
        email: { records: 300, share: 1 },
        rtid: { records: 106, share: 0.353333 },
        ip: { records: 300, share: 1 },
        deviceId: { records: 0, share: 0 },
      },
      several: { records: 300 },
      warnings: [],
    });
    const days: { events: number }[] = JSON.parse(JSON.stringify(quality.days));
    expect(days.reduce((sum, { events }) => sum + events, 0)).toBe(300);
  });

  it('counts the e-mail addresses that came as a hash, hashed or not by the config', async () => {
    const hash = 'a'.repeat(64);
    write(
      'o.csv',
      orderTable(4, (n) => `${n === 0 ? hash.toUpperCase() : `u${n}@example.com`},5,USD`),
    );
    write('c.yaml', 'version: 1\nhashing: { email: true }\n');
    for (const config of [[], ['--config', 'c.yaml']]) {
      const { stdout } = await validate(['o.csv', '--json', ...config]);
      expect(JSON.parse(stdout).quality.hashedEmails.records).toBe(1);
    }
  });
});

it('a record that several mappings send is reported with what all of them find, and its amount once', async () => {
  write(
    'c.yaml',
    `version: 1
mappings:
  - name: Members
    preset: sync-engage-audience
    trigger: event = "Order Completed"
    fields: { eventDetails: { source_message_id: { "@path": $.messageId }, timestamp_unixtime_ms: { "@path": $.timestamp } } }
  - { name: Orders, preset: send }
`,
  );
  const events = Array.from({ length: 25 }, (_, n) =>
    JSON.stringify({
      type: 'track',
      event: 'Order Completed',
      messageId: `m-${n}`,
      timestamp: new Date(Date.now() - 86_400_000).toISOString(),
      userId: `u-${n}`,
      properties: { order_id: `o-${n}`, revenue: 2, currency: 'EUR' },
      integrations: { 'Rokt Conversions API': { rtid: `r-${n}` } },
    }),
  );
  write('o.ndjson', `${events.join('\n')}\n`);
  const ended = await validate(['o.ndjson', '--config', 'c.yaml', '--json', '--require', 'rtid>=50%']);
  expect(ended.code, ended.stderr).toBe(0);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    batches: 50,
    quality: {
      records: 25,
      identifiers: { rtid: { records: 25 } },
      amounts: [{ currency: 'EUR', events: 25, total: 50 }],
      warnings: [{ code: 'EMAIL_RARE' }],
    },
  });
});

it('orders that are lost since a column that is no order id leads to messageId are told of, also with --quiet', async () => {
  write('o.csv', orderTable(40, (n) => `u${n}@example.com,5,USD`).replaceAll(/^o-\d+/gm, 'main street'));
  write('c.yaml', 'version: 1\nsource: { columns: { Order Number: messageId } }\n');
  const { stderr } = await validate(['o.csv', '--config', 'c.yaml', '--quiet']);
  expect(stderr).toMatch(/duplicate {2}39/);
  expect(stderr).toContain('! MESSAGE_ID_REPEATED: 39 records with the id of the one before');
});

describe('the gates of validate', () => {
  it('pass with exit code 0, also where as many records as allowed are rejected', async () => {
    expect((await validate([ORDERS, '--require', 'rtid>=20%,email>=80%'])).code).toBe(0);
    expect((await validate([WRONG, '--quiet'])).code).toBe(3);
    expect((await validate([WRONG, '--quiet', '--max-rejects', '30%'])).code).toBe(0);
    expect((await validate([WRONG, '--quiet', '--max-rejects', '10'])).code).toBe(0);
  });

  it.each([
    [['--max-rejects', '0.5%'], WRONG, 'Gate failed: max-rejects: 10 of 37'],
    [['--max-rejects', '9'], WRONG, 'Gate failed: max-rejects: 10 of 37'],
    [['--require', 'email>=80%,rtid>=40%'], ORDERS, 'Gate failed: require rtid>=40%: 106 of 300'],
    [['--require', 'several>=100%,deviceId>=0.1'], ORDERS, 'Gate failed: require deviceId>=10%: 0 of 300'],
  ])('%j fail with exit code 3 and by their name', async (args, file, line) => {
    const ended = await validate([file, ...args]);
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain(line);
    expect(ended.stdout.match(/Gate failed/g)).toHaveLength(1);
  });

  it('pass where all of a file was delivered before', async () => {
    write(
      'o.csv',
      orderTable(5, (n) => `u${n}@example.com,5,USD`),
    );
    const server = await startCapiServer();
    const to = ['--endpoint', server.url];
    await run(['send', 'o.csv', ...to], { cwd: folder.path, env: CREDENTIALS });
    await server.close();
    const gated = await validate(['o.csv', ...to, '--require', 'email>=80%'], CREDENTIALS);
    expect(gated.stdout).toContain('duplicate  5');
    expect(gated.code).toBe(0);
    const afresh = await validate(['o.csv', ...to, '--no-state', '--require', 'rtid>=80%'], CREDENTIALS);
    expect(afresh.stdout).toContain('Gate failed: require rtid>=80%: 0 of 5');
  });

  it('are reported with --json too, each that failed with what it found', async () => {
    const failing = await validate([
      WRONG,
      '--json',
      '--max-rejects',
      '9',
      '--require',
      'email>=1%,rtid>=90%',
    ]);
    expect(failing.code).toBe(3);
    expect(JSON.parse(failing.stdout).failedGates).toEqual([
      { name: 'max-rejects', message: '10 of 37 records (27.0 %) are rejected; at most 9 may be.' },
      { name: 'require rtid>=90%', message: expect.stringMatching(/^\d+ of 27 records .* 90% must\.$/) },
    ]);
    const passing = await validate([ORDERS, '--json', '--require', 'email>=80%']);
    expect(JSON.parse(passing.stdout)).toMatchObject({ exitCode: 0, failedGates: [] });
  });

  it('compare with an earlier report, and fail where a share has fallen by more than the tolerance', async () => {
    write(
      'old.csv',
      orderTable(100, (n) => `u${n}@example.com,5,USD`),
    );
    write(
      'new.csv',
      orderTable(100, (n) => `${n < 90 ? `u${n}@example.com` : ''},5,USD`).replaceAll(
        /,,5/g,
        `,${'b'.repeat(64)},5`,
      ),
    );
    write('worse.csv', orderTable(100, (n) => `u${n}@example.com,5,USD`).replace('Email', 'customer id'));
    await validate(['old.csv', '--report', 'baseline.json']);
    expect((await validate(['new.csv', '--baseline', 'baseline.json'])).code).toBe(0);
    const worse = await validate(['worse.csv', '--baseline', 'baseline.json']);
    expect(worse.code).toBe(3);
    expect(worse.stdout).toContain(
      'Gate failed: baseline email: The share of records with email was 100.0 % and is 0.0 %',
    );
    expect((await validate(['worse.csv', '--baseline', 'baseline.json', '--tolerance', '100%'])).code).toBe(
      0,
    );
    const none = await validate(['old.csv', '--baseline', 'old.csv']);
    expect(none.code).toBe(2);
    expect(none.stderr).toContain('BASELINE_UNREADABLE');
  });

  it('compare with no report of a run without records, as after a night without orders: any share would do', async () => {
    const header = 'Order Number,Email,Total,Currency,Paid at\n';
    write('none.csv', header);
    write('o.csv', `${header}1,u@example.com,5,USD,${new Date().toISOString()}\n`);
    const server = await startCapiServer();
    const to = ['--endpoint', server.url];
    await run(['send', 'o.csv', ...to], { cwd: folder.path, env: CREDENTIALS });
    await server.close();
    await validate(['none.csv', '--report', 'none.json']);
    await validate(['o.csv', ...to, '--report', 'delivered.json'], CREDENTIALS);
    write('printed.json', (await validate(['none.csv', '--json'])).stdout);
    for (const baseline of ['none.json', 'delivered.json', 'printed.json']) {
      const ended = await validate([ORDERS, '--baseline', baseline]);
      expect([ended.code, ended.stderr]).toEqual([
        2,
        expect.stringMatching(/BASELINE_UNREADABLE: The baseline is of a run without records.*\n {2}→ Keep /),
      ]);
    }
  });

  it('say how to write what they do not understand', async () => {
    const ended = await validate([ORDERS, '--require', 'emial>=5%']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('Did you mean "email"?');
  });
});

describe('a report', () => {
  const all = ['r.html', 'r.json', 'r.xml', 'r.md'];
  const every = all.flatMap((name) => ['--report', name]);

  it('is written as a page, as JSON, as JUnit and as Markdown, and holds no personal data', async () => {
    const ended = await validate([WRONG, '--require', 'rtid>=90%', ...every]);
    expect(ended.code).toBe(3);
    const people =
      readFileSync(WRONG, 'utf8').match(/[\w.]+@[\w.]+|\d{1,3}\.\d{1,3}\.\d{1,3}\.\d{1,3}/g) ?? [];
    expect(people.length).toBeGreaterThan(5);
    for (const name of all) {
      const text = read(name);
      expect(text).toContain('CSV_RAGGED_ROW');
      expect(text).toMatch(/require rtid(?:>|&gt;)=90%/);
      for (const person of people) expect(text).not.toContain(person);
      expect(statSync(join(folder.path, name)).mode & 0o777).toBe(0o644);
    }
    const { result, checks }: { result: { read: number }; checks: { name: string; status: string }[] } =
      JSON.parse(read('r.json'));
    expect(result.read).toBe(37);
    const failed = checks.filter(({ status }) => status === 'failed');
    const junit = read('r.xml');
    expect(junit).toContain(`tests="${checks.length}" failures="${failed.length}"`);
    expect(junit.match(/<testcase /g)).toHaveLength(checks.length);
    expect(junit.match(/<failure /g)).toHaveLength(failed.length);
  });

  it('as Markdown shows the names of files as they are, in its heading and in its tables', async () => {
    const name = 'a|b<c>&d.csv';
    write(
      name,
      orderTable(2, () => ',5,USD'),
    );
    await validate([name, '--report', 'r.md']);
    const [heading = ''] = read('r.md').split('\n');
    expect(heading).toContain(`\`${name}\``);
    expect(read('r.md')).toContain(`\`${name.replace('|', '\\|')}:2\``);
  });

  it('is written by send too, of what was delivered', async () => {
    const ended = await run(['send', ORDERS, '--sandbox', '--rate', '100000', '--report', 'r.json'], {
      cwd: folder.path,
    });
    expect(ended.code).toBe(0);
    expect(JSON.parse(read('r.json')).result).toMatchObject({
      accepted: 300,
      dryRun: false,
      quality: { records: 300 },
    });
  });

  it('of another kind is refused before anything is read', async () => {
    const ended = await validate([ORDERS, '--report', 'r.pdf']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('REPORT_FORMAT_UNKNOWN');
    expect(existsSync(join(folder.path, 'r.pdf'))).toBe(false);
  });

  it('shows on GitHub beside the lines that it is about', async () => {
    const { stderr } = await validate([WRONG, '--quiet'], { GITHUB_ACTIONS: 'true' });
    expect(stderr).toMatch(/^::error file=.*everything-wrong\.csv,line=29,title=rokt-capi CSV_RAGGED_ROW::/m);
    expect(stderr).toMatch(/^::warning file=.*,title=rokt-capi DOB_UNREADABLE/m);
    expect((await validate([WRONG, '--quiet'])).stderr).not.toContain('::error');
  });

  it('is about a file of the repository on GitHub, whatever directory the step works in, and however it names the file', async () => {
    mkdirSync(join(folder.path, 'shop'));
    write('shop/o.csv', 'Email,Paid at\na@example.com,never\n');
    const env = { GITHUB_ACTIONS: 'true', GITHUB_WORKSPACE: folder.path };
    for (const name of ['o.csv', './o.csv', join(folder.path, 'shop/o.csv')]) {
      const { stderr } = await run(['validate', name], { cwd: join(folder.path, 'shop'), env });
      expect(stderr).toContain('::error file=shop/o.csv,line=2,');
    }
    const elsewhere = { ...env, GITHUB_WORKSPACE: join(folder.path, 'another') };
    const { stderr } = await run(['validate', 'shop/o.csv'], { cwd: folder.path, env: elsewhere });
    expect(stderr).toContain('::error file=shop/o.csv,line=2,');
  });

  it('is a page that can be read on a phone and a desktop, in light, in dark and on paper, without scripts', async () => {
    await validate([WRONG, '--report', 'r.html']);
    expect(read('r.html')).not.toMatch(/<script|https?:\/\/|<link|@import/);
    const browser = await startBrowser();
    try {
      for (const width of [360, 1280]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme });
          await page.goto(`file://${join(folder.path, 'r.html')}`);
          const seen: { overflow: number; ink: string; paper: string; bars: number[]; rows: number[] } =
            await page.evaluate(`({
            overflow: document.documentElement.scrollWidth - window.innerWidth,
            ink: getComputedStyle(document.body).color,
            paper: getComputedStyle(document.body).backgroundColor,
            bars: [...document.querySelectorAll('.bar div')].map((bar) => bar.getBoundingClientRect().width),
            rows: [...document.querySelectorAll('tr')].map((row) => row.getBoundingClientRect().height),
          })`);
          expect(seen.overflow).toBeLessThanOrEqual(0);
          expect(contrast(seen.ink, seen.paper)).toBeGreaterThan(7);
          expect(Math.max(...seen.bars)).toBeGreaterThan(100);
          expect(Math.max(...seen.rows)).toBeLessThan(100);
          await page.emulateMedia({ media: 'print' });
          expect(await page.locator('h1').isVisible()).toBe(true);
          await page.close();
        }
      }
    } finally {
      await browser.close();
    }
  });
});

/** As WCAG has it: 1 to 21. */
function contrast(a: string, b: string): number {
  const luminance = (color: string): number => {
    const [red = 0, green = 0, blue = 0] = (color.match(/\d+/g) ?? []).map((part) => {
      const share = Number(part) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  };
  const [dark = 0, light = 0] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
}
