import type { PackedSlice } from './packed-slice.js';
import type { RunRecord } from './run-record.js';

/** Stands between slices where nothing more comes for a while: what came before is not to wait for it. */
export const PAUSE = 'pause';

/** A slice of a file after the payload station. */
export interface PreparedSlice {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly packed: PackedSlice;
  /** The record with this index. */
  readonly recordAt: (index: number) => RunRecord;
  /** Called once every record of it was reported: from then on nobody reads its bytes or its bodies. */
  readonly release?: () => void;
}
