import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();

const { write } = folder;
const order = (id: string, more: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ order_id: id, email: `${id}@example.com`, timestamp: new Date().toISOString(), ...more })}\n`;

describe('a name out of a file that a terminal, or the log of a CI, would obey', () => {
  /** Clears the screen, turns what comes after it, and begins a line that is a command to GitHub. */
  const NAME = '\u001b[2J\u009b31m\u202e\n::error::pwned';
  const OBEYED = /(?!\n)[\p{Cc}\u202e]|^\s*::error::pwned/mu;
  const go = (...args: string[]) => run(args, { cwd: folder.path });
  const table = (...columns: string[]): string =>
    `${[...columns, 'order_id', 'email', 'timestamp'].map((name) => `"${name}"`).join()}\n${columns.map(() => `"${NAME}"`).join()},1,a@example.com,${new Date().toISOString()}\n`;
  /** An order with a property of this name that is no attribute. */
  const orderWith = (name: string): string =>
    order('1', {
      type: 'track',
      event: 'Order Completed',
      messageId: '1',
      properties: { email: 'a@example.com', [name]: {} },
    });
  const everything = (fields: string): string =>
    JSON.stringify({
      version: 1,
      mappings: [{ name: NAME, fields: { eventProperties: { '@path': fields } } }],
    });

  it.each<[what: string, args: string[]]>([
    ['a warning', ['send', 'o.ndjson', '--dry-run', '--config', 'all.json']],
    ['a reason', ['validate', 'o.ndjson', '--strict', '--config', 'all.json']],
    ['a preview', ['send', 'o.csv', '--dry-run', '--show', '4', '--config', 'all.json']],
    ['a preview as JSON', ['send', 'o.csv', '--dry-run', '--show', '4', '--config', 'all.json', '--json']],
    ['a preview of a bad row', ['send', 'bad.csv', '--dry-run', '--show', '2']],
    ['a header', ['send', 'twice.csv', '--dry-run']],
    ['a comparison', ['validate', 'o.ndjson', '--config', 'all.json', '--against', 'none.json']],
    [
      'a comparison of one record',
      ['validate', 'o.ndjson', '--config', 'all.json', '--against', 'none.json', '--show', '1'],
    ],
    ['a config', ['send', 'o.csv', '--dry-run', '--config', 'wrong.json']],
    ['a config that doctor reads', ['doctor', '--endpoint', 'http://127.0.0.1:1', '--config', 'all.json']],
    ['columns that init reads', ['init', 'o.csv', '--config', 'new.yaml']],
    ['a file', ['send', `${NAME}.csv`, '--dry-run']],
    ['an event', ['runs', '--event', NAME]],
    ['an option', ['send', `--${NAME}`]],
    ['the value of an option', ['send', 'o.csv', '--rate', NAME]],
    ['a command', [NAME]],
  ])('is told without that: in %s', async (_, args) => {
    write('o.ndjson', orderWith(NAME));
    write('o.csv', table(`E-mail ${NAME}`, NAME));
    write('bad.csv', `a,b\n${NAME.replace('\n', '')},"x\n`);
    write('twice.csv', table(NAME, NAME));
    write('all.json', everything('$.properties'));
    write('none.json', JSON.stringify({ version: 1, mappings: [{ name: 'x' }] }));
    write('wrong.json', JSON.stringify({ version: 1, [NAME]: 1 }));
    write(`${NAME.replace('/', '')}.csv`, table('x'));
    const { stdout, stderr, code } = await go(...args);
    const config = args[0] === 'init' ? readFileSync(join(folder.path, 'new.yaml'), 'utf8') : '';
    const said = stdout + stderr + config;
    expect(said).not.toMatch(OBEYED);
    expect(said).toContain('pwned');
    expect(code).not.toBe(1);
  });

  it('is printed in a message up to a length that can be read', async () => {
    const long = 'a'.repeat(100_000);
    write('o.ndjson', orderWith(long));
    write('all.json', everything('$.properties'));
    const { stdout } = await go('send', 'o.ndjson', '--dry-run', '--config', 'all.json');
    expect(stdout).toContain('ATTRIBUTE_NOT_SCALAR (eventProperties.aaaa');
    expect(stdout.length).toBeLessThan(2_000);
  });
});

it.each(['validate o.csv', 'send o.csv --dry-run', 'init o.csv', 'sync-audience o.csv --dry-run'])(
  'a first row that is somebody, and no header, is reported without a word of theirs, and is not lost: %s',
  async (command) => {
    const paid = new Date(Date.now() - 86_400_000).toISOString();
    write('o.csv', `1,anna@example.com,Anna,Anna,${paid}\n2,bob@example.com,Bob,Lee,${paid}\n`);
    const { code, stdout, stderr } = await run(command.split(' '), { cwd: folder.path });
    expect([code, stdout]).toEqual([2, '']);
    expect(stderr).toMatch(/^o\.csv:1: CSV_HEADER_UNREADABLE: .* column 2 /);
    expect(stderr).not.toMatch(/anna|bob/i);
    expect(readdirSync(folder.path)).toEqual(['o.csv']);
  },
);

describe('one record made to use up the memory', () => {
  /** Less than any of these records took. */
  const small = { env: { NODE_OPTIONS: '--max-old-space-size=400' } };
  const numbered = (key: (n: number) => string, count: number): Record<string, number> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => [key(n), n]));

  it.each([
    ['a name of many parts', { ['a.'.repeat(200_000)]: 1 }, { accepted: 3, rejected: 0 }],
    ['a name of many indexes', { [`a${'[999]'.repeat(100_000)}`]: 1 }, { accepted: 3, rejected: 0 }],
    ['many lists with gaps', numbered((n) => `l${n}[999].x`, 100_000), { accepted: 2, rejected: 1 }],
    ['many keys', numbered((n) => `k${n}`, 400_000), { accepted: 2, rejected: 1 }],
  ])('does not cost the others: %s', async (_, more, counts) => {
    write('o.ndjson', order('1') + order('2', more) + order('3'));
    const ended = await run(['send', 'o.ndjson', '--dry-run', '--json'], { cwd: folder.path, ...small });
    expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3, ...counts });
  });

  it('nor does a column of a table that is called so: it is reported before anything is sent', async () => {
    write('o.csv', `order_id,${'a.'.repeat(30_000)}b\n1,2\n`);
    const ended = await run(['send', 'o.csv', '--dry-run'], { cwd: folder.path, ...small });
    expect(ended.stderr).toContain('PLACE_INVALID');
    expect(ended.stderr.length).toBeLessThan(1000);
    expect(ended.code).toBe(2);
  });
});

it('ever other places that records name for @path take no more time each than one that all of them name', async () => {
  const path = { '@path': { '@path': '$.properties.place' } };
  write(
    'c.json',
    JSON.stringify({ version: 1, mappings: [{ name: 'a', fields: { eventProperties: { path } } }] }),
  );
  const count = 20_000;
  write(
    'cpu.cjs',
    `process.on('exit', () => {
      const { user, system } = process.cpuUsage();
      require('node:fs').writeFileSync('cpu.txt', String((user + system) / 1_000));
    });`,
  );
  /** How much time of a processor a dry run takes, in ms, of records that name the place of this number. */
  const takes = async (placeOf: (n: number) => number): Promise<number> => {
    const lines = Array.from({ length: count }, (_, n) => {
      const at = `p${placeOf(n)}`;
      const properties = { email: 'a@example.com', place: `$.properties.${at}`, [at]: 'found' };
      return order(String(n), { type: 'track', event: 'Order Completed', messageId: `m${n}`, properties });
    });
    write('o.ndjson', lines.join(''));
    const args = ['send', 'o.ndjson', '--dry-run', '--config', 'c.json', '--out', 'out.ndjson'];
    const env = { NODE_OPTIONS: '--require ./cpu.cjs' };
    await run([...args, '--workers', '0'], { cwd: folder.path, env });
    const found = readFileSync(join(folder.path, 'out.ndjson'), 'utf8').split('"path":"found"');
    expect(found).toHaveLength(count + 1);
    return Number(readFileSync(join(folder.path, 'cpu.txt'), 'utf8'));
  };
  const same = await takes(() => 0);
  // Where each place is remembered it takes thirty times as long.
  expect(await takes((n) => n)).toBeLessThan(8 * same);
});

it('objects of ever other keys, as exports that leave out what is empty make them, take no memory for each', async () => {
  const some = (n: number): Record<string, number> => {
    const bits = createHash('sha256').update(String(n)).digest();
    const names = Array.from({ length: 60 }, (_, at) => `attribute_${at}`);
    const kept = names.filter((_, at) => (((bits[at % 32] ?? 0) >> (at >> 5)) & 1) === 1);
    return Object.fromEntries(kept.map((name) => [name, n]));
  };
  write('o.ndjson', Array.from({ length: 3_000 }, (_, n) => order(String(n), some(n))).join(''));
  const ended = await run(['send', 'o.ndjson', '--dry-run', '--json', '--workers', '0'], {
    cwd: folder.path,
    env: { NODE_OPTIONS: '--max-old-space-size=80' },
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3_000, accepted: 3_000 });
});

it('rows that are all rejected leave nothing that piles up in the heap', async () => {
  const rows = Array.from({ length: 120_000 }, (_, n) => `${n},x,a@example.com\n`);
  write('o.csv', `Order Number,Paid at,Email\n${rows.join('')}`);
  write(
    'watch.cjs',
    `const { writeFileSync } = require('node:fs');
    const { getHeapStatistics } = require('node:v8');
    if (require('node:worker_threads').isMainThread) {
      let most = 0;
      setInterval(() => { most = Math.max(most, getHeapStatistics().used_heap_size); }, 5).unref();
      process.on('exit', () => writeFileSync('most.txt', String(most)));
    }`,
  );
  const ended = await run(['validate', 'o.csv', '--quiet'], {
    cwd: folder.path,
    env: { NODE_OPTIONS: '--require ./watch.cjs' },
  });
  expect(ended.code).toBe(3);
  // Left to V8 it was 58 MB.
  expect(Number(readFileSync(join(folder.path, 'most.txt'), 'utf8'))).toBeLessThan(42_000_000);
});
