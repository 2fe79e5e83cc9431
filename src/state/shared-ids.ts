import type { DeliveryIds, SharedIds } from '../interfaces.js';
import { identify } from './keys.js';
import { PageCache } from './page-cache.js';
import { Segment } from './segment.js';

/**
 * Gives ids as the log does that shared them, and finds what was delivered before the run began: in a worker, with files
 * of its own. What happens meanwhile it does not know.
 *
 * @throws UserError `STATE_DAMAGED`.
 */
export function openSharedIds({ scope, segments, oldest }: SharedIds): DeliveryIds {
  const cache = new PageCache();
  const opened = segments.map(({ path, footer }) => Segment.open(path, cache, footer));
  return {
    identify: (key) => identify(scope, key),
    isDelivered: (id) => opened.some((segment) => segment.has(id, oldest)),
  };
}
