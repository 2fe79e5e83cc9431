import fc from 'fast-check';
import { expect, it } from 'vitest';
import { rtidOf } from '../../src/mapping/built-in.js';

it('finds the click id in a query as URLSearchParams does, whatever the query', () => {
  const part = fc.constantFrom(
    'rtid',
    'rclid',
    '=',
    '&',
    '?',
    '#',
    '%20',
    '%',
    '+',
    'a',
    ' ',
    'é',
    'rtid=1',
    '&rclid=2',
  );
  fc.assert(
    fc.property(fc.array(part, { maxLength: 10 }), (parts) => {
      const search = parts.join('');
      const query = new URLSearchParams((search.split('#')[0] ?? '').replace(/^[^?]*\?/, ''));
      const found = [query.get('rtid'), query.get('rclid')].find((id) => id !== null && id.trim() !== '');
      expect(rtidOf(search)).toBe(/r(?:t|cl)id=/.test(search) ? (found ?? undefined) : undefined);
    }),
    { numRuns: 10_000 },
  );
});
