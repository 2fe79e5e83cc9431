import { expect, it } from 'vitest';
import { Packer } from '../../src/delivery/packed-slice.js';
import { describeQuality } from '../../src/report/quality.js';
import { useFolder } from '../helpers/folder.js';
import { orderTable } from '../helpers/orders.js';
import { preparedIn } from '../helpers/prepare.js';

const folder = useFolder();

const orders = (cells: (n: number) => string, timeOf?: (iso: string) => string): string =>
  orderTable(40, cells, timeOf);
const usual = (n: number): string => `u${n}@example.com,5,USD`;

async function warningsOf(text: string): Promise<string[]> {
  folder.write('o.csv', text);
  const packer = new Packer({ separate: true, bodies: false });
  for (const record of await preparedIn(folder.path, 'o.csv')) packer.add(record);
  return describeQuality(packer.take().quality).warnings.map(({ code }) => code);
}

it.each([
  ['EMAIL_RARE', orders((n) => `u${n},5,USD`).replace('Email', 'Customer ID')],
  ['EMAILS_EQUAL', orders((n) => `${n % 2 === 0 ? 'test' : `u${n}`}@example.com,5,USD`)],
  ['AMOUNTS_RARE', orders(usual).replace('Total', 'Sum of money')],
  ['AMOUNTS_ZERO', orders((n) => `u${n}@example.com,0.00,USD`)],
  ['CURRENCY_UNKNOWN', orders((n) => `u${n}@example.com,5,${n === 7 ? 'XQZ' : 'USD'}`)],
  ['ORDER_IDS_RARE', orders(usual).replace('Order Number', 'No. of the order')],
  ['ORDER_ID_REPEATED', orders(usual).replaceAll(/^(o-\d*)[13579],/gm, '$10,')],
  [
    'MESSAGE_ID_REPEATED',
    orders(usual).replace('Paid at', 'Paid at,messageId').replaceAll(/Z$/gm, 'Z,shop-1'),
  ],
  ['TIMES_AT_MIDNIGHT', orders(usual, (iso) => `${iso.slice(0, 10)}T00:00:00Z`)],
])('a run is warned of %s, and but for the RTID of nothing else', async (code, text) => {
  expect(await warningsOf(text)).toEqual([code, 'RTID_RARE']);
});

it('a run with RTIDs, of which half of the e-mail addresses are those of nobody else, is warned of nothing', async () => {
  const text = orders((n) => `u${n % 25}@example.com,${n},USD`).replaceAll(/(Paid at|Z)$/gm, '$1,click');
  expect(await warningsOf(text.replace('Paid at,click', 'Paid at,rtid'))).toEqual([]);
});

it('a row that is there twice, or of one person, is no shared id', async () => {
  const byId = (text: string): string =>
    text.replace('Order Number', 'messageId').replaceAll(/^o-\d*(\d),/gm, 'o-$1,');
  expect(await warningsOf(byId(orders(() => 'a@example.com,5,USD')))).not.toContain('MESSAGE_ID_REPEATED');
  const [header = '', ...rows] = orders(usual)
    .replace('Order Number', 'messageId')
    .split(/(?<=\n)/);
  expect(await warningsOf(header + rows.map((row) => row + row).join(''))).not.toContain(
    'MESSAGE_ID_REPEATED',
  );
});

it('events that are no orders need no amount', async () => {
  const text = orders((n) => `u${n}@example.com,,`).replace('Order Number', 'Note');
  expect(await warningsOf(text)).toEqual(['RTID_RARE']);
});

it('a currency that Node does not know yet is one all the same', async () => {
  const codes = ['SLE', 'VED', 'XCG', 'ZWG'];
  expect(await warningsOf(orders((n) => `u${n}@example.com,5,${codes[n % 4]}`))).toEqual(['RTID_RARE']);
});

it.each(['UTC', 'Europe/Berlin', 'America/New_York'])(
  'dates without a time are warned of where they are read in %s',
  async (zone) => {
    folder.write('rokt-capi.config.yaml', `version: 1\nsource: { timezone: ${zone} }\n`);
    const dates = orders(usual, (iso) => iso.slice(0, 10));
    expect(await warningsOf(dates)).toContain('TIMES_AT_MIDNIGHT');
  },
);
