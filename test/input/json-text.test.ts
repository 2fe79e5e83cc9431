import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasLongNumber, nestsTooDeep, parseJson } from '../../src/input/json-text.js';
import { cpuMs } from '../helpers/cpu-time.js';

it('finds sixteen digits in a row wherever a number may begin, and no fewer', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '7', '9'), minLength: 10, maxLength: 20 });
  const other = fc.string({ unit: fc.constantFrom('a', '"', '-', '.', 'é', '5', ':', ' '), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.oneof(digits, other), { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      expect(hasLongNumber(text)).toBe(/(?:^|[:,[\s-])\d{16}/.test(text));
    }),
    { numRuns: 5_000 },
  );
});

it('takes no longer for a text that is all digits than for any other', () => {
  const took = cpuMs(() => {
    expect(hasLongNumber(`{"track":"${'1'.repeat(1 << 20)}"}`)).toBe(false);
    expect(hasLongNumber(`{"track":"${'1'.repeat(1 << 20)}","id":${'1'.repeat(16)}}`)).toBe(true);
  });
  expect(took).toBeLessThan(1_000);
});

it('keeps every digit of an integer beyond 2^53, and reads everything else as JSON.parse does', () => {
  const long = fc.bigInt({ min: 10n ** 15n, max: 10n ** 30n });
  const value = fc.jsonValue().map((json) => JSON.stringify(json));
  const short = value.filter((text) => !hasLongNumber(text));
  const list = fc.array(fc.oneof(short, long.map(String)));
  fc.assert(
    fc.property(list, fc.constantFrom('', ' ', '\n\t'), (items, blank) => {
      const text = `[${items.join(`${blank},${blank}`)}]`;
      const expected = items.map((item) =>
        /^\d{16,}$/.test(item) && BigInt(item) > BigInt(Number.MAX_SAFE_INTEGER) ? item : JSON.parse(item),
      );
      expect(parseJson(text)).toEqual(expected);
    }),
    { numRuns: 2_000 },
  );
});

it('does not read what nests more than 200 deep, whatever of lists and objects it is made', () => {
  const layer = fc.constantFrom(
    ['[', ']'],
    ['{"":', '}'],
    ['{"a":1,"b":', ',"c":[]}'],
    ['[1,', ',{"[":"{"}]'],
    ['["\\"[[{",', ']'],
  );
  fc.assert(
    fc.property(fc.array(layer, { minLength: 150, maxLength: 250, size: 'max' }), (layers) => {
      const text = `${layers.map(([open]) => open).join('')}1${layers
        .map(([, close]) => close)
        .reverse()
        .join('')}`;
      // A list or object may stand beside the innermost value.
      const depth = layers.reduce(
        (most, [, close], at) => Math.max(most, at + (/[[{]/.test(close ?? '') ? 2 : 1)),
        0,
      );
      expect(nestsTooDeep(text)).toBe(depth > 200);
    }),
    { numRuns: 300 },
  );
});
