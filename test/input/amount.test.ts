import fc from 'fast-check';
import { expect, it } from 'vitest';
import { parseAmount } from '../../src/input/amount.js';
import { cpuMs } from '../helpers/cpu-time.js';

it.each([
  ['99.99', 99.99],
  ['0', 0],
  ['-5', -5],
  ['1,234.50', 1234.5],
  ['1.234,50', 1234.5],
  ['1 234,50', 1234.5],
  ['12,5', 12.5],
  ['1,234,567', 1234567],
  ['$5.00', 5],
  ['-$5', -5],
  ['5 EUR', 5],
  ['usd 5', 5],
  ['100 RMB', 100],
  ['€ 12,90', 12.9],
  ['R$ 1.234,50', 1234.5],
  ['1.234 KWD', 1.234],
  ['US$5.10', 5.1],
  ['-CA$5', -5],
  ['RM 1,234.50', 1234.5],
  ['1 234,50 kr', 1234.5],
  ['99 kr.', 99],
  ['12,50 zł', 12.5],
  ['1\u00a0234,50 Kč', 1234.5],
  ['Rs. 500.00', 500],
  ['1.5E+03', 1500],
  ['.5', 0.5],
  ['.25', 0.25],
  ['+5', 5],
  ["1'234.50", 1234.5],
  ['1\u00a0234,50', 1234.5],
  ['1 234 567', 1234567],
  ['1.234.567', 1234567],
  ['1,2345', 1.2345],
  ['1.234', 1.234],
  ['$0.125', 0.125],
  ['$30.0000', 30],
])('reads the amount %s', (text, amount) => {
  expect(parseAmount(text)).toBe(amount);
});

it.each([
  '1,234',
  '',
  ' ',
  'free',
  '10 pcs',
  '5 x',
  'A5',
  'Rp 50.000',
  '€ 1.234',
  '1.234 €',
  '-12.345 EUR',
  'kr',
  'May 12',
  '0x10',
  'NaN',
  'Infinity',
  '1e999',
  '1,23,4',
  '12.34.56',
  '5 5',
  '--5',
])('does not guess at %s', (text) => {
  expect(parseAmount(text)).toBeUndefined();
});

it('reads an amount of thousands in each way that it is written, with either sign', () => {
  const groups = fc.array(fc.integer({ min: 0, max: 999 }), { minLength: 1, maxLength: 3 });
  const part = fc.record({
    sign: fc.constantFrom('', '-', '+'),
    first: fc.integer({ min: 1, max: 999 }),
    groups,
    cents: fc.integer({ min: 0, max: 99 }).map((cents) => String(cents).padStart(2, '0')),
    style: fc.constantFrom(
      ...([
        [',', '.'],
        ['.', ','],
        [' ', ','],
        [' ', '.'],
        ['\u202f', ','],
        ["'", '.'],
      ] as const),
    ),
  });
  fc.assert(
    fc.property(part, ({ sign, first, groups: rest, cents, style: [thousands, point] }) => {
      const digits = [first, ...rest.map((group) => String(group).padStart(3, '0'))];
      const amount = Number(`${sign}${digits.join('')}.${cents}`);
      expect(parseAmount(`${sign}${digits.join(thousands)}${point}${cents}`)).toBe(amount);
    }),
  );
});

it('reads every number as JavaScript writes it', () => {
  fc.assert(
    fc.property(
      fc.double({ noNaN: true, noDefaultInfinity: true }),
      (number) => parseAmount(String(number)) === number || number === 0,
    ),
  );
});

it('a cell of another kind among the amounts takes no time, however many blanks are in it', () => {
  const took = cpuMs(() => expect(parseAmount(`1${' '.repeat(200_000)}x`)).toBeUndefined());
  expect(took).toBeLessThan(5_000);
});
