import { expect, it } from 'vitest';
import { createSliceWork, type WorkSpec } from '../../src/cli/slice-work.js';
import { createThrowawayIndex } from '../../src/state/delivered-index.js';
import { ThrowawayLog } from '../../src/state/delivery-log.js';
import { PAYLOAD_OPTIONS } from '../helpers/payload-options.js';

const DAY_MS = 86_400_000;

/** The codes of an event of just now, in a run that began so long ago. */
function codesAfter(ms: number): string[] {
  const nowMs = PAYLOAD_OPTIONS.nowMs + ms;
  const spec: WorkSpec = {
    heads: [{ format: 'ndjson' }],
    input: { columns: new Map() },
    mappings: [{ name: 'Send', preset: 'send' }],
    payload: PAYLOAD_OPTIONS,
    pack: { separate: false, bodies: true },
  };
  const work = createSliceWork(spec, new ThrowawayLog(['test'], createThrowawayIndex()), () => nowMs);
  const event = {
    type: 'track',
    event: 'Order Completed',
    messageId: 'm',
    userId: 'u',
    timestamp: new Date(nowMs).toISOString(),
    properties: { order_id: '1' },
  };
  return work(0, { bytes: Buffer.from(JSON.stringify(event)), line: 1 }).problems.map(({ code }) => code);
}

it('an event of today is in no future for a run that began days ago, of a pipe that stays open', () => {
  expect(codesAfter(0)).toEqual([]);
  expect(codesAfter(10 * DAY_MS)).toEqual([]);
  // A clock that was set back.
  expect(codesAfter(-10 * DAY_MS)).toEqual([]);
});
