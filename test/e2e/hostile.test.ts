import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { run, temporaryDirectory } from '../helpers/program.js';

let folder: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder.remove());

const write = (name: string, text: string): void => writeFileSync(join(folder.path, name), text);
const order = (id: string, more: Record<string, unknown> = {}): string =>
  `${JSON.stringify({ order_id: id, email: `${id}@example.com`, timestamp: new Date().toISOString(), ...more })}\n`;

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

  it('nor does a column of a table that is called so: it is told before anything is sent', async () => {
    write('o.csv', `order_id,${'a.'.repeat(30_000)}b\n1,2\n`);
    const ended = await run(['send', 'o.csv', '--dry-run'], { cwd: folder.path, ...small });
    expect(ended.stderr).toContain('PLACE_INVALID');
    expect(ended.stderr.length).toBeLessThan(1000);
    expect(ended.code).toBe(2);
  });
});

it('objects of ever other keys, as exports that leave out what is empty make them, take no memory for each', async () => {
  const some = (n: number): Record<string, number> =>
    Object.fromEntries(
      Array.from({ length: 60 }, (_, at) => [`attribute_${at}`, n] as const).filter(
        (_, at) => ((n * 2_654_435_761 + at * 40_503 * n) >>> 7) % 2 === 0,
      ),
    );
  write('o.ndjson', Array.from({ length: 3_000 }, (_, n) => order(String(n), some(n))).join(''));
  const ended = await run(['send', 'o.ndjson', '--dry-run', '--json', '--workers', '0'], {
    cwd: folder.path,
    env: { NODE_OPTIONS: '--max-old-space-size=80' },
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({ read: 3_000, accepted: 3_000 });
});
