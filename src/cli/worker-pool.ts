import { setFlagsFromString } from 'node:v8';
import { Worker } from 'node:worker_threads';
import type { PackedSlice } from '../delivery/packed-slice.js';
import { UserError } from '../errors.js';
import type { SharedIds, Slice } from '../interfaces.js';
import type { WorkSpec } from './slice-work.js';
import { optimizingFlags } from './v8-flags.js';

/** What a worker is started with. */
export interface WorkerSpec {
  readonly spec: WorkSpec;
  readonly ids: SharedIds;
}

/** What a worker is to do. */
export interface WorkerJob {
  readonly input: number;
  readonly slice: Slice;
  /** See `SliceWork`. */
  readonly spare: ArrayBuffer | undefined;
}

/** What it answers. A UserError comes as its parts, since its class does not pass from thread to thread. */
export type WorkerAnswer =
  | { readonly packed: PackedSlice }
  | { readonly failure: Pick<UserError, 'code' | 'message' | 'hint' | 'place' | 'exitCode'> };

/** Slices that a worker has in hand at once: one that it works on, and three so that it never waits for the next. */
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
  // Workers say when (see `worker.ts`).
  '--expose-gc',
  // They do not grow (see `session.ts`).
  `--min-semi-space-size=${SEMI_SPACE_MB}`,
  ...optimizingFlags(process.versions.node).large,
];

interface Job {
  readonly resolve: (packed: PackedSlice) => void;
  readonly reject: (error: unknown) => void;
}

interface Member {
  readonly worker: Worker;
  /** Oldest first, which is the order in which a worker answers. */
  readonly jobs: Job[];
  /** Set once it has ended: from then on it answers nothing. */
  ended?: { readonly error: unknown };
}

/** Worker threads that bring slices from bytes to batches. */
export class WorkerPool {
  readonly #members: readonly Member[];
  readonly #spare: ArrayBuffer[] = [];

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
    const { worker, jobs, ended } = others.reduce(
      (least, member) => (member.jobs.length < least.jobs.length ? member : least),
      first,
    );
    return new Promise((resolve, reject) => {
      if (ended !== undefined) {
        reject(ended.error);
        return;
      }
      jobs.push({ resolve, reject });
      const spare = this.#spare.pop();
      // A copy where it is no memory that the threads share: what a slice is a view of may hold much more.
      const isShared = slice.bytes.buffer instanceof SharedArrayBuffer;
      const bytes = isShared ? slice.bytes : Uint8Array.from(slice.bytes);
      const job: WorkerJob = { input, slice: { ...slice, bytes }, spare };
      worker.postMessage(job, spare === undefined ? [] : [spare]);
    });
  }

  /** Takes the memory of bodies back that nobody reads any more: a worker gets it with its next slice. */
  giveBack({ bodies: { buffer } }: PackedSlice): void {
    if (buffer instanceof ArrayBuffer && buffer.byteLength > 0) this.#spare.push(buffer);
  }

  /** Ends the threads, whatever they are at. */
  async close(): Promise<void> {
    await Promise.all(this.#members.map(({ worker }) => worker.terminate()));
  }
}

function start(spec: WorkerSpec): Member {
  const worker = new Worker(new URL('./worker.js', import.meta.url), {
    workerData: spec,
    resourceLimits: { maxYoungGenerationSizeMb: YOUNG_GENERATION_MB },
  });
  const member: Member = { worker, jobs: [] };
  const fail = (error: unknown): void => {
    member.ended ??= { error };
    for (const { reject } of member.jobs.splice(0)) reject(error);
  };
  worker.on('message', (answer: WorkerAnswer) => {
    const job = member.jobs.shift();
    if ('packed' in answer) job?.resolve(answer.packed);
    else job?.reject(new UserError(answer.failure.code, answer.failure.message, answer.failure));
  });
  worker.on('error', fail);
  worker.on('exit', (code) => fail(new Error(`A worker ended with ${code}.`)));
  return member;
}
