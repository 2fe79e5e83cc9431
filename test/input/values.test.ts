import fc from 'fast-check';
import { expect, it } from 'vitest';
import { isBlank, isEmptyCell, parseBoolean, trimmed } from '../../src/input/values.js';
import { isHashed } from '../../src/payload/hash.js';
import { PlainValues } from '../../src/payload/plain-values.js';
import { isRounded } from '../../src/payload/values.js';

/** What these are recognised by, and what looks like it, in any order. */
const text = fc
  .array(
    fc.oneof(
      fc.constantFrom('true', 'FALSE', 'f', 'T', 'NULL', 'null', '\\N', '5', '12', '.', ',', 'E', 'e', '+'),
      fc.constantFrom('@', '%40', 'a', '.de', '2x.', 'ABCDEF0123456789'.repeat(4), 'ſ', 'Ａ', '💥', '\ud800'),
      fc.constantFrom(
        ' ',
        '\t',
        '\v',
        '\0',
        '\r\n',
        '\u00a0',
        '\u0085',
        '\u180e',
        '\u2028',
        '\ufeff',
        '\u200b',
      ),
    ),
    { maxLength: 7 },
  )
  .map((parts) => parts.join(''));

/** Whether a text is sent with a warning that there is an address in it. */
function isAddress(value: string): boolean {
  const warnings: ConstructorParameters<typeof PlainValues>[1] = [];
  new PlainValues(true, warnings).see(value, 'ip');
  return warnings.length > 0;
}

it('the quick ways to recognise a value say of every text what the plain ones say', () => {
  fc.assert(
    fc.property(text, (value) => {
      const word = value.trim();
      expect(trimmed(value)).toBe(word);
      expect(isBlank(value)).toBe(word === '');
      expect(isEmptyCell(value)).toBe(['', 'NULL', 'null', '\\N'].includes(word));
      const isBoolean = /^(?:true|false)$/i.test(word);
      expect(parseBoolean(value)).toBe(isBoolean ? word.toLowerCase() === 'true' : undefined);
      expect(isRounded(value)).toBe(/^\d(?:[.,]\d+)?e\+\d{2,3}$/i.test(value));
      expect(isHashed(value)).toBe(/^[0-9a-f]{64}$/i.test(value));
      expect(isAddress(value)).toBe(/[^\s@](?:@|%40)(?!\dx\.)[^\s@]+\.\p{L}{2}/iu.test(value));
    }),
    { numRuns: 5_000 },
  );
});
