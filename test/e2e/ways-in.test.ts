import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const folder = useFolder();

const COLUMNS = ['Order Number', 'Email', 'Total', 'Paid at', 'First Name', 'Note', '__proto__', 'a "b"'];
/** What is hard to read, to hash or to write; the first cell of a row says whose it is. */
const UGLY = [
  ...[
    '',
    '"',
    '""',
    'a,b;c\td|e',
    'two\nlines',
    'two\r\nlines',
    '\r',
    '\ufeffmark',
    '\u2028',
    '\0',
    '\u007f',
  ],
  ...[
    '💥 e\u0301',
    '\\u0041',
    '\\',
    '{"a":[1,"]"]}',
    '</script>',
    '__proto__',
    '-0',
    '1e21',
    '9007199254740993',
  ],
  ...['NULL', ' blank ', '\u00a0', 'İß', '\ufffd', "'007", 'true', '5.81235E+12'],
];
const ROWS = UGLY.map((ugly, n) => [
  ...[`o-${n}`, `User${n}@Example.com`, `${n}.50`, `2026-11-10T10:00:${10 + n}Z`, ugly, ugly, ugly, ugly],
]);
const MAPPING = {
  name: 'Orders',
  fields: {
    eventProperties: {
      note: { '@path': '$.properties.Note' },
      __proto: { '@path': '$.properties._proto_' },
      both: { '@template': '{{properties.Note}}"{{properties.order_id}}' },
    },
    user_attributes: {
      firstname: { '@path': '$.properties.first_name' },
      shouted: { '@case': { operator: 'upper', value: { '@path': '$.properties[\'a "b"\']' } } },
    },
    hashingConfiguration: { hashEmail: true, hashFirstName: true },
  },
};

function csv(delimiter: string, lineEnd: string): string {
  const cells = (row: readonly string[]) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`);
  return [COLUMNS, ...ROWS].map((row) => `${cells(row).join(delimiter)}${lineEnd}`).join('');
}

it('a table makes the same requests in whatever format, encoding and way it comes in', async () => {
  folder.write('rokt-capi.config.json', JSON.stringify({ version: 1, mappings: [MAPPING] }));
  const table = csv(',', '\n');
  const objects = ROWS.map((row) =>
    JSON.stringify(Object.fromEntries(COLUMNS.map((name, n) => [name, row[n]]))),
  );
  const out = async (
    file: string,
    content: string | Buffer,
    ...options: readonly string[]
  ): Promise<string> => {
    if (file !== '-') folder.write(file, content);
    const ended = await run(
      ['send', file, '--dry-run', '--no-state', '--quiet', '--out', 'out.ndjson', ...options],
      { cwd: folder.path, ...(file === '-' ? { input: content } : {}) },
    );
    expect(ended, file).toMatchObject({ code: 0, stdout: '' });
    return readFileSync(join(folder.path, 'out.ndjson'), 'utf8');
  };
  const expected = await out('orders.csv', table, '--workers', '0');
  expect(expected.trimEnd().split('\n')).toHaveLength(ROWS.length);
  const ways: readonly (readonly [file: string, content: string | Buffer])[] = [
    ['orders.csv.gz', gzipSync(table)],
    ['-', table],
    ['-', gzipSync(table)],
    ['windows.csv', `\ufeff${csv(';', '\r\n')}`],
    ['excel.txt', `sep=\t\n${csv('\t', '\n')}`],
    ['utf16.csv', Buffer.from(`\ufeff${table}`, 'utf16le')],
    ['orders.ndjson', `${objects.join('\n')}\n`],
    ['list.json', `[${objects.join(',\n')}]`],
    ['-', `\ufeff[\n${objects.join(' ,')}\n]`],
  ];
  for (const [file, content] of ways) expect(await out(file, content, '--workers', '4'), file).toBe(expected);
});
