import type { HashingDefaults } from '../config/load.js';
import type { RecordEvent } from '../interfaces.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { asBoolean } from './values.js';

/** Makes what tells which fields of an event are hashed: as its `hashingConfiguration` says, else as the config does. */
export function createHashingReader(
  fields: FieldReader,
  defaults: HashingDefaults,
): (event: RecordEvent) => HashingDefaults {
  if (!fields.has('hashingConfiguration')) return () => defaults;
  const read = (key: string) => fields.part('hashingConfiguration', key);
  const email = read('hashEmail');
  const firstName = read('hashFirstName');
  const lastName = read('hashLastName');
  const mobile = read('hashMobile');
  const billingZipcode = read('hashBillingZipcode');
  return (event) => ({
    email: asBoolean(email(event)) ?? defaults.email,
    firstName: asBoolean(firstName(event)) ?? defaults.firstName,
    lastName: asBoolean(lastName(event)) ?? defaults.lastName,
    mobile: asBoolean(mobile(event)) ?? defaults.mobile,
    billingZipcode: asBoolean(billingZipcode(event)) ?? defaults.billingZipcode,
  });
}
