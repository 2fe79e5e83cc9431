import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Spool } from '../src/spool.js';
import { cpuMs } from './helpers/cpu-time.js';

it('gives the lines back that were added, however long they are, as often as it is asked, and each by where it begins', () => {
  const short = fc.string({ unit: fc.constantFrom('a', 'é', '🙂', '\r', ' '), maxLength: 20 });
  const long = fc.nat({ max: 200_000 }).map((length) => 'é'.repeat(length));
  fc.assert(
    fc.property(fc.array(fc.oneof(short, long), { maxLength: 12 }), (lines) => {
      const spool = new Spool();
      for (const line of lines) spool.add(line);
      expect([...spool.lines()]).toEqual(lines);
      spool.add('last');
      expect([...spool.lines()]).toEqual([...lines, 'last']);
      let start = Buffer.byteLength(lines.map((line) => `${line}\n`).join(''));
      expect(spool.at(start)).toBe('last');
      for (const line of [...lines].reverse()) {
        start -= Buffer.byteLength(line) + 1;
        expect(spool.at(start)).toBe(line);
      }
      spool.close();
    }),
    { numRuns: 50 },
  );
});

it('reads one line of 48 MB, as a record of 8 MB of controls is in JSON, about as quickly as it was written', () => {
  const line = '\\u0000'.repeat(8 << 20);
  const spool = new Spool();
  spool.add(line);
  let lengths: number[] = [];
  const took = cpuMs(() => {
    lengths = [...spool.lines()].map(({ length }) => length);
  });
  expect(lengths).toEqual([line.length]);
  expect(took).toBeLessThan(2_000);
  spool.close();
});
