import type { DateOrder, HashingDefaults } from '../config/config.js';
import type { RecordEvent } from '../input/input-record.js';
import type { JsonValue, Problem } from '../interfaces.js';
import { isJsonList, setOwn } from '../json.js';
import { Rejection } from '../mapping/errors.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { shortened } from '../printable.js';
import { readBirthday } from './birthday.js';
import { createRepeatHasher, isHashed, sha256Hex } from './hash.js';
import { MAX_ATTRIBUTE_NAME, MAX_ATTRIBUTE_VALUE, MAX_LIST_ENTRIES, MAX_LIST_ENTRY } from './limits.js';
import type { PlainValues } from './plain-values.js';
import { asObject, idTextOf, textOf } from './values.js';
import type { Scalar, UserAttribute } from './wire.js';

/** How a user attribute is made of what is mapped to it. */
interface AttributeRule {
  readonly name: string;
  /** Named in messages. */
  readonly field: string;
  /** How it is hashed, also where `name` is itself that of the hash; absent where it never is. */
  readonly hashed?: HashedTwin;
  /** Of one that Rokt takes in one form only. */
  readonly form?: Form;
}

/** The form that Rokt takes a value in. */
interface Form {
  /** Undefined where the text cannot be read. */
  readonly read: (text: string) => string | undefined;
  /** What is said of that. */
  readonly problem: Pick<Problem, 'code' | 'message'>;
}

interface HashedTwin {
  /** What it is under when it is hashed. */
  readonly twin: string;
  /** Which says whether it is. */
  readonly setting: keyof HashingDefaults;
  /** Whether it tells people apart, so that a rounded one is none. */
  readonly identifies: boolean;
  /** Whether many people have the same one. */
  readonly shared: boolean;
}

type Attributes = Record<string, UserAttribute>;

/** The hashed twin of each attribute that has one (contract.md, section 2, "Hashing"), by the name of either. */
const HASHED_TWINS: ReadonlyMap<string, HashedTwin> = new Map(
  Object.entries<HashedTwin>({
    firstname: { twin: 'firstnamesha256', setting: 'firstName', identifies: false, shared: true },
    lastname: { twin: 'lastnamesha256', setting: 'lastName', identifies: false, shared: true },
    mobile: { twin: 'mobilesha256', setting: 'mobile', identifies: true, shared: false },
    billingzipcode: {
      twin: 'billingzipsha256',
      setting: 'billingZipcode',
      identifies: false,
      shared: false,
    },
  }).flatMap(([name, hashed]) => [[name, hashed] as const, [hashed.twin, hashed] as const]),
);

/**
 * Makes what reads `user_attributes` off an event: names, phone and zip cleaned and hashed, birthday and gender brought
 * into Rokt's form, everything else passed on. What cannot be passed on is left out with a warning. What it gives throws
 * Rejection for what breaks a limit.
 */
export function createUserAttributesReader(
  fields: FieldReader,
  dateOrder: DateOrder | undefined,
): (event: RecordEvent, hashing: HashingDefaults, plain: PlainValues, warnings: Problem[]) => Attributes {
  const forms = formsOf(dateOrder);
  const repeatHash = createRepeatHasher();
  const parts = fields.parts('user_attributes');
  if (parts === undefined) {
    const whole = fields.whole('user_attributes');
    return (event, hashing, plain, warnings) => {
      const attributes: Attributes = {};
      for (const [name, value] of Object.entries(asObject(whole(event)))) {
        addUserAttribute(
          attributes,
          userAttributeRule(name, forms),
          value,
          hashing,
          repeatHash,
          plain,
          warnings,
        );
      }
      return attributes;
    };
  }
  const entries = [...parts].map(([name, get]) => ({ rule: userAttributeRule(name, forms), get }));
  return (event, hashing, plain, warnings) => {
    const attributes: Attributes = {};
    for (let at = 0; at < entries.length; at += 1) {
      const entry = entries[at];
      if (entry === undefined) continue;
      addUserAttribute(attributes, entry.rule, entry.get(event), hashing, repeatHash, plain, warnings);
    }
    return attributes;
  };
}

function formsOf(dateOrder: DateOrder | undefined): ReadonlyMap<string, Form> {
  return new Map<string, Form>([
    [
      'dob',
      {
        read: (text) => readBirthday(text, dateOrder),
        problem: {
          code: 'DOB_UNREADABLE',
          message:
            'The birthday cannot be read; it is left out. For dates such as 5/15/1990, set source.dateOrder.',
        },
      },
    ],
    [
      'gender',
      {
        read: readGender,
        problem: { code: 'GENDER_UNREADABLE', message: 'The gender cannot be read; it is left out.' },
      },
    ],
  ]);
}

function userAttributeRule(name: string, forms: ReadonlyMap<string, Form>): AttributeRule {
  const hashed = HASHED_TWINS.get(name);
  const form = forms.get(name);
  return {
    name,
    field: `user_attributes.${shortened(name)}`,
    ...(hashed === undefined ? {} : { hashed }),
    ...(form === undefined ? {} : { form }),
  };
}

function addUserAttribute(
  attributes: Attributes,
  { name, field, hashed, form }: AttributeRule,
  value: JsonValue | undefined,
  hashing: HashingDefaults,
  repeatHash: (text: string) => string,
  plain: PlainValues,
  warnings: Problem[],
): void {
  if (value === undefined || value === null) return;
  if (hashed !== undefined) {
    const text = (hashed.identifies ? idTextOf : textOf)(value, field, warnings);
    if (text === undefined) return;
    if (isHashed(text)) attributes[hashed.twin] = text.toLowerCase();
    else if (name === hashed.twin || hashing[hashed.setting])
      attributes[hashed.twin] = hashed.shared ? repeatHash(text) : sha256Hex(text);
    else attributes[name] = checkValue(text, field, plain);
  } else if (form !== undefined) {
    const text = textOf(value, field, warnings);
    if (text === undefined) return;
    const read = form.read(text);
    if (read !== undefined) attributes[name] = read;
    else warnings.push({ ...form.problem, field });
  } else {
    const attribute = isJsonList(value) ? listOf(value, field, warnings) : scalarOf(value);
    if (attribute === undefined) warnings.push(notScalar(field));
    else if (isScalar(attribute) ? attribute !== '' : attribute.length > 0)
      setOwn(attributes, checkName(name, field), checkValue(attribute, field, plain));
  }
}

/**
 * Makes what reads custom attributes of an event off `eventProperties`: scalars only (contract.md, section 3). What it
 * gives throws Rejection for what breaks a limit.
 */
export function createPropertiesReader(
  fields: FieldReader,
): (event: RecordEvent, plain: PlainValues, warnings: Problem[]) => Record<string, Scalar> {
  const parts = fields.parts('eventProperties');
  const whole = fields.whole('eventProperties');
  const entries = parts === undefined ? undefined : [...parts];
  return (event, plain, warnings) => {
    const attributes: Record<string, Scalar> = {};
    if (entries === undefined) {
      for (const [name, value] of Object.entries(asObject(whole(event))))
        addProperty(attributes, name, value, plain, warnings);
    } else {
      for (const [name, get] of entries) addProperty(attributes, name, get(event), plain, warnings);
    }
    return attributes;
  };
}

function addProperty(
  attributes: Record<string, Scalar>,
  name: string,
  value: JsonValue | undefined,
  plain: PlainValues,
  warnings: Problem[],
): void {
  if (value === undefined || value === null) return;
  const field = `eventProperties.${shortened(name)}`;
  const attribute = scalarOf(value);
  if (attribute === undefined) warnings.push(notScalar(field));
  else setOwn(attributes, checkName(name, field), checkValue(attribute, field, plain));
}

/**
 * The value of an attribute that is sent as it is, if it keeps the limit.
 *
 * @throws Rejection `ATTRIBUTE_VALUE_TOO_LONG`.
 */
export function checkValue<Value extends UserAttribute | undefined>(
  value: Value,
  field: string,
  plain: PlainValues,
): Value {
  if (typeof value === 'string' && value.length > MAX_ATTRIBUTE_VALUE) {
    throw new Rejection({
      code: 'ATTRIBUTE_VALUE_TOO_LONG',
      message: `The value has more than ${MAX_ATTRIBUTE_VALUE} characters, so the server would drop it; shorten it or do not map it.`,
      field,
    });
  }
  plain.see(value, field);
  return value;
}

/**
 * The name, if it keeps the limit of an attribute's name.
 *
 * @throws Rejection `ATTRIBUTE_NAME_TOO_LONG`.
 */
export function checkName(name: string, field: string): string {
  if (name.length > MAX_ATTRIBUTE_NAME) {
    throw new Rejection({
      code: 'ATTRIBUTE_NAME_TOO_LONG',
      message: `The attribute's name has more than ${MAX_ATTRIBUTE_NAME} characters, so the server would drop it; map it under a shorter one.`,
      field,
    });
  }
  return name;
}

function scalarOf(value: JsonValue): Scalar | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined;
  return typeof value === 'string' || typeof value === 'boolean' ? value : undefined;
}

function isScalar(value: UserAttribute): value is Scalar {
  return typeof value !== 'object';
}

/** The scalars of a list, with a warning where there is something else in it. */
function listOf(list: readonly JsonValue[], field: string, warnings: Problem[]): readonly Scalar[] {
  const given = list.filter((entry) => entry !== null);
  const scalars = given.map(scalarOf).filter((entry) => entry !== undefined);
  if (scalars.length < given.length) warnings.push(notScalar(field));
  if (scalars.length > MAX_LIST_ENTRIES || scalars.some((entry) => String(entry).length > MAX_LIST_ENTRY)) {
    throw new Rejection({
      code: 'ATTRIBUTE_LIST_TOO_LONG',
      message: `The list has more than ${MAX_LIST_ENTRIES} entries, or one of more than ${MAX_LIST_ENTRY} characters, so the server would drop it; shorten it or do not map it.`,
      field,
    });
  }
  return scalars;
}

function notScalar(field: string): Problem {
  return {
    code: 'ATTRIBUTE_NOT_SCALAR',
    message:
      'The value, or an entry of the list, is not text, a number or a boolean; the API does not take it, so it is left out.',
    field,
  };
}

function readGender(text: string): 'm' | 'f' | undefined {
  const word = text.toLowerCase();
  return word === 'm' || word === 'male' ? 'm' : word === 'f' || word === 'female' ? 'f' : undefined;
}
