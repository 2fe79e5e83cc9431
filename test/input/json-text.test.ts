import fc from 'fast-check';
import { expect, it } from 'vitest';
import { hasLongNumber } from '../../src/input/json-text.js';

it('finds sixteen digits in a row wherever they stand, and no fewer', () => {
  const digits = fc.string({ unit: fc.constantFrom('0', '7', '9'), minLength: 10, maxLength: 20 });
  const other = fc.string({ unit: fc.constantFrom('a', '"', '-', '.', 'é', '5'), maxLength: 20 });
  fc.assert(
    fc.property(fc.array(fc.oneof(digits, other), { maxLength: 8 }), (parts) => {
      const text = parts.join('');
      expect(hasLongNumber(text)).toBe(/\d{16}/.test(text));
    }),
    { numRuns: 5_000 },
  );
});
