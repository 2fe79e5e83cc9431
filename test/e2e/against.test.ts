import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { BIN, run } from '../helpers/program.js';

const folder = useFolder();

const { write } = folder;
const time = new Date(Date.now() - 86_400_000).toISOString();
/** Ten orders, lines 2 to 11, of 10, 20, … 100. */
const ORDERS = Array.from(
  { length: 10 },
  (_, n) => `${n + 1},u${n}@example.com,${(n + 1) * 10},${time},SPRING\n`,
);
const HEADER = 'Order Number,Email,Total,Paid at,Voucher\n';
const PLAIN = 'version: 1\n';

async function compare(before: string, now: string, ...args: string[]) {
  write('before.yaml', before);
  write('now.yaml', now);
  return run(['validate', 'o.csv', '--config', 'now.yaml', '--against', 'before.yaml', ...args], {
    cwd: folder.path,
  });
}
async function comparison(before: string, now: string, ...args: string[]) {
  const ended = await compare(before, now, '--json', ...args);
  expect(ended.stderr).toBe('');
  return JSON.parse(ended.stdout).comparison;
}
const at = (...lines: number[]) => lines.map((line) => ({ file: 'o.csv', line }));

describe('validate --against', () => {
  beforeEach(() => write('o.csv', HEADER + ORDERS.join('')));

  it('says that nothing differs where two configs mean the same', async () => {
    const same = await comparison(
      PLAIN,
      'version: 1\nmappings:\n  - { name: Send, preset: send }\ndelivery: { concurrency: 9 }\n',
    );
    expect(same).toEqual({
      against: 'before.yaml',
      same: 10,
      neither: 0,
      differ: { count: 0, places: [] },
      onlyNow: { count: 0, places: [] },
      onlyBefore: { count: 0, places: [] },
      again: { count: 0, places: [] },
      reasons: [],
      mappings: [],
      fields: [],
    });
  });

  it('names the records that match now, and those that do not any more', async () => {
    const mapping = (trigger: string): string =>
      `version: 1\nmappings:\n  - { name: Send, preset: send, trigger: 'event = "Order Completed" and properties.revenue ${trigger}' }\n`;
    const found = await comparison(mapping('> 30'), mapping('< 60'));
    expect(found).toMatchObject({
      same: 2,
      neither: 0,
      onlyNow: { count: 3, places: at(2, 3, 4) },
      onlyBefore: { count: 5, places: at(7, 8, 9) },
      reasons: [{ reason: 'skipped', count: 5 }],
      mappings: [
        { mapping: 'Send', change: 'removed', count: 5 },
        { mapping: 'Send', change: 'added', count: 3 },
      ],
      fields: [],
    });
  });

  it('names the fields that differ, with how many records and the first of them', async () => {
    const found = await comparison(
      'version: 1\nhashing: { email: true }\n',
      'version: 1\napi: { environment: development }\nsource: { columns: { Voucher: properties.coupon } }\n',
    );
    const { fields, ...counts } = found;
    expect(counts).toMatchObject({ differ: { count: 10, places: at(2, 3, 4) }, same: 0 });
    const attributes = 'events[0].data.custom_attributes';
    expect(fields).toEqual(
      [
        ['environment', 'changed'],
        ['user_identities.other', 'removed'],
        ['user_identities.email', 'added'],
      ].map(([field, change]) => ({ field, change, count: 10, places: at(2, 3, 4) })),
    );
    const mapped = await comparison(
      PLAIN,
      'version: 1\nmappings:\n  - name: Send\n    preset: send\n    fields:\n      eventProperties: { voucher: { "@path": "$.properties.Voucher" } }\n',
    );
    expect(mapped.fields).toContainEqual({
      field: `${attributes}.voucher`,
      change: 'added',
      count: 10,
      places: at(2, 3, 4),
    });
  });

  it('says why records are rejected now, and which would be delivered again', async () => {
    write('o.csv', `${HEADER}${ORDERS.slice(0, 3).join('')}9,,5,01/02/2026,\n`);
    const renamed = await comparison(
      'version: 1\nmappings: [{ name: Send, preset: send }]\n',
      'version: 1\nmappings: [{ name: Orders, preset: send }]\n',
    );
    expect(renamed).toMatchObject({ differ: { count: 3 }, again: { count: 3 }, neither: 1 });
    const lost = await comparison(PLAIN, 'version: 1\nsource: { columns: { Email: properties.note } }\n');
    expect(lost).toMatchObject({
      onlyBefore: { count: 3, places: at(2, 3, 4) },
      reasons: [{ reason: 'rejected: IDENTIFIER_MISSING', count: 3 }],
      mappings: [],
    });
  });

  it('compares also where the rows are grouped in another way', async () => {
    write('o.csv', `${HEADER}${ORDERS[0]}${ORDERS[0]?.replace('SPRING', 'SUMMER')}${ORDERS[1]}`);
    const found = await comparison(PLAIN, 'version: 1\nsource: { groupBy: Order Number }\n');
    expect(found.onlyBefore).toEqual({ count: 1, places: at(3) });
    expect(found.reasons).toEqual([{ reason: 'part of another record', count: 1, places: at(3) }]);
  });

  it('is read as a diff by people, and stands in reports, without any value', async () => {
    const hashed = 'version: 1\nhashing: { email: true }\n';
    const ended = await compare(PLAIN, hashed, '--report', 'r.md', '--report', 'r.html');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('Against before.yaml:\n     0  the same\n  ~ 10  differ');
    expect(ended.stdout).toContain('  - 10  user_identities.email  o.csv:2, o.csv:3, o.csv:4, …');
    expect(ended.stdout).toContain('  + 10  user_identities.other  o.csv:2, o.csv:3, o.csv:4, …');
    const markdown = readFileSync(join(folder.path, 'r.md'), 'utf8');
    expect(markdown).toContain('| `-` | 10 | `user_identities.email` | `o.csv:2`, `o.csv:3`, `o.csv:4` |');
    const html = readFileSync(join(folder.path, 'r.html'), 'utf8');
    expect(html).toContain('<h2>Fields that differ</h2>');
    for (const text of [ended.stdout, markdown, html]) expect(text).not.toMatch(/@example\.com|SPRING/);
  });

  it('shows the values of one record with --show, as a diff and as JSON', async () => {
    const hashed = 'version: 1\nhashing: { email: true }\n';
    const shown = await compare(PLAIN, hashed, '--show', '3');
    expect(shown.code).toBe(0);
    expect(shown.stdout).toMatch(
      /^o\.csv:3 with before\.yaml: sent; now: sent\n\nMapping "Send"\n {2}- user_identities\.email = "u1@example\.com"\n {2}\+ user_identities\.other = "[0-9a-f]{64}"\n$/,
    );
    const { stdout } = await compare(PLAIN, hashed, '--show', '3', '--json');
    expect(JSON.parse(stdout)).toMatchObject({
      line: 3,
      deliveries: [
        {
          mapping: 'Send',
          change: 'changed',
          fields: [{ before: 'u1@example.com' }, { field: 'user_identities.other' }],
        },
      ],
    });
    expect((await compare(PLAIN, PLAIN, '--show', '3')).stdout).toContain('No batch differs.');
    expect((await compare(PLAIN, PLAIN, '--show', '300')).stderr).toContain('LINE_WITHOUT_RECORD');
  });

  it.each(['--report', '--out'])('refuses %s together with --show, which writes no file', async (option) => {
    const ended = await compare(PLAIN, PLAIN, '--show', '3', option, 'r.html');
    expect([ended.code, ended.stdout]).toEqual([2, '']);
    expect(ended.stderr).toContain('OPTION_CONFLICT');
  });

  it('counts what would be delivered again: elsewhere all of it, with resendChanged all that differs', async () => {
    const development = 'version: 1\napi: { environment: development }\n';
    expect((await comparison(PLAIN, development)).again.count).toBe(10);
    const eu = 'version: 1\napi: { pod: eu1 }\n';
    expect(await comparison(PLAIN, eu)).toMatchObject({ same: 10, again: { count: 10 } });
    expect((await comparison(PLAIN, eu, '--endpoint', 'https://example.test/v2')).again.count).toBe(0);
    const hashed = 'version: 1\nhashing: { email: true }\n';
    expect((await comparison(PLAIN, hashed)).again.count).toBe(0);
    const changed = `${hashed}delivery: { resendChanged: true }\n`;
    expect(await comparison(PLAIN, changed)).toMatchObject({ differ: { count: 10 }, again: { count: 10 } });
  });

  it('takes batches whose fields are in another order for the same', async () => {
    const properties = (...names: string[]): string =>
      `version: 1\nmappings:\n  - name: Send\n    preset: send\n    fields: { eventProperties: { ${names
        .map((name) => `${name}: { "@path": $.properties.order_id }`)
        .join(', ')} } }\n`;
    const [before, now] = [properties('one', 'two'), properties('two', 'one')];
    expect(await comparison(before, now)).toMatchObject({ same: 10, differ: { count: 0 }, fields: [] });
    const shown = await compare(before, now, '--show', '3');
    expect(shown.stdout).toMatch(/Mapping "Send"\n {2}The fields are the same, in another order\.\n$/);
  });

  it('takes the second of two records with one id for none that is sent', async () => {
    const byVoucher = 'version: 1\nsource: { columns: { Voucher: [properties.coupon, messageId] } }\n';
    const found = await comparison(PLAIN, byVoucher);
    expect(found).toMatchObject({ differ: { count: 1 }, onlyBefore: { count: 9 }, again: { count: 1 } });
    expect(found.reasons).toMatchObject([{ reason: 'duplicate', count: 9 }]);
  });

  it('keeps the gates: the comparison itself fails nothing', async () => {
    const ended = await compare(PLAIN, 'version: 1\nhashing: { email: true }\n', '--require', 'rtid>=20%');
    expect(ended.code).toBe(3);
    expect(ended.stdout).toContain('Gate failed: require rtid>=20%');
    expect(ended.stdout).toContain('Against before.yaml');
  });

  it('refuses a pipe, as <(zcat o.csv.gz) gives one: what the comparison had read was gone, and no record was checked', () => {
    write('before.yaml', PLAIN);
    const command = `"${process.execPath}" "${BIN}" validate <(cat o.csv) --against before.yaml --json`;
    const ended = spawnSync('bash', ['-c', command], { cwd: folder.path, encoding: 'utf8' });
    expect([ended.status, ended.stderr]).toEqual([
      2,
      expect.stringMatching(
        /^\/dev\/fd\/\d+: OPTION_CONFLICT: .*twice.*\n {2}→ Write it to a file first\.\n$/,
      ),
    ]);
  });

  it('names the file of the other config where that one is wrong, and refuses standard input', async () => {
    const wrong = await compare('version: 1\nhashing: { mail: true }\n', PLAIN);
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('before.yaml:2');
    const piped = await run(['validate', '-', '--against', 'before.yaml'], {
      cwd: folder.path,
      input: HEADER + ORDERS[0],
    });
    expect(piped.code).toBe(2);
    expect(piped.stderr).toContain('OPTION_CONFLICT');
  });
});
