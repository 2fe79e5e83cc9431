import type { PreparedRecord } from '../payload/prepare.js';
import type { Packer } from './packed-slice.js';
import type { PreparedSlice } from './prepared-slice.js';
import type { RunRecord } from './run-record.js';

const NO_RECORD: RunRecord = { line: 0, source: { kind: 'text', text: '' }, warnings: [] };
/** Records that go to a run together. */
const SLICE = 256;

/** A prepared record, and the file that it is of. */
export interface FileRecord {
  /** Path as the user gave it, or `-`. */
  readonly file: string;
  readonly record: PreparedRecord;
}

/**
 * Packs records that come one by one into slices, each with records of one file.
 *
 * @param onTaken called with each before its slice is given.
 */
export async function* packRecords<Taken extends FileRecord>(
  records: AsyncIterable<Taken>,
  packer: Packer,
  onTaken: (taken: Taken) => void,
): AsyncGenerator<PreparedSlice> {
  let file = '';
  let gathered: PreparedRecord[] = [];
  for await (const next of records) {
    if (gathered.length >= SLICE || (next.file !== file && gathered.length > 0)) {
      yield toSlice(file, gathered, packer);
      gathered = [];
    }
    file = next.file;
    onTaken(next);
    gathered.push(next.record);
  }
  if (gathered.length > 0) yield toSlice(file, gathered, packer);
}

function toSlice(file: string, records: readonly PreparedRecord[], packer: Packer): PreparedSlice {
  for (const record of records) packer.add(record);
  const packed = packer.take();
  const { buffer } = packed.bodies;
  const release = (): void => {
    if (buffer instanceof ArrayBuffer) packer.lend(buffer);
  };
  return { file, packed, recordAt: (index) => records[index] ?? NO_RECORD, release };
}
