import fc from 'fast-check';
import { expect, it } from 'vitest';
import { HeldBytes } from '../../src/input/held-bytes.js';
import { SliceMemory } from '../../src/input/slice-memory.js';

const step = fc.oneof(
  fc.record({ kind: fc.constant('add' as const), bytes: fc.uint8Array({ maxLength: 40 }) }),
  fc.record({
    kind: fc.constantFrom('take' as const, 'drop' as const),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
    givenBack: fc.boolean(),
  }),
);

it('gives back what came, in order, and what was taken stays as it is until it is given back', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
      const memory = new SliceMemory(32);
      const held = new HeldBytes(memory);
      let expected: number[] = [];
      const kept: { readonly taken: Buffer; readonly was: readonly number[] }[] = [];
      for (const each of steps) {
        if (each.kind === 'add') {
          held.add(Buffer.from(each.bytes));
          expected.push(...each.bytes);
        } else {
          const length = Math.floor(each.share * expected.length);
          const was = expected.slice(0, length);
          expected = expected.slice(length);
          if (each.kind === 'drop') held.drop(length);
          else {
            const taken = held.take(length);
            expect([...taken]).toEqual(was);
            if (each.givenBack) memory.giveBack(taken);
            else kept.push({ taken, was });
          }
        }
        expect([...held.bytes]).toEqual(expected);
        for (const { taken, was } of kept) expect([...taken]).toEqual(was);
      }
    }),
    { numRuns: 2_000 },
  );
});

it('sets no more memory aside for a small file than it needs: thousands of them are on their way at once', () => {
  const held = new HeldBytes(new SliceMemory(1 << 17));
  held.add(Buffer.alloc(80));
  expect(held.take(80).buffer.byteLength).toBeLessThan(1_000);
});
