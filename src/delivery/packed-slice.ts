import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryId, Problem } from '../interfaces.js';
import type { Delivery, PreparedRecord } from '../payload/prepare.js';
import { bodyRoom, writeBody } from '../payload/source-request-id.js';
import { groupDeliveries, userKeysOf } from './grouping.js';

/** What is to be done with a record, as a number; of one that is ready, its deliveries are added to that. */
export const OUTCOME = { skipped: 0, delivered: 1, rejected: 2, ready: 3 } as const;

/**
 * A slice after the payload station, ready to be sent: a few typed arrays instead of objects, so that it goes from a
 * worker to the main thread without being copied.
 */
export interface PackedSlice {
  /** Of each record, the 1-based line on which it starts. */
  readonly lines: Uint32Array;
  /** Of each record, see {@link OUTCOME}. */
  readonly outcomes: Uint16Array;
  /** Every problem of the slice, once. */
  readonly problems: readonly Problem[];
  /** Rejections and warnings: the record's index, then the problem's. */
  readonly notes: Uint32Array;
  /** The deliveries' ids, one after the other. */
  readonly ids: Uint32Array;
  /** Of each delivery, the index of the first one in its batch. */
  readonly groups: Uint32Array;
  /** Of each delivery, how many event data items it has; {@link HISTORICAL} where it goes to that path. */
  readonly flags: Uint8Array;
  /** Of each delivery, when it happened, in Unix ms. */
  readonly times: Float64Array;
  /** See `grouping.ts`; of all deliveries, one after the other. */
  readonly userKeys: Uint32Array;
  /** Of each delivery, where its user keys end. */
  readonly userKeyEnds: Uint32Array;
  /** The deliveries' batches, each as it is sent alone; empty where nothing will be sent. */
  readonly bodies: Uint8Array;
  /** Of each delivery, where its body ends. */
  readonly bodyEnds: Uint32Array;
}

/** Set in a delivery's flags where it goes to `/bulkevents/historical`. */
export const HISTORICAL = 0x80;

/** How to pack. */
export interface PackOptions {
  /** Whether each delivery is a batch of its own; else those of one user share batches. */
  readonly separate: boolean;
  /** Whether the batches will be sent, written or compared; else they are not even encoded. */
  readonly bodies: boolean;
}

const NO_RECORD: Pick<PreparedRecord, 'line' | 'outcome' | 'warnings'> = {
  line: 0,
  outcome: { kind: 'skipped' },
  warnings: [],
};

/** Makes a function that packs the records of a slice. */
export function createPacker(options: PackOptions): (records: readonly PreparedRecord[]) => PackedSlice {
  const writer = new BodyWriter();
  return (records) => packRecords(records, options, writer);
}

function packRecords(
  records: readonly PreparedRecord[],
  options: PackOptions,
  writer: BodyWriter,
): PackedSlice {
  const deliveries: Delivery[] = [];
  const problems = new ProblemTable();
  for (let index = 0; index < records.length; index += 1) {
    const { outcome, warnings } = records[index] ?? NO_RECORD;
    for (const warning of warnings) problems.note(index, warning);
    if (outcome.kind === 'ready') deliveries.push(...outcome.deliveries);
    else if (outcome.kind === 'rejected') problems.note(index, outcome.problem);
  }
  const keys = deliveries.map(({ batch }) => userKeysOf(batch));
  const slice = allocate({
    records: records.length,
    deliveries: deliveries.length,
    notes: problems.notes.length,
    keys: keys.reduce((sum, own) => sum + own.length, 0),
  });
  for (let index = 0; index < records.length; index += 1) {
    const { line, outcome } = records[index] ?? NO_RECORD;
    slice.lines[index] = line;
    slice.outcomes[index] =
      outcome.kind === 'ready' ? OUTCOME.ready + outcome.deliveries.length : OUTCOME[outcome.kind];
  }
  slice.notes.set(problems.notes);
  slice.groups.set(options.separate ? [...deliveries.keys()] : groupDeliveries(deliveries, keys));
  let keyEnd = 0;
  for (const [index, own] of keys.entries()) {
    slice.userKeys.set(own, keyEnd);
    keyEnd += own.length;
    slice.userKeyEnds[index] = keyEnd;
  }
  for (const [index, { id, batch, json, route, timestampMs }] of deliveries.entries()) {
    const at = index * DELIVERY_ID_WORDS;
    slice.ids.set(id, at);
    slice.flags[index] = (batch.events?.length ?? 0) | (route === 'historical' ? HISTORICAL : 0);
    slice.times[index] = timestampMs;
    if (!options.bodies) continue;
    slice.bodyEnds[index] = writer.add(json, slice.ids.subarray(at, at + DELIVERY_ID_WORDS));
  }
  return { ...slice, problems: problems.problems, bodies: writer.take() };
}

/** Sets aside one piece of memory for all but the bodies: each piece costs when it goes to another thread. */
function allocate(counts: {
  readonly records: number;
  readonly deliveries: number;
  readonly notes: number;
  readonly keys: number;
}): Omit<PackedSlice, 'problems' | 'bodies'> {
  const { records, deliveries, notes, keys } = counts;
  const words = records + notes + keys + deliveries * (DELIVERY_ID_WORDS + 3);
  const buffer = new ArrayBuffer(deliveries * 8 + words * 4 + records * 2 + deliveries);
  let at = 0;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const wordsOf = (count: number): Uint32Array => new Uint32Array(buffer, take(count * 4), count);
  return {
    times: new Float64Array(buffer, take(deliveries * 8), deliveries),
    lines: wordsOf(records),
    notes: wordsOf(notes),
    ids: wordsOf(deliveries * DELIVERY_ID_WORDS),
    groups: wordsOf(deliveries),
    userKeyEnds: wordsOf(deliveries),
    bodyEnds: wordsOf(deliveries),
    userKeys: wordsOf(keys),
    outcomes: new Uint16Array(buffer, take(records * 2), records),
    flags: new Uint8Array(buffer, take(deliveries), deliveries),
  };
}

/** Of a packed slice, what need not be copied when it goes to another thread. */
export function buffersOf({ lines, bodies }: PackedSlice): ArrayBuffer[] {
  return [lines.buffer, bodies.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
}

/** Puts bodies one after the other into a buffer that is used again and again. */
class BodyWriter {
  #buffer = Buffer.allocUnsafeSlow(1 << 19);
  #end = 0;

  /** @returns where the body ends. */
  add(json: string, id: DeliveryId): number {
    const needed = this.#end + bodyRoom(json);
    if (needed > this.#buffer.length) {
      const larger = Buffer.allocUnsafeSlow(needed * 2);
      this.#buffer.copy(larger, 0, 0, this.#end);
      this.#buffer = larger;
    }
    this.#end = writeBody(this.#buffer, this.#end, json, id);
    return this.#end;
  }

  /** A copy of what was added since the last call. */
  take(): Uint8Array {
    const bodies = new Uint8Array(this.#buffer.subarray(0, this.#end));
    this.#end = 0;
    return bodies;
  }
}

/** Each problem once, and which records have it. */
class ProblemTable {
  readonly problems: Problem[] = [];
  readonly notes: number[] = [];
  readonly #indexes = new Map<string, number>();

  note(record: number, problem: Problem): void {
    const key = `${problem.code}\0${problem.field ?? ''}\0${problem.message}`;
    let index = this.#indexes.get(key);
    if (index === undefined) {
      index = this.problems.push(problem) - 1;
      this.#indexes.set(key, index);
    }
    this.notes.push(record, index);
  }
}
