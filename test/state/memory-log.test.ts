import fc from 'fast-check';
import { expect, it } from 'vitest';
import { MemoryLog } from '../../src/state/memory-log.js';

it('remembers what was delivered, and nothing else, over any number of keys', () => {
  const key = fc.record({ messageId: fc.string(), mapping: fc.constantFrom('Send', 'Other') });
  fc.assert(
    fc.property(fc.array(key, { maxLength: 3_000 }), fc.array(key), (delivered, asked) => {
      const log = new MemoryLog();
      for (const one of delivered) log.add(one);
      const known = new Set(delivered.map((one) => JSON.stringify([one.mapping, one.messageId])));
      for (const one of [...delivered, ...asked]) {
        expect(log.has(one)).toBe(known.has(JSON.stringify([one.mapping, one.messageId])));
      }
    }),
    { numRuns: 30 },
  );
});
