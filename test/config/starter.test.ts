import { expect, it } from 'vitest';
import { type StarterOptions, writeStarter } from '../../src/config/starter.js';

const ORDER = { column: 'Order Number', place: 'properties.order_id', use: 'order id (confirmationref)' };
const GIFT = { column: 'Gift', place: 'properties.Gift', use: undefined };

/** What a config that init writes has under `source`, comments included; undefined where there is no such section. */
function sourceOf(options: Partial<StarterOptions>): readonly string[] | undefined {
  const text = writeStarter({
    ...{
      command: 'rokt-capi init o.csv',
      preset: undefined,
      columns: [],
      groupBy: undefined,
      isSnapshot: false,
    },
    ...{ pod: 'us2', hashEmail: true, timezone: undefined, dateOrder: undefined, ...options },
  });
  const lines = text.split('\n');
  const at = lines.findIndex((line) => /^(?:# )?source:$/.test(line));
  return at === -1 ? undefined : lines.slice(at, lines.indexOf('', at));
}

it('a config that init writes says of each column once: where it goes, or that it is not used', () => {
  expect(sourceOf({ columns: [ORDER, GIFT] })).toEqual([
    'source:',
    '  columns:',
    '    "Order Number": "properties.order_id"   # order id (confirmationref)',
    '  # Not used; to send one, map its place as an event property (below), or give it a place under columns:',
    '  #   "Gift"',
  ]);
  expect(sourceOf({ columns: [ORDER] })).toHaveLength(3);
});

it('has a section for the source where there is something to say of it, even one thing alone', () => {
  expect(sourceOf({})).toBeUndefined();
  expect(sourceOf({ timezone: 'Europe/Berlin' })).toEqual([
    'source:',
    '  timezone: Europe/Berlin   # for times without a zone',
  ]);
  expect(sourceOf({ columns: [GIFT] })?.[0], 'comments alone').toBe('# source:');
});
