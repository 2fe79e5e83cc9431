import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { PackedSlice } from '../delivery/packed-slice.js';
import type { SharedIds, Slice } from '../interfaces.js';
import type { WorkSpec } from './slice-work.js';

/** What a worker is started with. */
export interface WorkerSpec {
  readonly spec: WorkSpec;
  readonly ids: SharedIds;
}

/** Slices that a worker has in hand at once: one that it works on, and one so that it does not wait for the next. */
const IN_HAND = 4;
/** A small one is collected often and quickly, and a batch is not long-lived: memory stays flat. */
const YOUNG_GENERATION_MB = 16;

/** Half of the young generation of a worker. */
const SEMI_SPACE_MB = 4;
/** How V8 collects and optimizes from here on, in every thread. */
const V8_FLAGS = [
  // Every core is busy: helpers would wait for a core, and the thread that is collected for them.
  '--no-parallel-scavenge',
  // What lives as long as a slice now and then is taken for long-lived: then all that it holds on to lives long too.
  '--no-allocation-site-pretenuring',
  // They do not grow (see `main.ts`).
  `--min-semi-space-size=${SEMI_SPACE_MB}`,
  // V8's own: in a large run, to optimize early pays (see `main.ts`).
  '--interrupt-budget=67584',
];

interface Job {
  readonly resolve: (packed: PackedSlice) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly worker: Worker;
  /** Oldest first, which is the order in which a worker answers. */
  readonly jobs: Job[];
}

/** Worker threads that bring slices from bytes to batches. */
export class WorkerPool {
  readonly #members: readonly Member[];

  /** Starts `count` threads. */
  constructor(count: number, spec: WorkerSpec) {
    for (const flag of V8_FLAGS) setFlagsFromString(flag);
    this.#members = Array.from({ length: count }, () => start(spec));
  }

  /** How many slices may be given to it before the oldest has to be taken back. */
  get capacity(): number {
    return this.#members.length * IN_HAND;
  }

  /** Gives a slice to the worker that has least to do. The slice stays as it is. */
  run(input: number, slice: Slice): Promise<PackedSlice> {
    const [first, ...others] = this.#members;
    if (first === undefined) throw new Error('There is no worker.');
    const { worker, jobs } = others.reduce(
      (least, member) => (member.jobs.length < least.jobs.length ? member : least),
      first,
    );
    return new Promise((resolve, reject) => {
      jobs.push({ resolve, reject });
      // A copy: what a slice is a view of may hold much more.
      const bytes = Uint8Array.prototype.slice.call(slice.bytes);
      worker.postMessage({ input, slice: { ...slice, bytes } }, [bytes.buffer]);
    });
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function start(spec: WorkerSpec): Member {
  const jobs: Job[] = [];
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: spec,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const fail = (error: unknown): void => {
    for (const { reject } of jobs.splice(0)) reject(error);
  };
  worker.on('message', (packed: PackedSlice) => jobs.shift()?.resolve(packed));
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`A worker ended with ${code}.`)));
  return { worker, jobs };
}
