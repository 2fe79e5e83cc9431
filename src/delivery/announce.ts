import { DELIVERY_ID_WORDS } from '../delivery-id.js';
import type { DeliveryLog } from '../interfaces.js';
import { type OutgoingBatch, unitsOf } from './batching.js';

/**
 * Has the log note batches that are about to be sent, and gives their units the numbers under which it knows them.
 * Resolves when that is durable.
 *
 * @throws UserError where it cannot be.
 */
export async function announce(log: DeliveryLog, batches: readonly OutgoingBatch[]): Promise<void> {
  const units = unitsOf(batches);
  const ids = new Uint32Array(units.length * DELIVERY_ID_WORDS);
  let at = 0;
  for (const { slice, idAt } of units) {
    for (let word = 0; word < DELIVERY_ID_WORDS; word += 1, at += 1) {
      ids[at] = slice.packed.ids[idAt + word] ?? 0;
    }
  }
  const sizes = new Uint32Array(batches.length);
  for (let index = 0; index < batches.length; index += 1) sizes[index] = batches[index]?.size ?? 0;
  let number = await log.announce(ids, sizes);
  for (const unit of units) {
    unit.number = number;
    number += 1;
  }
}
