import { nearest } from '../nearest.js';
import { columnUses } from './column-uses.js';
import { isObjectPlace, isTopKey, placeSteps, placeText } from './places.js';

/** Keys at the top of an event that something is made of, and that are long enough to be known when they are misspelt. */
const KNOWN_KEYS = [
  'anonymousId',
  'context',
  'integrations',
  'messageId',
  'properties',
  'timestamp',
  'traits',
  'userId',
];

/** Fields of a mapping, which makes them of an event: what is put under such a name in the event, no mapping reads. */
const MAPPING_FIELD =
  /^(?:audienceDetails|device_info|eventDetails|eventProperties|user_attributes|user_identities)$/;

/**
 * What to write in place of a place of `source.columns` that is none, or that is not where it seems to be: `rtid` alone is
 * `properties.rtid`, where no RTID is looked for, though a column of that name is one.
 *
 * @returns undefined where nothing is wrong with it.
 */
export function placeAdvice(text: string): string | undefined {
  const steps = placeSteps(text);
  if (steps === undefined) return 'Write a place such as properties.order_id or products[0].sku.';
  const [first, ...rest] = steps;
  if (typeof first !== 'string') return undefined;
  if (isTopKey(first)) {
    return rest.length === 0 || isObjectPlace([first])
      ? undefined
      : `${first} is one value, with no places in it; write a place such as properties.order_id.`;
  }
  const own = placeText(['properties', ...steps]);
  if (MAPPING_FIELD.test(first) && rest.length > 0) {
    const meant = usualPlace(placeText(rest), own);
    return meant === undefined
      ? `${first} is a field of a mapping, which makes it of an event; write a place such as properties.order_id.`
      : adviceOf(meant, own);
  }
  const meant = (rest.length === 0 ? usualPlace(first, own) : undefined) ?? misspelt(first, rest);
  return meant === undefined ? undefined : adviceOf(meant, own);
}

function adviceOf(meant: string, own: string): string {
  return `Did you mean ${meant}? For a property of that name write ${own}.`;
}

/** Where a column that is called so goes by itself, if that is elsewhere and something is made of it. */
function usualPlace(name: string, own: string): string | undefined {
  const [found] = columnUses([name], new Map());
  return found?.use === undefined || found.place === own ? undefined : found.place;
}

function misspelt(first: string, rest: readonly (string | number)[]): string | undefined {
  const candidates = KNOWN_KEYS.filter((key) => rest.length === 0 || isObjectPlace([key]));
  const close = nearest(first, candidates, 1);
  return close === undefined ? undefined : placeText([close, ...rest]);
}
