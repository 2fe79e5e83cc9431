import type { HashingDefaults } from '../config/config.js';
import type { RecordEvent } from '../input/input-record.js';
import { asBoolean } from '../input/values.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { asText, Rejection } from './values.js';

/**
 * Makes what says which fields of an event are hashed: as its `hashingConfiguration` says, else as the config does. What
 * it gives throws Rejection `HASHING_UNREADABLE`: nothing is to be sent in the clear on a guess.
 */
export function createHashingReader(
  fields: FieldReader,
  defaults: HashingDefaults,
): (event: RecordEvent) => HashingDefaults {
  if (!fields.has('hashingConfiguration')) return () => defaults;
  const read = (key: string) => {
    const get = fields.part('hashingConfiguration', key);
    return (event: RecordEvent): boolean | undefined => {
      const value = get(event);
      const chosen = asBoolean(value);
      if (
        chosen === undefined &&
        (asText(value) !== undefined || (typeof value === 'object' && value !== null))
      ) {
        throw new Rejection({
          code: 'HASHING_UNREADABLE',
          message: 'This setting is neither true nor false here, so the record was not sent.',
          field: `hashingConfiguration.${key}`,
        });
      }
      return chosen;
    };
  };
  const email = read('hashEmail');
  const firstName = read('hashFirstName');
  const lastName = read('hashLastName');
  const mobile = read('hashMobile');
  const billingZipcode = read('hashBillingZipcode');
  return (event) => ({
    email: email(event) ?? defaults.email,
    firstName: firstName(event) ?? defaults.firstName,
    lastName: lastName(event) ?? defaults.lastName,
    mobile: mobile(event) ?? defaults.mobile,
    billingZipcode: billingZipcode(event) ?? defaults.billingZipcode,
  });
}
