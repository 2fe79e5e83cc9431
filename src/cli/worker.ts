import { setFlagsFromString } from 'node:v8';
import { parentPort, workerData } from 'node:worker_threads';
import { buffersOf } from '../delivery/packed-slice.js';
import { UserError } from '../errors.js';
import { openSharedIds } from '../state/shared-ids.js';
import { createSliceWork, type SliceWork } from './slice-work.js';
import type { WorkerAnswer, WorkerJob, WorkerSpec } from './worker-pool.js';

/** The worker thread: takes slices in, gives packed slices back in the same order. */
// Each thread that starts sets this back for all of them (see `session.ts`).
setFlagsFromString('--semi-space-growth-factor=1');

const { spec, ids }: WorkerSpec = workerData;
let work: SliceWork | undefined;

/** About as many slices as fill the young generation. */
const SLICES_A_COLLECTION = 2;
let slices = 0;

function answer({ input, slice, spare }: WorkerJob): WorkerAnswer {
  try {
    work ??= createSliceWork(spec, openSharedIds(ids), Date.now);
    return { packed: work(input, slice, spare) };
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    const { code, message, hint, place, exitCode } = error;
    return { failure: { code, message, hint, place, exitCode } };
  }
}

parentPort?.on('message', (job: WorkerJob) => {
  const answered = answer(job);
  parentPort?.postMessage(answered, 'packed' in answered ? buffersOf(answered.packed) : []);
  slices += 1;
  // Between slices hardly anything is in use. Left alone, V8 collects in the middle of one, and copies all that it holds.
  if (slices % SLICES_A_COLLECTION === 0) globalThis.gc?.({ type: 'minor' });
});
