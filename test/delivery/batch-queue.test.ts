import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BatchQueue } from '../../src/delivery/batch-queue.js';
import { OutgoingBatch } from '../../src/delivery/batching.js';
import { HISTORICAL, OUTCOME } from '../../src/delivery/packed-slice.js';
import { RunSlice } from '../../src/delivery/run-slice.js';
import { RunUnit } from '../../src/delivery/unit.js';
import { emptyQuality } from '../../src/payload/quality.js';
import type { Route } from '../../src/payload/route.js';

/** A unit with nothing in it but what a queue looks at: the second of the three deliveries of a slice. */
function unitOf(of: {
  readonly keys: readonly number[];
  readonly route: Route;
  readonly events: number;
  readonly bytes: number;
}): RunUnit {
  const packed = {
    lines: Uint32Array.of(1),
    outcomes: Uint16Array.of(OUTCOME.ready + 3),
    problems: [],
    notes: new Uint32Array(),
    ids: new Uint32Array(),
    groups: Uint32Array.of(0, 1, 2),
    flags: Uint8Array.of(1, of.events | (of.route === 'historical' ? HISTORICAL : 0), 1),
    times: new Float64Array(3),
    userKeys: Uint32Array.of(99, ...of.keys, 99),
    userKeyEnds: Uint32Array.of(1, 1 + of.keys.length, 2 + of.keys.length),
    quality: emptyQuality(),
    bodies: new Uint8Array(),
    bodyEnds: Uint32Array.of(6, 7 + of.bytes, 14 + of.bytes),
  };
  const slice = new RunSlice({
    file: 'f',
    packed,
    recordAt: (line) => ({ line, source: { kind: 'text', text: '' }, warnings: [] }),
  });
  return new RunUnit(slice, 1);
}

const unit = fc
  .record({
    keys: fc.uniqueArray(fc.integer({ min: 1, max: 6 }), { minLength: 1, maxLength: 3 }),
    route: fc.constantFrom('live' as const, 'historical' as const),
    events: fc.constantFrom(0, 1, 1, 1, 40, 100),
    bytes: fc.constantFrom(1, 100, 60_000, 130_000, 131_068, 131_069, 131_070, 131_072),
  })
  .map(unitOf);
const keysOf = ({ first }: OutgoingBatch) => first.userKeys.slice(first.userKeysFrom, first.userKeysEnd);

it('fills requests up to their limits, and no batch overtakes another one of its user, in whatever of their keys they are one', () => {
  const step = fc.oneof(
    fc.record({ take: fc.integer({ min: 1, max: 100 }) }),
    fc.record({ release: fc.nat() }),
  );
  fc.assert(
    fc.property(fc.array(unit, { maxLength: 30 }), fc.array(step, { maxLength: 40 }), (units, steps) => {
      const batches = units.map((each) => new OutgoingBatch(each));
      const shareKey = (a: OutgoingBatch, b: OutgoingBatch) => {
        return keysOf(a).some((key) => keysOf(b).includes(key));
      };
      const queue = new BatchQueue();
      queue.push(batches.slice(0, 10));
      queue.push(batches.slice(10));
      let waiting = batches;
      const inFlight: OutgoingBatch[][] = [];
      const take = (size: number): void => {
        const taken = queue.take(size);
        waiting = waiting.filter((batch) => !taken.includes(batch));
        expect(queue.length).toBe(waiting.length);
        expect(taken.length).toBeLessThanOrEqual(size);
        expect(new Set(taken.map(({ route }) => route)).size).toBeLessThanOrEqual(1);
        expect(taken.reduce((sum, { events }) => sum + events, 0)).toBeLessThanOrEqual(100);
        const commas = Math.max(0, taken.length - 1);
        expect(taken.reduce((sum, { bodyLength }) => sum + bodyLength, 2 + commas)).toBeLessThan(262_144);
        expect(taken).toEqual(batches.filter((batch) => taken.includes(batch)));
        for (const batch of taken) {
          expect(
            inFlight.flat().some((other) => shareKey(other, batch)),
            'in flight',
          ).toBe(false);
          const before = waiting.filter((other) => batches.indexOf(other) < batches.indexOf(batch));
          expect(
            before.some((other) => shareKey(other, batch)),
            'overtaken',
          ).toBe(false);
        }
        if (inFlight.length === 0 && batches.length > 0 && taken.length === 0) expect(waiting).toEqual([]);
        inFlight.push(taken);
      };
      const release = (which: number): void => {
        const [done] = inFlight.splice(which % Math.max(1, inFlight.length), 1);
        if (done !== undefined) queue.release(done);
      };
      for (const each of steps) {
        if ('take' in each) take(each.take);
        else release(each.release);
      }
      while (inFlight.length > 0) release(0);
      while (waiting.length > 0) {
        take(100);
        release(0);
      }
      expect(queue.takeAll()).toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it('takes as many as fit: 100 events, and one byte less than 256 KB', () => {
  const of = (bytes: number, events: number, key: number) =>
    new OutgoingBatch(unitOf({ keys: [key], route: 'live', events, bytes }));
  const takenOf = (...batches: OutgoingBatch[]) => {
    const queue = new BatchQueue();
    queue.push(batches);
    return queue.take(100).length;
  };
  expect(takenOf(of(10, 40, 1), of(10, 60, 2))).toBe(2);
  expect(takenOf(of(10, 40, 1), of(10, 61, 2))).toBe(1);
  expect(takenOf(of(131_070, 1, 1), of(131_070, 1, 2))).toBe(2);
  expect(takenOf(of(131_070, 1, 1), of(131_071, 1, 2))).toBe(1);
  expect(takenOf(...Array.from({ length: 101 }, (_, n) => of(10, 0, n)))).toBe(100);
});
