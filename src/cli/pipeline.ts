import type { PackedSlice } from '../delivery/packed-slice.js';
import { PAUSE, type PreparedSlice } from '../delivery/prepared-slice.js';
import { recordsOf } from '../delivery/slice-records.js';
import { countByte } from '../input/cut.js';
import type { OpenedInput } from '../input/open.js';
import type { FileHead } from '../input/reader.js';
import type { Slice } from '../interfaces.js';
import type { SliceWork } from './slice-work.js';
import type { WorkerPool, WorkerSpec } from './worker-pool.js';

/** With fewer records, starting a worker takes longer than it saves. */
const WORTH_WORKERS = 20_000;
const LF = 0x0a;

/** How to bring slices from bytes to batches. */
export interface PipelineOptions {
  /** Threads to use where there are enough records; 0: none. */
  readonly workers: number;
  /** What a worker is started with; undefined where none can be. */
  readonly spec: WorkerSpec | undefined;
  /** Does the work in this thread. */
  readonly work: SliceWork;
}

interface Job {
  readonly input: number;
  readonly slice: Slice;
  readonly packed: PackedSlice | Promise<PackedSlice>;
}

/**
 * The slices of all inputs, in their order, brought from bytes to batches: in this thread as long as there may be few
 * records, else in workers. No more is read ahead than the workers have in hand.
 *
 * @throws what reading the inputs and their slices throws; what was read before is given first.
 */
export async function* prepareSlices(
  inputs: readonly OpenedInput[],
  { workers, spec, work }: PipelineOptions,
): AsyncGenerator<PreparedSlice | typeof PAUSE> {
  let pool: WorkerPool | undefined;
  let failure: { readonly error: unknown } | undefined;
  let known = 0;
  const ahead: Job[] = [];
  const finish = async ({ input, slice, packed }: Job): Promise<PreparedSlice> => {
    try {
      return toPrepared(inputs[input], slice, await packed, pool);
    } catch (error) {
      // What comes after a slice that cannot be read is not to be sent before it.
      ahead.length = 0;
      throw error;
    }
  };
  try {
    try {
      for (const [input, { slices, head, bytes = 0 }] of inputs.entries()) {
        let bytesRead = 0;
        let recordsRead = 0;
        for await (const slice of slices) {
          if (slice.pause === true) {
            for (const job of ahead.splice(0)) yield await finish(job);
            yield PAUSE;
            continue;
          }
          if (pool === undefined && workers > 0 && spec !== undefined) {
            const perByte =
              bytesRead > 0 ? recordsRead / bytesRead : linesIn(head, slice) / slice.bytes.length;
            if (known + Math.max(0, bytes - bytesRead) * perByte >= WORTH_WORKERS) {
              // Loaded only here: a small run needs none of it.
              const loaded = await import('./worker-pool.js');
              pool = new loaded.WorkerPool(workers, spec);
            }
          }
          if (pool === undefined) {
            const packed = work(input, slice);
            known += packed.lines.length;
            recordsRead += packed.lines.length;
            bytesRead += slice.bytes.length;
            yield await finish({ input, slice, packed });
            continue;
          }
          const packed = pool.run(input, slice);
          // Its failure is met where it is awaited; until then it is no unhandled one.
          packed.catch(() => undefined);
          ahead.push({ input, slice, packed });
          const oldest = ahead.length < pool.capacity ? undefined : ahead.shift();
          if (oldest !== undefined) yield await finish(oldest);
        }
      }
    } catch (error) {
      failure = { error };
    }
    // Also where reading has failed: what was read has to be in the books.
    for (const job of ahead.splice(0)) yield await finish(job);
    if (failure !== undefined) throw failure.error;
  } finally {
    await pool?.close();
  }
}

/** About how many records a slice has, as far as that shows without reading them: then workers start meanwhile. */
function linesIn({ format }: FileHead, { bytes }: Slice): number {
  return format === 'json' ? 0 : countByte(bytes, LF);
}

function toPrepared(
  input: OpenedInput | undefined,
  slice: Slice,
  packed: PackedSlice,
  pool: WorkerPool | undefined,
): PreparedSlice {
  return {
    file: input?.file ?? '',
    packed,
    recordAt: recordsOf(packed, () => [...(input?.read(slice) ?? [])]),
    release: () => {
      input?.giveBack?.(slice);
      pool?.giveBack(packed);
    },
  };
}
