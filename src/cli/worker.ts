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

/** Not many more than this fill the young generation: of a record with its body come some 10 KB. */
const RECORDS_A_COLLECTION = 200;
let records = 0;

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
  // Before it is handed over, and gone from here.
  if ('packed' in answered) records += answered.packed.lines.length;
  parentPort?.postMessage(answered, 'packed' in answered ? buffersOf(answered.packed) : []);
  if (records < RECORDS_A_COLLECTION) return;
  // Between slices hardly anything is in use. Left alone, V8 collects in the middle of one, and copies all that it holds.
  globalThis.gc?.({ type: 'minor' });
  records = 0;
});
