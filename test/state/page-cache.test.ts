import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PageCache } from '../../src/state/page-cache.js';

/** What a page holds that was read: recognised by its first two words. */
const load =
  (owner: number) =>
  (page: number, words: Uint32Array): void => {
    words.fill(0);
    words.set([owner, page]);
  };

it('gives the page that was asked for, whoever asked for others in between', () => {
  const request = fc.record({
    owner: fc.nat(3),
    page: fc.oneof(fc.nat(4), fc.nat(2_000)),
    fails: fc.boolean(),
  });
  fc.assert(
    fc.property(fc.array(request, { maxLength: 300 }), (requests) => {
      const cache = new PageCache();
      const owners = Array.from({ length: 4 }, () => cache.register());
      for (const { owner: index, page, fails } of requests) {
        const owner = owners[index] ?? 0;
        const failing = (number: number, words: Uint32Array): void => {
          load(99)(number, words);
          if (fails) throw new Error('unreadable');
          load(owner)(number, words);
        };
        try {
          const at = cache.find(owner, page, failing);
          expect([...cache.words.subarray(at, at + 2)]).toEqual([owner, page]);
        } catch (error) {
          expect(error).toEqual(new Error('unreadable'));
        }
      }
    }),
  );
});

it('reads a page once, as long as no other takes its place', () => {
  const cache = new PageCache();
  const owner = cache.register();
  let reads = 0;
  const count = (page: number, words: Uint32Array): void => {
    reads += 1;
    load(owner)(page, words);
  };
  for (let round = 0; round < 3; round += 1)
    for (let page = 0; page < 512; page += 1) cache.find(owner, page, count);
  expect(reads).toBe(512);
});
