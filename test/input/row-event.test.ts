import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { RowColumns } from '../../src/input/row-columns.js';
import { RowEvent } from '../../src/input/row-event.js';
import type { InputOptions } from '../../src/interfaces.js';
import { createGetter } from '../../src/mapping/path.js';
import { cpuMs } from '../helpers/cpu-time.js';

const COLUMNS = [
  'Email',
  'email',
  'customer_email',
  'id',
  'order_id',
  'Total',
  'revenue',
  'user_id',
  'messageId',
  'event',
  'type',
  'event_type',
  'Paid at',
  'created_at',
  'properties',
  'properties.address',
  'address',
  'zip',
  'traits',
  'traits.email',
  'context',
  'context.ip',
  'context.device.type',
  'idfa',
  'gaid',
  'rtid',
  'products[0].sku',
  'products[1].sku',
  'Order Date',
  'Order Time',
  'customer_id',
  'Plan',
  '__proto__',
  'constructor',
  'toString',
  'length',
  'Created date (UTC)',
  'timestamp',
  'message_id',
  'context_ip',
  'received_at',
  'phone',
  'first_name',
  'Quantity',
  'properties.é[0]',
];
const cell = fc.oneof(
  fc.constantFrom(
    '',
    ' ',
    'x',
    "'007",
    "'",
    '1,234.50',
    'true',
    'identify',
    'Track',
    'ios',
    'android',
    ' a ',
    '0',
    '2026-11-25',
    '09:15',
  ),
  fc.constantFrom(
    ...[
      'NULL',
      'null',
      'Null',
      '\\N',
      '-0',
      '1e21',
      '5.81235E+12',
      '9007199254740993',
      '4.0',
      '0.0',
      'FALSE',
    ],
    ...[
      '\ufeffx',
      '\u00a0',
      '\u2028',
      '\0',
      'a\r\nb',
      '"',
      '💥',
      '__proto__',
      '{"__proto__":{"a":1}}',
      '{"a":}',
    ],
  ),
  fc.constantFrom(
    '{"a":1}',
    '{"email":"b"}',
    '{"device":{"type":"ios"}}',
    '{"postal_code":"9"}',
    '{',
    '[]',
    'null',
  ),
);
const row = fc
  .uniqueArray(fc.constantFrom(...COLUMNS), { minLength: 1, maxLength: 8 })
  .chain((columns) => fc.record({ columns: fc.constant(columns), cells: cellsFor(columns.length) }));
const configured = fc.dictionary(
  fc.constantFrom(...COLUMNS.filter((column) => column !== '__proto__')),
  fc.uniqueArray(
    fc.constantFrom(
      'properties.order_id',
      'messageId',
      'event',
      'userId',
      'traits.email',
      'context.device.id',
      'type',
    ),
    { minLength: 1, maxLength: 2 },
  ),
  { maxKeys: 3 },
);
const PATHS = [
  ['event'],
  ['type'],
  ['messageId'],
  ['userId'],
  ['timestamp'],
  ['properties'],
  ['properties', 'email'],
  ['properties', 'Email'],
  ['properties', 'customer_email'],
  ['properties', 'order_id'],
  ['properties', 'id'],
  ['properties', 'revenue'],
  ['properties', 'Total'],
  ['properties', 'Plan'],
  ['properties', 'Plan', 'length'],
  ['properties', 'products'],
  ['properties', 'products', 'length'],
  ['properties', 'products', '0', 'sku'],
  ['properties', 'products', '1'],
  ['properties', 'address', 'postal_code'],
  ['properties', 'address', 'address'],
  ['properties', '_proto_'],
  ['properties', '__proto__'],
  ['properties', 'constructor'],
  ['properties', 'toString'],
  ['traits'],
  ['traits', 'email'],
  ['traits', 'rtid'],
  ['context', 'ip'],
  ['context', 'device', 'type'],
  ['context', 'device', 'id'],
  ['context', 'device', 'advertisingId'],
  ['integrations', 'Rokt Conversions API', 'rtid'],
  ['properties', 'length'],
  ['properties', 'é', '0'],
  ['properties', 'phone'],
  ['properties', 'first_name'],
  ['properties', 'a'],
  ['properties', '__proto__', 'a'],
  ['properties', 'Quantity'],
  ['event', 'length'],
  ['type', 'x'],
  ['nothing'],
  [],
];

function cellsFor(count: number): fc.Arbitrary<string[]> {
  return fc.array(cell, { minLength: count, maxLength: count });
}

describe('the event of a row', () => {
  it('has the same at every place, read off the cells or off the event put together', () => {
    fc.assert(
      fc.property(row, configured, ({ columns, cells }, places) => {
        const options: InputOptions = {
          columns: new Map(Object.entries(places)),
        };
        const event = new RowEvent(new RowColumns(columns, options), cells);
        expect(event.messageId).toBe(event.whole.messageId);
        for (const path of PATHS) {
          const get = createGetter(path);
          expect(get(new RowEvent(event.columns, cells)), path.join('.')).toEqual(get(event.whole));
        }
      }),
      { numRuns: 3_000 },
    );
  });

  it('is not put together for what a cell says alone', () => {
    const options: InputOptions = { columns: new Map() };
    const columns = new RowColumns(['Order Number', 'Email', 'Total', 'properties.address', 'zip'], options);
    const known = [
      ['event'],
      ['messageId'],
      ['properties', 'email'],
      ['properties', 'revenue'],
      ['traits', 'x'],
    ];
    for (const path of known) expect(columns.getterOf(path), path.join('.')).toBeDefined();
    for (const path of [['properties'], ['properties', 'address'], []]) {
      expect(columns.getterOf(path), path.join('.')).toBeUndefined();
    }
  });
});

it.each([
  ['flat', (n: number) => `c${n}`],
  ['nested', (n: number) => `a${n}.b`],
])('a table of 20,000 columns is begun in no time that grows with their square: %s', (_, name) => {
  const names = Array.from({ length: 20_000 }, (_, n) => name(n));
  const took = cpuMs(() => {
    new RowColumns(names, { columns: new Map() });
  });
  expect(took).toBeLessThan(12_000);
});
