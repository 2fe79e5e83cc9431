import { toVersion } from '../delivery-id.js';
import type { DeliveryLog } from '../interfaces.js';
import { JsonWriter } from '../payload/json-writer.js';
import { writeBody } from '../payload/source-request-id.js';
import type { Entry } from './entry.js';

/** What an {@link AppliedChanges} works with. */
export interface AppliedChangesOptions {
  readonly log: DeliveryLog;
  /** The numbers of the runs that were syncs: what `send` delivered is in no list of members. */
  readonly syncs: ReadonlySet<number>;
  /** Whether a change whose content is another one now is another change. */
  readonly resendChanged: boolean;
}

/** Which changes of a stream syncs have applied: one that has been says nothing of what is so now. */
export class AppliedChanges {
  readonly #options: AppliedChangesOptions;

  constructor(options: AppliedChangesOptions) {
    this.#options = options;
  }

  /** Whether an earlier sync has applied a change. @param isJoin whether it makes someone a member. */
  has({ outcome: { messageId, deliveries } }: Entry['record'], isJoin: boolean): boolean {
    const { log, syncs, resendChanged } = this.#options;
    // A member leaves under the identities that they were added with: what was sent is not what the record says.
    const contentCounts = resendChanged && isJoin;
    return deliveries.every(({ mapping, batch }) => {
      const id = log.identify({ messageId, mapping });
      if (!log.isDelivered(id)) return false;
      if (contentCounts) {
        writeBody(new JsonWriter(), batch, id);
        const first = log.status(id, 0);
        if (first.kind === 'delivered' && first.changed) toVersion(id, 0);
      }
      const status = log.status(id, 0);
      return status.kind === 'delivered' && syncs.has(status.run) && !(contentCounts && status.changed);
    });
  }
}
