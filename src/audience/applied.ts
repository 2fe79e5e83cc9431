import { DELIVERY_ID_WORDS, toVersion } from '../delivery-id.js';
import type { DeliveryId, DeliveryLog } from '../interfaces.js';
import type { Delivery } from '../payload/delivery.js';
import { JsonWriter } from '../payload/json-writer.js';
import { membershipIn } from '../payload/membership.js';
import { writeBody } from '../payload/source-request-id.js';
import type { Entry } from './entry.js';

/** As many notes are made durable together. */
const GATHERED = 1000;
/** Before the mapping's name in the key of a note, which is no delivery; no mapping is called so. */
const NOTE = '\0applied\0';

/** What is known of somebody before a sync. */
export interface Standing {
  /** Whether they are a member, as far as is known. */
  readonly isMember: boolean;
  /** Whether a change of them is in doubt; see `Member.inDoubt`. */
  readonly isInDoubt: boolean;
}

/** Of a change that this run has applied, only what the log says counts. */
const IN_LOG: Standing = { isMember: true, isInDoubt: true };

/** What an {@link AppliedChanges} works with. */
export interface AppliedChangesOptions {
  readonly log: DeliveryLog;
  /** The numbers of the earlier runs that were syncs: what `send` delivered is in no list of members. */
  readonly syncs: ReadonlySet<number>;
  /** Whether a change whose content is another one now is another change. */
  readonly resendChanged: boolean;
}

/**
 * Which changes of a stream earlier syncs have applied: these say nothing of what is so now. The log knows the changes
 * that were sent as they are. For the others it gets a note: for those that changed nothing, that a later one made void,
 * or by which a member left.
 */
export class AppliedChanges {
  readonly #options: AppliedChangesOptions;
  readonly #writer = new JsonWriter();

  constructor(options: AppliedChangesOptions) {
    this.#options = options;
  }

  /**
   * Whether a sync has applied a change: also one that died when it had sent it, if a later one has applied another to
   * that person since. The server would drop it, or be told what is no longer so.
   *
   * @param standing of the person whom it is of.
   */
  has({ outcome: { messageId, deliveries } }: Entry['record'], { isMember, isInDoubt }: Standing): boolean {
    const { resendChanged } = this.#options;
    const [first] = deliveries;
    // Where the content counts, what was delivered under this id may have been a join: then a member has not left by it.
    if (first !== undefined && !(resendChanged && isMember) && this.#hasLeft(first, messageId)) return true;
    return deliveries.every(
      (delivery) =>
        this.#isKnown(this.#idOf(delivery, messageId, ''), resendChanged) ||
        this.#isKnown(this.#idOf(delivery, messageId, NOTE), resendChanged) ||
        (!isInDoubt && this.#isOvertaken(delivery, messageId, isMember)),
    );
  }

  /**
   * Notes changes that are applied now that all is sent.
   *
   * @throws UserError where that cannot be noted.
   */
  async note(records: Iterable<Entry['record']>): Promise<void> {
    let ids: DeliveryId[] = [];
    for (const record of records) {
      if (this.has(record, IN_LOG)) continue;
      const { messageId, deliveries } = record.outcome;
      for (const delivery of deliveries) {
        const id = this.#idOf(delivery, messageId, NOTE);
        if (!this.#isKnown(id, this.#options.resendChanged)) ids.push(id);
      }
      if (ids.length < GATHERED) continue;
      await this.#keep(ids);
      ids = [];
    }
    if (ids.length > 0) await this.#keep(ids);
  }

  /**
   * Whether a member may have left by this. They leave under the identities that they were added with, by one mapping
   * alone: what was sent is not what the record says.
   */
  #hasLeft(delivery: Delivery, messageId: string): boolean {
    if (membershipIn(delivery.batch)?.member !== false) return false;
    const id = this.#idOf(delivery, messageId, '');
    const status = this.#options.log.status(id, 0);
    return status.kind === 'delivered' && status.changed && this.#isKnown(id, false);
  }

  /** Whether a sync has sent it and died, and what it says would show in the members if nothing had come after it. */
  #isOvertaken(delivery: Delivery, messageId: string, isMember: boolean): boolean {
    const status = this.#options.log.status(this.#idOf(delivery, messageId, ''), 0);
    const isLeave = membershipIn(delivery.batch)?.member === false;
    return status.kind === 'in flight' && this.#options.syncs.has(status.run) && (isMember || !isLeave);
  }

  #idOf({ mapping, batch, timestampMs }: Delivery, messageId: string, kind: '' | typeof NOTE): DeliveryId {
    const id = this.#options.log.identify({ messageId, mapping: `${kind}${mapping}` });
    this.#writer.end = 0;
    writeBody(this.#writer, batch, timestampMs, id);
    return id;
  }

  /** @param contentCounts if so and the log knows another content, `id` is made that of its content alone. */
  #isKnown(id: DeliveryId, contentCounts: boolean): boolean {
    const { log, syncs } = this.#options;
    let status = log.status(id, 0);
    if (status.kind === 'delivered' && status.changed && contentCounts) {
      toVersion(id, 0);
      status = log.status(id, 0);
    }
    return status.kind === 'delivered' && (status.byThisRun || syncs.has(status.run));
  }

  async #keep(ids: readonly DeliveryId[]): Promise<void> {
    const { log } = this.#options;
    const words = new Uint32Array(ids.length * DELIVERY_ID_WORDS);
    for (const [index, id] of ids.entries()) words.set(id, index * DELIVERY_ID_WORDS);
    const first = await log.announce(words, new Uint32Array(ids.length).fill(1));
    await log.end(
      Uint32Array.from(ids, (_, index) => first + index),
      'accepted',
    );
  }
}
