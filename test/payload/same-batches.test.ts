import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { MappingEntry } from '../../src/config/config.js';
import { createRowReader } from '../../src/input/event.js';
import type { InputRecord } from '../../src/input/input-record.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { createPreparer } from '../../src/payload/prepare.js';
import { identify } from '../../src/state/keys.js';
import { PAYLOAD_OPTIONS } from '../helpers/payload-options.js';
import { readAll } from '../helpers/read.js';

const COLUMNS = [
  ...['Order Number', 'Email', 'Total', 'Paid at', 'user_id', 'Customer ID', 'Phone', 'zip', 'address'],
  ...['rtid', 'IP', 'context.device.type', 'idfa', 'event', 'type', 'products[0].sku', 'properties.a.b', 'a'],
  ...['__proto__', 'constructor', 'length', 'Größe', 'a "b"', 'x\ny', 'Created date (UTC)', 'Order Time'],
];
/** What exports have in their cells, and what somebody might. */
const cell = fc.oneof(
  fc.constantFrom(
    '1',
    'A@Example.com',
    '12.50',
    '1,234.50',
    '€ 5',
    '2026-11-10T10:00:00Z',
    '2026-11-10',
    'ios',
  ),
  fc.constantFrom(
    '',
    ' ',
    '0',
    '-0',
    '1e21',
    '5.81235E+12',
    '9007199254740993',
    "'007",
    '4.0',
    'TRUE',
    'NULL',
  ),
  fc.constantFrom('a"b', '"', ',', ';', 'a\nb', 'a\r\nb', '\r', '\ufeffa', '\u2028', '\0', '\\', '\\u0041'),
  fc.constantFrom(
    '{"a":1}',
    '{"device":{"type":"ios"}}',
    '{"__proto__":1}',
    '[]',
    '💥',
    'e\u0301',
    '\u00a0x',
  ),
  fc.string({ maxLength: 6, unit: 'grapheme' }),
);
const table = fc.uniqueArray(fc.constantFrom(...COLUMNS), { minLength: 2, maxLength: 8 }).chain((columns) => {
  const cells = fc.array(cell, { minLength: columns.length, maxLength: columns.length });
  // Of a table, a row of empty cells is none.
  const row = cells.filter((texts) => texts.some((text) => text.trim() !== ''));
  return fc.record({ columns: fc.constant(columns), rows: fc.array(row, { minLength: 1, maxLength: 4 }) });
});
const written = fc.record({
  delimiter: fc.constantFrom(',', ';', '\t', '|'),
  lineEnd: fc.constantFrom('\n', '\r\n'),
  mark: fc.constantFrom('', '\ufeff'),
  chunkBytes: fc.integer({ min: 1, max: 60 }),
});

const path = (from: string) => ({ '@path': from });
/** One that has nearly every row sent, with all that is in it, and the usual one. */
const MAPPINGS = [
  {
    name: 'All',
    preset: 'send',
    trigger: 'type != "x"',
    fields: {
      eventDetails: {
        conversiontype: path('$.event'),
        confirmationref: path('$.properties.order_id'),
        source_message_id: path('$.messageId'),
        timestamp_unixtime_ms: { '@literal': '2026-11-10T10:00:00Z' },
      },
      user_identities: { email: 'a@example.com', customerid: path('$.userId') },
      eventProperties: {
        all: { '@json': { mode: 'encode', value: path('$.properties') } },
        time: path('$.timestamp'),
        quoted: { '@template': '"{{properties.a}}"\u2028' },
      },
      user_attributes: { '@flatten': { value: path('$.properties'), separator: '_' } },
    },
  },
  { name: 'Usual', preset: 'send' },
] as const;

/** What records come to, wherever they stood. */
function preparedOf(records: readonly InputRecord[], mapping: MappingEntry) {
  const ids = {
    identify: (key: Parameters<typeof identify>[1]) => identify('', key),
    isDelivered: () => false,
  };
  const prepare = createPreparer(compileMappings([mapping]), PAYLOAD_OPTIONS, ids);
  return records.map((record) => {
    const { messageId, warnings, outcome } = prepare(record);
    const batches =
      outcome.kind === 'ready' ? outcome.deliveries.map(({ json, route }) => [json, route]) : [];
    return {
      messageId,
      warnings,
      batches,
      problem: outcome.kind === 'rejected' ? outcome.problem : undefined,
    };
  });
}

it('a table makes the same batches, with the same ids, as CSV, as NDJSON and as JSON, as of the events put together', async () => {
  let sent = 0;
  await fc.assert(
    fc.asyncProperty(
      table,
      written,
      fc.constantFrom(...MAPPINGS),
      async ({ columns, rows }, { delimiter, lineEnd, mark, chunkBytes }, mapping) => {
        const toEvent = createRowReader(columns, { columns: new Map() });
        const expected = preparedOf(
          rows.map((cells, line) => ({
            line,
            content: { kind: 'event', event: toEvent(cells) },
            source: { kind: 'row', columns, cells },
          })),
          mapping,
        );
        sent += expected.filter(({ batches }) => batches.length > 0).length;
        const quoted = (text: string): string => `"${text.replaceAll('"', '""')}"`;
        const asCell = (text: string): string =>
          /["\r\n,;\t|]/.test(text) || text === '' ? quoted(text) : text;
        const header = columns.map(quoted).join(delimiter);
        const lines = rows.map((cells) => cells.map(asCell).join(delimiter));
        const csv = mark + [header, ...lines].join(lineEnd) + lineEnd;
        expect(preparedOf(await readAll(csv, { format: 'csv', chunkBytes }), mapping)).toEqual(expected);
        const objects = rows.map((cells) =>
          JSON.stringify(Object.fromEntries(columns.map((column, index) => [column, cells[index]]))),
        );
        const ndjson = mark + objects.join(lineEnd);
        expect(preparedOf(await readAll(ndjson, { format: 'ndjson', chunkBytes }), mapping)).toEqual(
          expected,
        );
        const json = `${mark}[${objects.join(`,${lineEnd}`)}]`;
        expect(preparedOf(await readAll(json, { format: 'json', chunkBytes }), mapping)).toEqual(expected);
      },
    ),
    { numRuns: 100 },
  );
  expect(sent).toBeGreaterThan(30);
});
