import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();

const HEADER = 'Order Number,Email,Total,Currency,Paid at\n';
const PAID = new Date(Date.now() - 86_400_000).toISOString();
const { write } = folder;

/** The commands that a run says to type next. */
async function nextOf(...args: string[]): Promise<string> {
  const ended = await run(args, { cwd: folder.path });
  expect(ended.stderr).toBe('');
  return ended.stdout.split('\nNext:\n')[1] ?? '';
}

describe('what to type next', () => {
  it.each([
    ['--config=c.yaml', '--event=Order Paid', '--state=s', '--endpoint=https://example.com/v2'],
    ['--config', 'c.yaml', '--event', 'Order Paid', '--state', 's', '--endpoint', 'https://example.com/v2'],
  ])(
    'sends fixed rows with the config, the event, the state and the endpoint of the run: %s',
    async (...options) => {
      const mapping = `{ name: Paid, trigger: 'event = "Order Paid"' }`;
      write('c.yaml', `version: 1\nhashing: { email: true }\nmappings: [${mapping}]\n`);
      write('o.csv', `${HEADER}1,,5,USD,${PAID}\n`);
      const next = await nextOf('send', 'o.csv', '--dry-run', ...options, '--rejects=r.ndjson');
      const quoted = options.map((word) => (word.includes(' ') ? `'${word}'` : word)).join(' ');
      expect(next).toBe(`  (fix the rows in that file, then)  rokt-capi send --dry-run ${quoted} r.ndjson\n`);
    },
  );

  it.each([['--out', 'b.ndjson'], ['--out=b.ndjson'], []])(
    'is after a dry run the same command without --dry-run, and without --out, which only goes with that: %s',
    async (...out) => {
      write('o.csv', `${HEADER}1,a@example.com,5,USD,${PAID}\n`);
      const next = await nextOf('send', '--dry-run', ...out, 'o.csv', '--rate', '5');
      expect(next).toBe('  rokt-capi send o.csv --rate 5\n');
    },
  );

  it('is nothing after a rehearsal with an input that has no record', async () => {
    write('o.csv', HEADER);
    for (const rehearsal of ['--dry-run', '--sandbox'])
      expect(await nextOf('send', 'o.csv', rehearsal)).toBe('');
  });

  it('is the same command where --max-rejects stopped the run: the rows that were not read are in no rejects file', async () => {
    const rows = Array.from({ length: 3000 }, (_, n) => `${n},u${n}@example.com,5,USD,${PAID}\n`);
    write('o.csv', `${HEADER.replace('Paid at', 'When')}${rows.join('')}`);
    const next = await nextOf('send', 'o.csv', '--sandbox', '--max-rejects', '5%');
    expect(next).toBe('  (fix what is wrong, then)  rokt-capi send o.csv --sandbox --max-rejects 5%\n');
  });

  it('is the same command where every row was rejected: then a column is called otherwise, and no row is wrong', async () => {
    const rows = Array.from({ length: 3 }, (_, n) => `${n},u${n}@example.com,5,USD,${PAID}\n`);
    write('o.csv', `${HEADER.replace('Paid at', 'When')}${rows.join('')}`);
    const next = await nextOf('send', 'o.csv', '--sandbox');
    expect(next).toBe(
      '  (fix the header or the mapping, or else the rows, then)  rokt-capi send o.csv --sandbox\n',
    );
  });
});
