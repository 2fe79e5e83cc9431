import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { FIXTURES, run } from '../helpers/program.js';

const folder = useFolder();

const { write } = folder;
const send = (...args: string[]) => run(['send', ...args], { cwd: folder.path });
async function show(...args: string[]) {
  const ended = await send(...args, '--dry-run', '--json');
  expect(ended.stderr).toBe('');
  return { ...JSON.parse(ended.stdout), code: ended.code };
}
const time = new Date(Date.now() - 86_400_000).toISOString();
const ROWS = `Order Number,E-mail,Total,Paid at,Note
1,a@example.com,9.50,${time},"two
lines"
2,b@example.com,7.00,${time},
3,,8.00,${time},
2,b@example.com,7.00,${time},
4,b@example.com,6.00,${time},
`;

describe('send --dry-run --show', () => {
  it('says of a record how each field came about, down to the column, and shows its batch', async () => {
    write('rokt-capi.config.yaml', 'version: 1\nhashing: { email: true }\n');
    write('o.csv', ROWS);
    const ended = await send('o.csv', '--dry-run', '--show', '4');
    expect(ended.code).toBe(0);
    expect(ended.stdout).toContain('o.csv:4 would be sent');
    expect(ended.stdout).toContain('  Order Number: 2\n  E-mail: b@example.com\n  Total: 7.00\n');
    expect(ended.stdout).toContain('Mapping "Send" matches: event = "Order Completed"');
    expect(ended.stdout).toContain('Mapping "Sync Engage Audience" does not match: type = "identify"');
    expect(ended.stdout).toContain(
      '  eventDetails.amount = 7\n      from Total (properties.revenue), by {"@path":"$.properties.revenue"}\n',
    );
    expect(ended.stdout).toMatch(
      /user_identities\.email = "b@example\.com"\n {6}from E-mail \(properties\.email\), by/,
    );
    expect(ended.stdout).toContain('  user_identities.customerid = nothing\n      by {"@path":"$.userId"}\n');
    expect(ended.stdout).toContain('The batch, to /bulkevents, with the records of lines 7\n');
    expect(ended.stdout).toMatch(/"other": "[0-9a-f]{64}"/);
  });

  it('takes any line of a record, and shows the batch as --out would have it', async () => {
    write('o.csv', ROWS);
    const shown = await show('o.csv', '--show', '3');
    expect(shown).toMatchObject({
      file: 'o.csv',
      line: 2,
      state: 'accepted',
      record: { Note: 'two\nlines' },
    });
    await send('o.csv', '--dry-run', '--out', 'batches.ndjson', '--quiet');
    const lines = readFileSync(join(folder.path, 'batches.ndjson'), 'utf8').trim().split('\n');
    expect(lines.map((line) => JSON.parse(line))).toContainEqual(shown.batches[0].body);
    expect(shown.batches).toMatchObject([{ path: 'live', lines: [2] }]);
  });

  it('says why a record is not sent, and leaves no rejects file', async () => {
    write('o.csv', ROWS);
    const shown = await show('o.csv', '--show', '5');
    expect(shown).toMatchObject({
      code: 3,
      state: 'rejected',
      problem: { code: 'IDENTIFIER_MISSING' },
      batches: [],
    });
    expect(existsSync(join(folder.path, '.rokt-capi'))).toBe(false);
    expect(await show('o.csv', '--show', '6')).toMatchObject({ code: 0, state: 'duplicate', batches: [] });
  });

  it('says which conditions of a trigger hold', async () => {
    write(
      'rokt-capi.config.yaml',
      `version: 1
mappings:
  - name: Large
    trigger: 'event = "Order Completed" and properties.revenue > 8'
`,
    );
    write('o.csv', ROWS);
    const ended = await send('o.csv', '--dry-run', '--show', '4');
    expect(ended.stdout).toContain(
      `Mapping "Large" does not match: event = "Order Completed" and properties.revenue > 8
  ✓ event = "Order Completed"
  ✗ and properties.revenue > 8
`,
    );
    expect(ended.stdout).toContain('o.csv:4 skipped');
  });

  it('traces every directive to the column, also through lists and templates', async () => {
    write(
      'rokt-capi.config.yaml',
      `version: 1
mappings:
  - name: A
    fields:
      eventProperties:
        items: { "@arrayPath": ["$.properties.products", { sku: { "@path": "$.sku" } }] }
        label: { "@template": "{{properties.order_id}} for {{properties.email}}" }
        liquid: { "@liquid": "{{properties.total_label}}" }
        fixed: always
`,
    );
    write(
      'o.csv',
      `Order Number,E-mail,Total,Paid at,products[0].sku,total_label\n1,a@example.com,9.50,${time},S-1,much\n`,
    );
    const { mappings } = await show('o.csv', '--show', '2');
    const fields = Object.fromEntries(
      mappings[0].fields.map(({ field, ...rest }: { field: string }) => [field, rest]),
    );
    expect(fields['eventProperties.items']).toMatchObject({
      value: [{ sku: 'S-1' }],
      read: [{ place: 'properties.products[0].sku' }],
    });
    expect(fields['eventProperties.label']).toMatchObject({
      value: '1 for a@example.com',
      read: [
        { place: 'properties.order_id', column: 'Order Number' },
        { place: 'properties.email', column: 'E-mail' },
      ],
    });
    expect(fields['eventProperties.liquid']).toMatchObject({
      value: 'much',
      read: [{ place: 'properties.total_label', column: 'total_label' }],
    });
    expect(fields['eventProperties.fixed']).toEqual({ directive: 'always', value: 'always', read: [] });
  });

  it('shows records of JSON files, of any part of a large file, and rows of one order as one', async () => {
    const events = await show(`${FIXTURES}segment-events.ndjson`, '--show', '5');
    expect(events).toMatchObject({ line: 5, event: { type: 'track' } });
    const many = Array.from({ length: 30_000 }, (_, n) => `${n},u${n}@example.com,5,${time},x`).join('\n');
    write('many.csv', `Order Number,E-mail,Total,Paid at,Note\n${many}\n`);
    expect(await show('many.csv', '--show', '29999')).toMatchObject({ record: { 'Order Number': '29997' } });
    write('shop.yaml', 'version: 1\nsource: { preset: shopify }\n');
    const order = await show(`${FIXTURES}shopify-orders.csv`, '--config', 'shop.yaml', '--show', '3');
    expect(order).toMatchObject({ line: 2, record: { Name: '#1001', Total: '151.07' } });
  });

  it('shows the first of several records on a line, and of no other', async () => {
    const order = (messageId: string, timestamp: string, email = `${messageId}@example.com`) => ({
      type: 'track',
      event: 'Order Completed',
      messageId,
      timestamp,
      properties: { order_id: messageId, email },
    });
    const bad = order('a', 'bad');
    write('bad-first.json', JSON.stringify([bad, order('b', time)]));
    expect(await show('bad-first.json', '--show', '1')).toMatchObject({
      code: 3,
      state: 'rejected',
      record: bad,
      problem: { code: 'TIMESTAMP_UNREADABLE' },
      batches: [],
    });
    const good = order('a', time, 'b@example.com');
    const others = [order('b', 'bad'), order('c', time), order('d', time, 'b@example.com'), good];
    write('good-first.json', JSON.stringify([good, ...others]));
    const shown = await show('good-first.json', '--show', '1');
    expect(shown).toMatchObject({ code: 0, state: 'accepted', record: good, batches: [{ lines: [1] }] });
    const events: { data: { source_message_id: string } }[] = shown.batches[0].body.events;
    expect(shown.batches).toHaveLength(1);
    expect(events.map(({ data }) => data.source_message_id)).toEqual(['a', 'd']);
  });

  it('says the same of a member of an audience that shares its line', async () => {
    const [nobody, member] = [{ traits: { first_name: 'A' } }, { user_id: 'u1', traits: {} }];
    for (const [members, state] of [
      [[nobody, member], 'rejected'],
      [[member, nobody, member], 'accepted'],
    ] as const) {
      write('vip.json', JSON.stringify(members));
      const ended = await run(['sync-audience', 'vip.json', '--dry-run', '--show', '1', '--json'], {
        cwd: folder.path,
      });
      const shown = JSON.parse(ended.stdout);
      expect(shown).toMatchObject({ state, record: members[0] });
      expect(shown.batches).toHaveLength(state === 'accepted' ? 1 : 0);
    }
  });

  it.each([
    ['a line with no record', ['o.csv', '--dry-run', '--show', '1'], 'LINE_WITHOUT_RECORD'],
    ['a line beyond the file', ['o.csv', '--dry-run', '--show', '8'], 'LINE_WITHOUT_RECORD'],
    ['sending', ['o.csv', '--show', '2'], 'OPTION_CONFLICT'],
    ['two files', ['o.csv', 'o.csv', '--dry-run', '--show', '2'], 'OPTION_CONFLICT'],
  ])('does not go with %s', async (_, args, code) => {
    write('o.csv', ROWS);
    const ended = await send(...args);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain(code);
    expect(ended.stdout).toBe('');
  });
});
