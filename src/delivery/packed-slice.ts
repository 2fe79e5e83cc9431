import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { Problem } from '../interfaces.js';
import type { Delivery } from '../payload/delivery.js';
import { hasEmail } from '../payload/identifiers.js';
import type { PreparedRecord } from '../payload/prepare.js';
import { addToQuality, emptyQuality, type Quality } from '../payload/quality.js';
import { BodyWriter } from './body-writer.js';
import { Grouping, userKeysOf } from './grouping.js';
import { NumberList } from './number-list.js';

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
  /** Of each delivery, how many event data items it has; {@link HISTORICAL} where that is its route. */
  readonly flags: Uint8Array;
  /** Of each delivery, when it happened, in Unix ms. */
  readonly times: Float64Array;
  /** See `grouping.ts`; of all deliveries, one after the other. */
  readonly userKeys: Uint32Array;
  /** Of each delivery, where its user keys end. */
  readonly userKeyEnds: Uint32Array;
  /** What its deliverable records have. */
  readonly quality: Quality;
  /** The deliveries' batches, each as it is sent alone, with commas between them; empty where nothing will be sent. */
  readonly bodies: Uint8Array;
  /** Of each delivery, where its body ends. */
  readonly bodyEnds: Uint32Array;
}

/** Set in a delivery's flags where its route is `historical`. */
export const HISTORICAL = 0x80;

/** How to pack. */
export interface PackOptions {
  /** Whether each delivery is a batch of its own; else those of one user share batches. */
  readonly separate: boolean;
  /** Whether the batches will be sent, written or compared; else they are not even encoded. */
  readonly bodies: boolean;
}

/** Packs the records of slices, one at a time, so that little of them is kept. Made once for many slices. */
export class Packer {
  readonly #options: PackOptions;
  readonly #bodies = new BodyWriter();
  readonly #lines = new NumberList();
  readonly #outcomes = new NumberList();
  readonly #ids = new NumberList();
  readonly #groups = new NumberList();
  readonly #flags = new NumberList();
  readonly #times = new NumberList();
  readonly #userKeys = new NumberList();
  readonly #userKeyEnds = new NumberList();
  readonly #bodyEnds = new NumberList();
  readonly #grouping = new Grouping();
  // The slice keeps these, so that there are others for each.
  #quality = emptyQuality();
  #problems = new ProblemTable();

  constructor(options: PackOptions) {
    this.#options = options;
  }

  /** Adds the next record of the slice. */
  add({ line, outcome, warnings }: PreparedRecord): void {
    const index = this.#lines.length;
    this.#lines.push(line);
    for (const warning of warnings) this.#problems.note(index, warning);
    if (outcome.kind === 'ready') {
      const { deliveries } = outcome;
      this.#outcomes.push(OUTCOME.ready + deliveries.length);
      let emailKey = 0;
      for (const delivery of deliveries) {
        const [firstKey = 0] = this.#addDelivery(delivery);
        if (emailKey === 0 && hasEmail(delivery.batch)) emailKey = firstKey;
      }
      addToQuality(this.#quality, deliveries, emailKey);
    } else {
      this.#outcomes.push(OUTCOME[outcome.kind]);
      if (outcome.kind === 'rejected') this.#problems.note(index, outcome.problem);
    }
  }

  /** @returns its user keys. */
  #addDelivery(delivery: Delivery): readonly number[] {
    const { id, batch, route, timestampMs } = delivery;
    const userKeys = userKeysOf(batch);
    const index = this.#flags.length;
    this.#flags.push((batch.events?.length ?? 0) | (route === 'historical' ? HISTORICAL : 0));
    this.#times.push(timestampMs);
    this.#groups.push(this.#options.separate ? index : this.#grouping.add(index, delivery, userKeys));
    this.#userKeys.pushAll(userKeys);
    this.#userKeyEnds.push(this.#userKeys.length);
    this.#bodyEnds.push(this.#options.bodies ? this.#bodies.add(delivery, id) : 0);
    this.#ids.pushAll(id);
    return userKeys;
  }

  /** Gives it the memory of bodies that nobody reads any more, to be used again. */
  lend(buffer: ArrayBuffer): void {
    this.#bodies.lend(buffer);
  }

  /** The slice of what was added since the last call. */
  take(): PackedSlice {
    const { notes, problems } = this.#problems;
    const slice = allocate(
      {
        records: this.#lines.length,
        deliveries: this.#flags.length,
        notes: notes.length,
        keys: this.#userKeys.length,
      },
      { quality: this.#quality, problems, bodies: this.#bodies.take() },
    );
    slice.lines.set(this.#lines.view);
    slice.outcomes.set(this.#outcomes.view);
    slice.notes.set(notes);
    slice.ids.set(this.#ids.view);
    slice.groups.set(this.#groups.view);
    slice.flags.set(this.#flags.view);
    slice.times.set(this.#times.view);
    slice.userKeys.set(this.#userKeys.view);
    slice.userKeyEnds.set(this.#userKeyEnds.view);
    slice.bodyEnds.set(this.#bodyEnds.view);
    this.#clear();
    return slice;
  }

  #clear(): void {
    for (const list of [
      this.#lines,
      this.#outcomes,
      this.#ids,
      this.#groups,
      this.#flags,
      this.#times,
      this.#userKeys,
      this.#userKeyEnds,
      this.#bodyEnds,
    ]) {
      list.clear();
    }
    this.#grouping.clear();
    this.#quality = emptyQuality();
    this.#problems = new ProblemTable();
  }
}

/** Sets aside one piece of memory for all but the bodies: each piece costs when it goes to another thread. */
function allocate(
  counts: {
    readonly records: number;
    readonly deliveries: number;
    readonly notes: number;
    readonly keys: number;
  },
  { quality, problems, bodies }: Pick<PackedSlice, 'quality' | 'problems' | 'bodies'>,
): PackedSlice {
  const { records, deliveries, notes, keys } = counts;
  const words = records + notes + keys + deliveries * (DELIVERY_ID_WORDS + 3);
  const buffer = new ArrayBuffer(deliveries * 8 + words * 4 + records * 2 + deliveries);
  let at = 0;
  const take = (bytes: number): number => {
    at += bytes;
    return at - bytes;
  };
  const wordsOf = (count: number): Uint32Array => new Uint32Array(buffer, take(count * 4), count);
  // Written out: V8 takes what is spread into an object for long-lived, and a worker's memory grows by it.
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
    quality,
    problems,
    bodies,
  };
}

/** Of a packed slice, what need not be copied when it goes to another thread. */
export function buffersOf({ lines, bodies }: PackedSlice): ArrayBuffer[] {
  return [lines.buffer, bodies.buffer].filter((buffer) => buffer instanceof ArrayBuffer);
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
