import type { MappingEntry } from '../config/config.js';
import type { JsonObject, JsonValue } from '../interfaces.js';
import { IGNORED_FIELDS } from './fields.js';

const path = (from: string): JsonObject => ({ '@path': from });
/** `a ?? b`: b where a does not exist. */
const either = (a: string, b: string): JsonObject => ({
  '@if': { exists: path(a), then: path(a), else: path(b) },
});
const traitOrProperty = (name: string): JsonObject => either(`$.traits.${name}`, `$.properties.${name}`);

/** The default field mapping of contract.md, section 3, but for what `built-in.ts` holds. */
const COMMON: JsonObject = {
  eventDetails: {
    conversiontype: path('$.event'),
    confirmationref: path('$.properties.order_id'),
    amount: path('$.properties.revenue'),
    currency: path('$.properties.currency'),
    source_message_id: path('$.messageId'),
    timestamp_unixtime_ms: path('$.timestamp'),
  },
  user_identities: { email: traitOrProperty('email'), customerid: path('$.userId') },
  user_attributes: {
    firstname: traitOrProperty('first_name'),
    lastname: traitOrProperty('last_name'),
    mobile: traitOrProperty('phone'),
    billingzipcode: traitOrProperty('address.postal_code'),
    dob: traitOrProperty('birthday'),
    gender: traitOrProperty('gender'),
  },
  ip: path('$.context.ip'),
  audienceDetails: {
    customAudienceName: path('$.properties.audience_name'),
    customAudienceMembership: path('$.properties.audience_membership'),
  },
  engageAudienceName: path('$.context.personas.computation_key'),
  computationAction: path('$.context.personas.computation_class'),
  traitsOrProps: either('$.properties', '$.traits'),
};

/** What a mapping does where the user does not say otherwise: its trigger, in FQL, and directives, by field. */
interface Preset {
  readonly trigger: string;
  readonly fields: JsonObject;
}

/** Triggers and default fields (contract.md, section 3, "Presets"); *Rokt Browser Plugin* runs in the browser. */
const PRESETS: Readonly<Record<MappingEntry['preset'], Preset>> = {
  send: { trigger: 'event = "Order Completed"', fields: COMMON },
  'sync-engage-audience': {
    trigger: 'type = "identify"',
    fields: { ...COMMON, rtid: path('$.traits.rtid') },
  },
};

/** The trigger of a mapping: as the user gives it, or else its preset's. */
export function triggerOf({ trigger, preset }: MappingEntry): string {
  return trigger ?? PRESETS[preset].trigger;
}

/** What a mapping says of each field: as the user gives it, or else as its preset does. */
export function fieldsOf({ fields, preset }: MappingEntry): ReadonlyMap<string, JsonValue | undefined> {
  const all = Object.entries({ ...PRESETS[preset].fields, ...fields });
  return new Map(all.filter(([name]) => !IGNORED_FIELDS.has(name)));
}
