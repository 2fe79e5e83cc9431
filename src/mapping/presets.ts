import type { MappingEntry } from '../config/config.js';
import type { JsonObject } from '../interfaces.js';

/** What a mapping does where the user does not say otherwise. */
export interface Preset {
  /** FQL. */
  readonly trigger: string;
  /** Directives, by field; what no directive can say is in `built-in.ts`. */
  readonly fields: JsonObject;
}

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

/** Triggers and default fields (contract.md, section 3, "Presets"); *Rokt Browser Plugin* runs in the browser. */
export const PRESETS: Readonly<Record<MappingEntry['preset'], Preset>> = {
  send: { trigger: 'event = "Order Completed"', fields: COMMON },
  'sync-engage-audience': {
    trigger: 'type = "identify"',
    fields: { ...COMMON, rtid: path('$.traits.rtid') },
  },
};
