import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryId } from '../interfaces.js';
import type { Route } from '../payload/route.js';
import { HISTORICAL } from './packed-slice.js';
import type { RunSlice } from './run-slice.js';

/** One record's delivery by one mapping: what is accepted or rejected on its own. A view of a packed slice. */
export class RunUnit {
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

  /** Holds, from {@link bodyStart} up to {@link bodyEnd}, UTF-8 of its batch as it is sent alone, `source_request_id` included. */
  get bodies(): Uint8Array {
    return this.slice.packed.bodies;
  }

  /** See {@link bodies}. */
  get bodyStart(): number {
    // A comma stands between two bodies.
    return this.index === 0 ? 0 : (this.slice.packed.bodyEnds[this.index - 1] ?? 0) + 1;
  }

  /** See {@link bodies}. */
  get bodyEnd(): number {
    return this.slice.packed.bodyEnds[this.index] ?? 0;
  }

  /** Event data items in its batch. */
  get events(): number {
    return (this.slice.packed.flags[this.index] ?? 0) & ~HISTORICAL;
  }

  /** Where its batch goes. */
  get route(): Route {
    return ((this.slice.packed.flags[this.index] ?? 0) & HISTORICAL) === 0 ? 'live' : 'historical';
  }

  /** Its user keys (see `grouping.ts`) stand here, from {@link userKeysFrom} up to {@link userKeysEnd}. */
  get userKeys(): Uint32Array {
    return this.slice.packed.userKeys;
  }

  /** See {@link userKeys}. */
  get userKeysFrom(): number {
    return this.slice.packed.userKeyEnds[this.index - 1] ?? 0;
  }

  /** See {@link userKeys}. */
  get userKeysEnd(): number {
    return this.slice.packed.userKeyEnds[this.index] ?? 0;
  }

  /** When it happened, in Unix ms. */
  get timestampMs(): number {
    return this.slice.packed.times[this.index] ?? 0;
  }

  /** The index of the first delivery in its batch: units of one slice that have the same one share a batch (`grouping.ts`). */
  get group(): number {
    return this.slice.packed.groups[this.index] ?? this.index;
  }
}
