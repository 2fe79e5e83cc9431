import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryId } from '../interfaces.js';
import type { Route } from '../payload/route.js';
import type { UserKeys } from './busy-users.js';
import { HISTORICAL } from './packed-slice.js';
import type { RunSlice } from './run-slice.js';

/** One record's delivery by one mapping: what is accepted or rejected on its own. */
export interface Unit extends UserKeys {
  /** Holds, from `bodyStart` up to `bodyEnd`, UTF-8 of its batch as it is sent alone, `source_request_id` included. */
  readonly bodies: Uint8Array;
  readonly bodyStart: number;
  readonly bodyEnd: number;
  /** Event data items in it. */
  readonly events: number;
  readonly route: Route;
  /** When it happened, in Unix ms. */
  readonly timestampMs: number;
  /** Units of one slice that have the same one share a batch: see `grouping.ts`. */
  readonly group: number;
}

/** One delivery of one record of a run: a view of a packed slice. */
export class RunUnit implements Unit {
  readonly slice: RunSlice;
  /** Of the delivery in its slice. */
  readonly index: number;
  /** In the log, once it was announced. */
  number: number | undefined;

  constructor(slice: RunSlice, index: number) {
    this.slice = slice;
    this.index = index;
    this.number = undefined;
  }

  /** The index of its record in the slice. */
  get record(): number {
    return this.slice.recordOf[this.index] ?? 0;
  }

  /** Where its id begins in the slice's. */
  get idAt(): number {
    return this.index * DELIVERY_ID_WORDS;
  }

  /** Its id, in the slice's. */
  get id(): DeliveryId {
    return this.slice.packed.ids.subarray(this.idAt, this.idAt + DELIVERY_ID_WORDS);
  }

  get bodies(): Uint8Array {
    return this.slice.packed.bodies;
  }

  get bodyStart(): number {
    // A comma stands between two bodies.
    return this.index === 0 ? 0 : (this.slice.packed.bodyEnds[this.index - 1] ?? 0) + 1;
  }

  get bodyEnd(): number {
    return this.slice.packed.bodyEnds[this.index] ?? 0;
  }

  get events(): number {
    return (this.slice.packed.flags[this.index] ?? 0) & ~HISTORICAL;
  }

  get route(): Route {
    return ((this.slice.packed.flags[this.index] ?? 0) & HISTORICAL) === 0 ? 'live' : 'historical';
  }

  get userKeys(): Uint32Array {
    return this.slice.packed.userKeys;
  }

  get userKeysFrom(): number {
    return this.slice.packed.userKeyEnds[this.index - 1] ?? 0;
  }

  get userKeysEnd(): number {
    return this.slice.packed.userKeyEnds[this.index] ?? 0;
  }

  get timestampMs(): number {
    return this.slice.packed.times[this.index] ?? 0;
  }

  /** The index of the first delivery in its batch, as it was packed. */
  get group(): number {
    return this.slice.packed.groups[this.index] ?? this.index;
  }
}
