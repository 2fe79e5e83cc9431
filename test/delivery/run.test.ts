import { expect, it } from 'vitest';
import { type OutgoingBatch, unitsOf } from '../../src/delivery/batching.js';
import type { UnitOutcome } from '../../src/delivery/outcome.js';
import type { PreparedSlice } from '../../src/delivery/prepared-slice.js';
import { DeliveryRun } from '../../src/delivery/run.js';
import { emptyCounts } from '../../src/delivery/sender.js';
import type { RunUnit } from '../../src/delivery/unit.js';
import { createThrowawayIndex } from '../../src/state/delivered-index.js';
import { ThrowawayLog } from '../../src/state/delivery-log.js';
import { conversion, packRecords, readyRecord } from '../helpers/units.js';

it.each<[string, UnitOutcome, number]>([
  ['accepted', { kind: 'accepted' }, 1],
  ['refused', { kind: 'rejected', status: 400, message: '' }, 20_000],
])(
  'of records that have one id no more than some thousands are read while one is in flight: %s',
  async (_, outcome, sent) => {
    const records = Array.from({ length: 1_000 }, () => readyRecord('same', [conversion('same')]));
    let [read, settled, mostOpen, tried] = [0, 0, 0, 0];
    const run = new DeliveryRun({
      log: new ThrowawayLog(['test'], createThrowawayIndex()),
      resend: false,
      resendChanged: false,
      rejectLimit: undefined,
      onRecord: () => {
        settled += 1;
      },
    });
    const inFlight: RunUnit[] = [];
    const sender = {
      counts: emptyCounts(),
      waitingFor: undefined,
      stopReason: undefined,
      stop: () => undefined,
      submit: async (batches: readonly OutgoingBatch[]) => {
        inFlight.push(...unitsOf(batches));
      },
      // As slow as can be: nothing is settled before somebody waits for it.
      flush: async () => {
        for (const unit of inFlight.splice(0)) {
          tried += 1;
          run.settle([unit], outcome);
        }
      },
    };
    async function* slices(): AsyncGenerator<PreparedSlice> {
      for (let slice = 0; slice < 20; slice += 1) {
        read += records.length;
        mostOpen = Math.max(mostOpen, read - settled);
        yield {
          file: 'f',
          packed: packRecords(records),
          recordAt: () => ({ line: 1, source: { kind: 'text', text: '' }, warnings: [] }),
        };
      }
    }
    await run.run(slices(), sender);
    expect([settled, tried]).toEqual([20_000, sent]);
    expect(mostOpen).toBeLessThan(14_000);
  },
);
