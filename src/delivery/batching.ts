import type { DeliveryId } from '../interfaces.js';
import { setOwn } from '../json.js';
import type { Route } from '../payload/payload.js';
import { bodyOf, contentOf } from '../payload/source-request-id.js';
import type { BatchContent, EventDataItem, UserAttribute } from '../payload/wire.js';

/** One record's delivery by one mapping: what is accepted or rejected on its own. */
export interface Unit {
  readonly id: DeliveryId;
  /** UTF-8 of its batch as it is sent alone, `source_request_id` included. */
  readonly body: Uint8Array;
  /** Of `body`, in bytes. */
  readonly bodyLength: number;
  /** Event data items in it. */
  readonly events: number;
  readonly route: Route;
  /** See `grouping.ts`. */
  readonly userKeys: readonly number[];
  /** When it happened, in Unix ms. */
  readonly timestampMs: number;
  /** Units of one slice that have the same one share a batch: see `grouping.ts`. */
  readonly group: number;
}

/**
 * A batch ready to be sent, for one or several units of one user. The same units in the same order always give the same
 * bytes.
 */
export class OutgoingBatch<U extends Unit> {
  readonly units: readonly [U, ...U[]];
  /** Event data items in it, which is what the limit of a request counts. */
  readonly events: number;
  /** Of several units. */
  #merged: Uint8Array | undefined;
  #userKeys: readonly number[] | undefined;

  constructor(units: readonly [U, ...U[]]) {
    this.units = units;
    let events = 0;
    for (const unit of units) events += unit.events;
    this.events = events;
  }

  /** The batch as UTF-8 of its JSON, `source_request_id` included; the same bytes on every try. */
  get body(): Uint8Array {
    if (this.units.length === 1) return this.units[0].body;
    this.#merged ??= bodyOf(JSON.stringify(merge(this.units)));
    return this.#merged;
  }

  /** Of {@link body}, in bytes. */
  get bodyLength(): number {
    return this.units.length === 1 ? this.units[0].bodyLength : this.body.length;
  }

  get route(): Route {
    return this.units[0].route;
  }

  /** What tells the user: batches that share one must reach the server in order. */
  get userKeys(): readonly number[] {
    this.#userKeys ??= this.units[0].userKeys;
    return this.#userKeys;
  }
}

/** The batches of the units of one slice, which may be without some of those that it had. */
export function batchesOf<U extends Unit>(units: readonly U[]): OutgoingBatch<U>[] {
  if (units.every(({ group }, index) => index === 0 || group > (units[index - 1]?.group ?? 0))) {
    return units.map((unit) => new OutgoingBatch([unit]));
  }
  const groups = new Map<number, [U, ...U[]]>();
  for (const unit of units) {
    const group = groups.get(unit.group);
    if (group === undefined) groups.set(unit.group, [unit]);
    else group.push(unit);
  }
  return [...groups.values()].map((group) => new OutgoingBatch(group));
}

/** The units of all these batches, in their order. */
export function unitsOf<U extends Unit>(batches: readonly OutgoingBatch<U>[]): U[] {
  const units: U[] = [];
  for (const batch of batches) for (const unit of batch.units) units.push(unit);
  return units;
}

/** The batches of the units of `batch`, each alone: the last step of finding the one that the server refuses. */
export function separate<U extends Unit>(batch: OutgoingBatch<U>): OutgoingBatch<U>[] {
  return batch.units.map((unit) => new OutgoingBatch([unit]));
}

function merge(units: readonly [Unit, ...Unit[]]): BatchContent {
  const batches = units.map(({ body, timestampMs }): { timestampMs: number; batch: BatchContent } => ({
    timestampMs,
    batch: JSON.parse(contentOf(body)),
  }));
  const [first] = batches;
  const attributes: Record<string, UserAttribute> = {};
  const events: EventDataItem[] = [];
  for (const { batch } of batches.toSorted((a, b) => a.timestampMs - b.timestampMs)) {
    for (const [name, value] of Object.entries(batch.user_attributes)) setOwn(attributes, name, value);
    if (batch.events !== undefined) events.push(...batch.events);
  }
  if (first === undefined) throw new Error('A batch has no unit.');
  return {
    ...first.batch,
    user_attributes: attributes,
    ...(events.length === 0 ? {} : { events }),
  };
}
