import type { HashingDefaults } from '../config/config.js';
import type { RecordEvent } from '../input/input-record.js';
import { asBoolean } from '../input/values.js';
import type { JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { isDirective } from '../mapping/directives.js';
import { Rejection } from '../mapping/errors.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { shortened } from '../printable.js';
import { isNothing } from './values.js';

/** Where `hashingConfiguration` says of each field whether it is hashed. */
const SETTINGS: ReadonlyMap<string, keyof HashingDefaults> = new Map([
  ['hashEmail', 'email'],
  ['hashFirstName', 'firstName'],
  ['hashLastName', 'lastName'],
  ['hashMobile', 'mobile'],
  ['hashBillingZipcode', 'billingZipcode'],
]);

/**
 * Makes what says which fields of an event are hashed: as its `hashingConfiguration` says, else as the config does. What
 * it gives throws Rejection `HASHING_UNREADABLE`: nothing is to be sent in the clear on a guess.
 */
export function createHashingReader(
  fields: FieldReader,
  defaults: HashingDefaults,
): (event: RecordEvent) => HashingDefaults {
  if (!fields.has('hashingConfiguration')) return () => defaults;
  const whole = fields.whole('hashingConfiguration');
  const isOfEvent = fields.parts('hashingConfiguration') === undefined;
  const settings = [...SETTINGS].map(([key, name]) => {
    return { key, name, get: fields.part('hashingConfiguration', key) };
  });
  return (event) => {
    if (isOfEvent) checkSettings(whole(event));
    const hashing: { -readonly [Key in keyof HashingDefaults]: HashingDefaults[Key] } = { ...defaults };
    for (const { key, name, get } of settings) {
      const chosen = readChoice(get(event), key);
      if (chosen !== undefined) hashing[name] = chosen;
    }
    return hashing;
  };
}

/**
 * The settings of a mapping's `hashingConfiguration` that hash, or may: all that are not off, and every one where a
 * directive makes it, since only a record shows what that gives.
 */
export function settingsThatHash(configuration: JsonValue | undefined): readonly string[] {
  if (!isJsonObject(configuration)) return [];
  if (isDirective(configuration)) return [...SETTINGS.keys()];
  const isOff = (value: JsonValue | undefined): boolean => isNothing(value) || asBoolean(value) === false;
  return Object.keys(configuration).filter((setting) => !isOff(configuration[setting]));
}

/** @throws Rejection where a directive made what is no set of settings, or what has others. */
function checkSettings(made: JsonValue | undefined): void {
  if (isNothing(made)) return;
  if (!isJsonObject(made)) throw unreadable('This is no object with hashEmail and the like here');
  const unknown = Object.keys(made).find((key) => !SETTINGS.has(key));
  if (unknown !== undefined) throw unreadable('There is no such setting', shortened(unknown));
}

/** @throws Rejection where it is neither true nor false, nor nothing. */
function readChoice(value: JsonValue | undefined, key: string): boolean | undefined {
  const chosen = asBoolean(value);
  if (chosen === undefined && !isNothing(value)) {
    throw unreadable('This setting is neither true nor false here', key);
  }
  return chosen;
}

/** @param key of the setting; absent where it is about all of them. */
function unreadable(what: string, key?: string): Rejection {
  return new Rejection({
    code: 'HASHING_UNREADABLE',
    message: `${what}, so the record was not sent.`,
    field: `hashingConfiguration${key === undefined ? '' : `.${key}`}`,
  });
}
