import type { Config } from '../config/config.js';
import { type PackedSlice, Packer, type PackOptions } from '../delivery/packed-slice.js';
import { createSliceReader, type FileHead } from '../input/reader.js';
import type { DeliveryIds, InputOptions, Slice } from '../interfaces.js';
import { compileMappings } from '../mapping/compile.js';
import type { PayloadOptions } from '../payload/options.js';
import { createPreparer } from '../payload/prepare.js';

/** A pipe may stay open for days: what happens meanwhile is in no future. A run of less than this has one time for all. */
const HOUR_MS = 3_600_000;

/** All that is needed to bring slices from bytes to batches, here or in a worker: plain data. */
export interface WorkSpec {
  /** Of each input file. */
  readonly heads: readonly FileHead[];
  readonly input: InputOptions;
  readonly mappings: Config['mappings'];
  readonly payload: PayloadOptions;
  readonly pack: PackOptions;
}

/**
 * Brings a slice from bytes to batches: pure but for the time, so that it does not matter where or in what order it is
 * done. Throws what reading the slice throws.
 *
 * @param spare the memory of bodies that nobody reads any more, to be used again.
 */
export type SliceWork = (input: number, slice: Slice, spare?: ArrayBuffer) => PackedSlice;

/**
 * Makes the {@link SliceWork} of a run.
 *
 * @param ids gives the deliveries' ids.
 * @param now gives the time, in Unix ms.
 * @throws what compiling the mappings throws.
 */
export function createSliceWork(spec: WorkSpec, ids: DeliveryIds, now: () => number): SliceWork {
  const readers = spec.heads.map((head) => createSliceReader(head, spec.input));
  const beganMs = spec.payload.nowMs;
  let nowMs = beganMs;
  const payload: PayloadOptions = {
    ...spec.payload,
    get nowMs() {
      return nowMs;
    },
  };
  const prepare = createPreparer(compileMappings(spec.mappings), payload, ids);
  const packer = new Packer(spec.pack);
  return (input, slice, spare) => {
    if (spare !== undefined) packer.lend(spare);
    nowMs = beganMs + Math.max(0, Math.floor((now() - beganMs) / HOUR_MS)) * HOUR_MS;
    for (const record of readers[input]?.(slice) ?? []) packer.add(prepare(record));
    return packer.take();
  };
}
