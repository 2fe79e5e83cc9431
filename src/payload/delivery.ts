import type { DeliveryId } from '../interfaces.js';
import { batchJson, subjectJson } from './batch-json.js';
import type { Payload } from './payload.js';
import type { Route } from './route.js';
import type { BatchContent } from './wire.js';

/**
 * What one mapping made of one record. Its JSON is made where it is asked for, and not kept: a dry run mostly does not
 * need it, and what a slice holds until its end should be little.
 */
export class Delivery implements Payload {
  /** The mapping's name. */
  readonly mapping: string;
  /** Its content is not yet in it. */
  readonly id: DeliveryId;
  readonly batch: BatchContent;
  readonly route: Route;
  readonly timestampMs: number;
  readonly atMidnight: boolean;
  readonly emailCameHashed: boolean;

  constructor(mapping: string, id: DeliveryId, payload: Payload) {
    this.mapping = mapping;
    this.id = id;
    this.batch = payload.batch;
    this.route = payload.route;
    this.timestampMs = payload.timestampMs;
    this.atMidnight = payload.atMidnight;
    this.emailCameHashed = payload.emailCameHashed;
  }

  /** The batch as JSON. */
  get json(): string {
    return batchJson(this.batch);
  }

  /** The part of the batch that says who and where, as JSON. */
  get subjectJson(): string {
    return subjectJson(this.batch);
  }
}
