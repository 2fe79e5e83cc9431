import type { Problem } from '../interfaces.js';
import { shortened } from '../printable.js';
import type { BatchContent, UserAttribute } from './wire.js';

/** An e-mail address anywhere in a text, also as a URL has it; `logo@2x.png` is none. */
const ADDRESS = /[^\s@](?:@|%40)(?!\dx\.)[^\s@]+\.\p{L}{2}/iu;
/** `a@b.de`, in characters. */
const SHORTEST = 6;
/** What Segment's mapping has under `eventDetails`; other attributes of a conversion are of `eventProperties`. */
const OF_DETAILS: ReadonlySet<string> = new Set(['conversiontype', 'confirmationref', 'currency']);

/**
 * Warns of each field by which an e-mail address is sent as it is: hashing is of the field for addresses only, and many
 * shops have them as customer ids, too.
 */
export function warnOfAddresses(
  { user_identities: identities, user_attributes: attributes, events = [] }: BatchContent,
  warnings: Problem[],
): void {
  if (hasAddress(identities.customerid)) warnings.push(inClear('user_identities.customerid'));
  if (hasAddress(identities.other2)) warnings.push(inClear('rtid'));
  for (const name in attributes) {
    if (hasAddress(attributes[name])) warnings.push(inClear(`user_attributes.${shortened(name)}`));
  }
  for (const { data } of events) {
    if (data.event_name !== 'conversion') continue;
    if (hasAddress(data.source_message_id)) warnings.push(inClear('eventDetails.source_message_id'));
    for (const name in data.custom_attributes) {
      if (!hasAddress(data.custom_attributes[name])) continue;
      const parent = OF_DETAILS.has(name) ? 'eventDetails' : 'eventProperties';
      warnings.push(inClear(`${parent}.${shortened(name)}`));
    }
  }
}

function hasAddress(value: UserAttribute | undefined): boolean {
  if (typeof value === 'object') return value.some(hasAddress);
  if (typeof value !== 'string' || value.length < SHORTEST) return false;
  // Hardly a text has one of these.
  return (value.includes('@') || value.includes('%40')) && ADDRESS.test(value);
}

function inClear(field: string): Problem {
  return {
    code: 'EMAIL_IN_CLEAR',
    message:
      'The value has an e-mail address in it, which is sent as it is, though addresses are hashed; map something else to the field, or nothing.',
    field,
  };
}
