import fc from 'fast-check';
import { expect, it } from 'vitest';
import { OUTCOME, type PackedSlice } from '../../src/delivery/packed-slice.js';
import { RunSlice } from '../../src/delivery/run-slice.js';
import type { Problem } from '../../src/interfaces.js';
import { emptyQuality } from '../../src/payload/quality.js';

const REFUSED: Problem = { code: 'SERVER_REFUSED', message: 'Refused.' };
const how = fc.constantFrom('accepted' as const, 'pending' as const, 'duplicate' as const, REFUSED);

/** A slice of records with so many deliveries each. */
function sliceOf(counts: readonly number[], release = () => {}): RunSlice {
  const deliveries = counts.reduce((sum, count) => sum + count, 0);
  const packed: PackedSlice = {
    lines: Uint32Array.from(counts, (_, index) => index + 1),
    outcomes: Uint16Array.from(counts, (count) => OUTCOME.ready + count),
    problems: [],
    notes: new Uint32Array(),
    ids: new Uint32Array(),
    groups: new Uint32Array(deliveries),
    flags: new Uint8Array(deliveries),
    times: new Float64Array(deliveries),
    userKeys: new Uint32Array(),
    userKeyEnds: new Uint32Array(deliveries),
    quality: emptyQuality(),
    bodies: new Uint8Array(),
    bodyEnds: new Uint32Array(deliveries),
  };
  const recordAt = (index: number) => ({
    line: index + 1,
    source: { kind: 'text', text: '' } as const,
    warnings: [],
  });
  return new RunSlice({ file: 'f', packed, recordAt, release });
}

it('a slice is released once, when all its records were reported', () => {
  let released = 0;
  const slice = sliceOf([1, 1, 2], () => {
    released += 1;
  });
  slice.reported();
  slice.reported();
  expect(released).toBe(0);
  slice.reported();
  expect(released).toBe(1);
});

it('a record has its one end state when its last delivery is closed: the worst of theirs', () => {
  fc.assert(
    fc.property(fc.array(fc.array(how, { minLength: 1, maxLength: 4 }), { minLength: 1 }), (ends) => {
      const slice = sliceOf(ends.map(({ length }) => length));
      for (const [record, closed] of ends.entries()) {
        const ends = closed.map((each) => slice.close(record, each));
        const state = closed.includes(REFUSED)
          ? 'rejected'
          : (['pending', 'accepted', 'duplicate'] as const).find((each) => closed.includes(each));
        expect(ends).toEqual([...closed.slice(1).map(() => undefined), state]);
      }
      const records = ends.flatMap(({ length }, record) => Array.from({ length }, () => record));
      expect([...slice.recordOf]).toEqual(records);
    }),
  );
});
