import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PersonIndex } from '../../src/audience/person-index.js';

const STRONGEST_FIRST = ['c', 'e', 'd', 'r', 'i'];
const identifier = (kind: string, n: number): string =>
  `${kind}:${createHash('sha256').update(`${kind}${n}`).digest('hex').slice(0, 16)}`;
/** What a record says of a person, the strongest first. */
const said = fc
  .record({ c: fc.nat(4), e: fc.nat(4), d: fc.nat(4), r: fc.nat(4) }, { requiredKeys: [] })
  .map((numbers) => Object.entries(numbers).map(([kind, n]) => identifier(kind, n)))
  .filter((identifiers) => identifiers.length > 0);

it('two records are one person by the strongest kind of identifier that both have', () => {
  fc.assert(
    fc.property(fc.array(said, { maxLength: 30 }), said, (people, asked) => {
      const index = new PersonIndex(0);
      /** What each person is known by, and whose each identifier is. */
      const known: Set<string>[] = [];
      const owners = new Map<string, number>();
      const find = (identifiers: readonly string[]): number | undefined => {
        for (const each of identifiers) {
          const owner = owners.get(each);
          if (owner === undefined) continue;
          const kinds = new Set([...(known[owner] ?? [])].map((one) => one[0]));
          const stronger = STRONGEST_FIRST.slice(0, STRONGEST_FIRST.indexOf(each[0] ?? ''));
          if (!identifiers.some((one) => stronger.includes(one[0] ?? '') && kinds.has(one[0]))) return owner;
        }
        return undefined;
      };
      for (const identifiers of people) {
        const person = find(identifiers);
        expect(index.find(identifiers)).toBe(person);
        const number = person ?? index.add(identifiers);
        if (person === undefined) known.push(new Set());
        else index.extend(person, identifiers);
        for (const each of identifiers) {
          known[number]?.add(each);
          if (!owners.has(each)) owners.set(each, number);
        }
      }
      expect(index.size).toBe(known.length);
      expect(index.find(asked)).toBe(find(asked));
    }),
    { numRuns: 500 },
  );
});

it('finds each of far more people than were expected, by each identifier of theirs, and nobody else', () => {
  const index = new PersonIndex(0);
  const count = 20_000;
  for (let n = 0; n < count; n += 1) expect(index.add([identifier('c', n), identifier('e', n)])).toBe(n);
  for (let n = 0; n < count; n += 1) {
    expect(index.find([identifier('c', n)])).toBe(n);
    expect(index.find([identifier('e', n)])).toBe(n);
    expect(index.find([identifier('c', n + 1), identifier('e', n)])).toBe(n + 1 < count ? n + 1 : undefined);
  }
  expect(index.size).toBe(count);
  expect(index.find([identifier('c', count)])).toBeUndefined();
});
