import { setOwn } from '../json.js';
import type { Route } from '../payload/route.js';
import { bodyOf, contentOf } from '../payload/source-request-id.js';
import type { BatchContent, EventDataItem, UserAttribute } from '../payload/wire.js';
import type { RunUnit } from './unit.js';

const NO_OTHERS: readonly never[] = [];

/**
 * A batch ready to be sent, for one or several units of one user. The same units in the same order always give the same
 * bytes. Most have one unit, and there are as many as records: so these hold nothing of their own.
 */
export class OutgoingBatch {
  /** Its user keys are the batch's: batches that share one must reach the server in order. */
  readonly first: RunUnit;
  /** The further units. */
  readonly others: readonly RunUnit[];
  /** Of several units. */
  #merged: Uint8Array | undefined;

  constructor(first: RunUnit, others: readonly RunUnit[] = NO_OTHERS) {
    this.first = first;
    this.others = others;
  }

  /** All its units, in their order. */
  get units(): [RunUnit, ...RunUnit[]] {
    return [this.first, ...this.others];
  }

  /** How many units it has. */
  get size(): number {
    return 1 + this.others.length;
  }

  /** Event data items in it, which is what the limit of a request counts. */
  get events(): number {
    let { events } = this.first;
    for (const unit of this.others) events += unit.events;
    return events;
  }

  /** The batch as UTF-8 of its JSON, `source_request_id` included; the same bytes on every try. */
  get body(): Uint8Array {
    if (this.others.length === 0) return bodyIn(this.first);
    this.#merged ??= bodyOf(merge(this.units), Math.max(...this.units.map(({ timestampMs }) => timestampMs)));
    return this.#merged;
  }

  /** Of {@link body}, in bytes. */
  get bodyLength(): number {
    return this.others.length === 0 ? this.first.bodyEnd - this.first.bodyStart : this.body.length;
  }

  /**
   * Historical only where all its units are: of those that were in flight together one may be older than 30 days by now,
   * and one too young for that path, which drops the whole batch then (contract.md, section 1).
   */
  get route(): Route {
    return this.others.every(({ route }) => route === 'historical') ? this.first.route : 'live';
  }
}

/** The batches of the units of one slice, which may be without some of those that it had. */
export function batchesOf(units: readonly RunUnit[]): OutgoingBatch[] {
  if (areAlone(units)) return units.map((unit) => new OutgoingBatch(unit));
  const groups = new Map<number, [RunUnit, ...RunUnit[]]>();
  for (const unit of units) {
    const group = groups.get(unit.group);
    if (group === undefined) groups.set(unit.group, [unit]);
    else group.push(unit);
  }
  return [...groups.values()].map(([first, ...others]) => new OutgoingBatch(first, others));
}

/** Whether no two share a batch. */
function areAlone(units: readonly RunUnit[]): boolean {
  let last = -1;
  for (const { group } of units) {
    if (group <= last) return false;
    last = group;
  }
  return true;
}

/** The units of all these batches, in their order. */
export function unitsOf(batches: readonly OutgoingBatch[]): RunUnit[] {
  const units: RunUnit[] = [];
  for (const { first, others } of batches) {
    units.push(first);
    for (const unit of others) units.push(unit);
  }
  return units;
}

/**
 * The batches of the units of `batch`, each alone: the last step of finding the one that the server refuses. The latest
 * comes last, as it counts in the merged batch.
 */
export function separate(batch: OutgoingBatch): OutgoingBatch[] {
  return batch.units.toSorted((a, b) => a.timestampMs - b.timestampMs).map((unit) => new OutgoingBatch(unit));
}

function bodyIn({ bodies, bodyStart, bodyEnd }: RunUnit): Uint8Array {
  return bodies.subarray(bodyStart, bodyEnd);
}

function merge(units: readonly [RunUnit, ...RunUnit[]]): BatchContent {
  const batches = units.map((unit): { timestampMs: number; batch: BatchContent } => ({
    timestampMs: unit.timestampMs,
    batch: JSON.parse(contentOf(bodyIn(unit))),
  }));
  const [first] = batches;
  const attributes: Record<string, UserAttribute> = {};
  const events: EventDataItem[] = [];
  for (const { batch } of batches.toSorted((a, b) => a.timestampMs - b.timestampMs)) {
    for (const [name, value] of Object.entries(batch.user_attributes)) setOwn(attributes, name, value);
    if (batch.events !== undefined) events.push(...batch.events);
  }
  if (first === undefined) throw new Error('A batch has no unit.');
  events.sort(
    ({ data: a }, { data: b }) =>
      a.timestamp_unixtime_ms - b.timestamp_unixtime_ms || Number(isConversion(a)) - Number(isConversion(b)),
  );
  return {
    ...first.batch,
    user_attributes: attributes,
    ...(events.length === 0 ? {} : { events }),
  };
}

/** At equal times, an audience change comes before a conversion (contract.md, section 2). */
function isConversion({ event_name }: EventDataItem['data']): boolean {
  return event_name === 'conversion';
}
