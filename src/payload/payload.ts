import type { HashingDefaults } from '../config/load.js';
import { parseAmount } from '../input/values.js';
import type { JsonObject, JsonValue, MappedFields, Problem } from '../interfaces.js';
import { buildEventProperties, buildUserAttributes, checkValue } from './attributes.js';
import { batchJson, mostBytes } from './batch-json.js';
import { createRepeatHasher } from './hash.js';
import { buildDeviceInfo, buildIdentities, buildIp, isIdentified } from './identity.js';
import {
  MAX_BATCH_BYTES,
  MAX_EVENT_ATTRIBUTES,
  MAX_USER_ATTRIBUTES,
  SOURCE_REQUEST_ID_BYTES,
} from './limits.js';
import type { PayloadOptions } from './options.js';
import { createTimestampReader, type TimestampReader } from './timestamp.js';
import { asBoolean, asObject, asText, Rejection } from './values.js';
import type { BatchContent, EventDataItem, Scalar } from './wire.js';

/** Which path a batch goes to: `/bulkevents`, or `/bulkevents/historical`. */
export type Route = 'live' | 'historical';

/** A batch and what is known of it. */
export interface Payload {
  readonly batch: BatchContent;
  readonly route: Route;
  /** When it happened, in Unix ms. */
  readonly timestampMs: number;
  /** Whether the e-mail address was a SHA-256 already. */
  readonly emailCameHashed: boolean;
}

/** What the fields of one mapping became. */
export type PayloadResult =
  | { readonly kind: 'batch'; readonly payload: Payload; readonly warnings: readonly Problem[] }
  | { readonly kind: 'rejected'; readonly problem: Problem };

const NO_ATTRIBUTES: BatchContent['user_attributes'] = {};
const DAY_MS = 86_400_000;
/** Older events should not go to the live paths (contract.md, section 1). */
const LIVE_AGE_MS = 30 * DAY_MS;

/** Makes a function from mapped fields to a batch, for one run. Pure but for the options given here. */
export function createPayloadBuilder(options: PayloadOptions): (fields: MappedFields) => PayloadResult {
  const readTimestamp = createTimestampReader(options.timezone, options.dateOrder);
  const repeatHash = createRepeatHasher();
  return (fields) => {
    try {
      return build(fields, options, readTimestamp, repeatHash);
    } catch (error) {
      if (error instanceof Rejection) return { kind: 'rejected', problem: error.problem };
      throw error;
    }
  };
}

function build(
  fields: MappedFields,
  options: PayloadOptions,
  readTimestamp: TimestampReader,
  repeatHash: (text: string) => string,
): PayloadResult {
  const warnings: Problem[] = [];
  const details = asObject(fields.eventDetails);
  const messageId = asText(details.source_message_id);
  if (messageId === undefined) {
    throw new Rejection({
      code: 'MESSAGE_ID_MISSING',
      message: 'There is no message id; map one to eventDetails.source_message_id.',
      field: 'eventDetails.source_message_id',
    });
  }
  const timestampMs = timestampOf(details.timestamp_unixtime_ms, readTimestamp, options, warnings);
  const hashing = hashingOf(asObject(fields.hashingConfiguration), options.hashing);
  const rtid = asText(fields.rtid);
  const ip = buildIp(fields, warnings);
  const batch: { -readonly [Key in keyof BatchContent]: BatchContent[Key] } = {
    environment: options.environment,
    device_info: buildDeviceInfo(fields, warnings),
    user_identities: buildIdentities(fields, hashing.email),
    user_attributes: NO_ATTRIBUTES,
  };
  if (rtid !== undefined) {
    batch.integration_attributes = { '1277': { passbackconversiontrackingid: rtid } };
  }
  if (ip !== undefined) batch.ip = ip;
  if (!isIdentified(batch)) {
    throw new Rejection({
      code: 'IDENTIFIER_MISSING',
      message:
        'There is nothing to find the user by; give at least an email, customer id, RTID, device id, or an ip together with a user agent.',
    });
  }
  const attributes = buildUserAttributes(asObject(fields.user_attributes), hashing, repeatHash, warnings);
  const events: EventDataItem[] = [];
  const audience = audienceOf(fields);
  if (audience !== undefined) {
    attributes[`segment_${audience.name}`] = audience.member;
    events.push(
      eventOf('audiencemembershipupdate', 'other', `aud_${messageId}`, timestampMs, {
        audience_name: audience.name,
        status: audience.member ? 'add' : 'drop',
      }),
    );
  }
  const conversiontype = asText(details.conversiontype);
  if (conversiontype !== undefined) {
    const custom = conversionAttributes(conversiontype, details, asObject(fields.eventProperties), warnings);
    events.push(eventOf('conversion', 'transaction', messageId, timestampMs, custom));
  }
  if (Object.keys(attributes).length > MAX_USER_ATTRIBUTES) {
    throw tooManyAttributes('user_attributes', MAX_USER_ATTRIBUTES);
  }
  batch.user_attributes = attributes;
  if (events.length > 0) batch.events = events;
  if (isTooLarge(batch)) {
    throw new Rejection({
      code: 'BATCH_TOO_LARGE',
      message: `The batch has more than ${MAX_BATCH_BYTES / 1024} KB, so the server would drop it; map less into it.`,
    });
  }
  const route = routeOf(timestampMs, events.length, options, warnings);
  return {
    kind: 'batch',
    payload: { batch, route, timestampMs, emailCameHashed: cameHashed(fields, batch) },
    warnings,
  };
}

function isTooLarge(batch: BatchContent): boolean {
  const room = MAX_BATCH_BYTES - SOURCE_REQUEST_ID_BYTES;
  return mostBytes(batch) > room && Buffer.byteLength(batchJson(batch)) > room;
}

function cameHashed(fields: MappedFields, { user_identities: { other } }: BatchContent): boolean {
  return other !== undefined && asText(asObject(fields.user_identities).email)?.toLowerCase() === other;
}

function timestampOf(
  value: JsonValue | undefined,
  read: TimestampReader,
  options: PayloadOptions,
  warnings: Problem[],
): number {
  const field = 'eventDetails.timestamp_unixtime_ms';
  if ((typeof value !== 'string' && typeof value !== 'number') || asText(value) === undefined) {
    throw new Rejection({
      code: 'TIMESTAMP_MISSING',
      message: 'There is no timestamp; give the time of the event in a column such as timestamp.',
      field,
    });
  }
  const timestamp = read(value);
  if (timestamp === undefined) {
    throw new Rejection({
      code: 'TIMESTAMP_UNREADABLE',
      message:
        'The timestamp cannot be read; write ISO 8601 (2026-05-01T10:00:00Z), or Unix seconds or milliseconds; of dates such as 1/2/2026 say with source.dateOrder what comes first.',
      field,
    });
  }
  if (!timestamp.zoned) {
    warnings.push({
      code: 'TIMESTAMP_WITHOUT_ZONE',
      message: `The timestamp names no time zone; it is read as ${options.timezone} (set source.timezone).`,
      field,
    });
  }
  if (timestamp.ms > options.nowMs + DAY_MS) {
    warnings.push({
      code: 'TIMESTAMP_IN_FUTURE',
      message: "The timestamp is more than a day ahead of this machine's clock.",
      field,
    });
  }
  return timestamp.ms;
}

function routeOf(timestampMs: number, events: number, options: PayloadOptions, warnings: Problem[]): Route {
  if (events === 0 || options.nowMs - timestampMs <= LIVE_AGE_MS) return 'live';
  if (options.olderThan30Days === 'historical') return 'historical';
  const problem: Problem = {
    code: 'EVENT_OLDER_THAN_30_DAYS',
    message:
      options.olderThan30Days === 'reject'
        ? 'The event is older than 30 days, which delivery.olderThan30Days rejects.'
        : 'The event is older than 30 days; it is sent, but may disturb audience calculation (see delivery.olderThan30Days).',
    field: 'eventDetails.timestamp_unixtime_ms',
  };
  if (options.olderThan30Days === 'reject') throw new Rejection(problem);
  warnings.push(problem);
  return 'live';
}

function hashingOf(mapped: JsonObject, defaults: HashingDefaults): HashingDefaults {
  return {
    email: asBoolean(mapped.hashEmail) ?? defaults.email,
    firstName: asBoolean(mapped.hashFirstName) ?? defaults.firstName,
    lastName: asBoolean(mapped.hashLastName) ?? defaults.lastName,
    mobile: asBoolean(mapped.hashMobile) ?? defaults.mobile,
    billingZipcode: asBoolean(mapped.hashBillingZipcode) ?? defaults.billingZipcode,
  };
}

/** The audience and the membership: of Engage where it says both, else of `audienceDetails` (contract.md, section 3). */
function audienceOf(fields: MappedFields): { readonly name: string; readonly member: boolean } | undefined {
  const engage = asText(fields.engageAudienceName);
  if (engage !== undefined && asText(fields.computationAction) !== undefined) {
    const member = asBoolean(asObject(fields.traitsOrProps)[engage]);
    if (member !== undefined) return { name: engage, member };
  }
  const details = asObject(fields.audienceDetails);
  const name = asText(details.customAudienceName);
  const member = asBoolean(details.customAudienceMembership);
  return name === undefined || member === undefined ? undefined : { name, member };
}

function conversionAttributes(
  conversiontype: string,
  details: JsonObject,
  properties: JsonObject,
  warnings: Problem[],
): Record<string, Scalar> {
  const confirmationref = asText(details.confirmationref);
  const currency = asText(details.currency);
  const amount = amountOf(details.amount);
  const attributes = buildEventProperties(properties, warnings);
  attributes.conversiontype = checkValue(conversiontype, 'eventDetails.conversiontype');
  if (confirmationref !== undefined) {
    attributes.confirmationref = checkValue(confirmationref, 'eventDetails.confirmationref');
  }
  if (amount !== undefined) attributes.amount = amount;
  if (currency !== undefined) attributes.currency = checkValue(currency, 'eventDetails.currency');
  if (Object.keys(attributes).length > MAX_EVENT_ATTRIBUTES) {
    throw tooManyAttributes('eventProperties', MAX_EVENT_ATTRIBUTES);
  }
  return attributes;
}

function amountOf(value: JsonValue | undefined): number | undefined {
  if (value === undefined || value === null || (typeof value === 'string' && value.trim() === ''))
    return undefined;
  const amount = typeof value === 'string' ? parseAmount(value) : value;
  if (typeof amount === 'number' && Number.isFinite(amount)) return amount;
  throw new Rejection({
    code: 'AMOUNT_UNREADABLE',
    message: 'The amount cannot be read as one number; write 1234.50 (1,234 alone could mean two things).',
    field: 'eventDetails.amount',
  });
}

function eventOf(
  name: EventDataItem['data']['event_name'],
  type: EventDataItem['data']['custom_event_type'],
  id: string,
  timestampMs: number,
  custom: Record<string, Scalar>,
): EventDataItem {
  return {
    event_type: 'custom_event',
    data: {
      event_name: name,
      custom_event_type: type,
      source_message_id: id,
      timestamp_unixtime_ms: timestampMs,
      custom_attributes: custom,
    },
  };
}

function tooManyAttributes(field: string, limit: number): Rejection {
  return new Rejection({
    code: 'TOO_MANY_ATTRIBUTES',
    message: `There are more than ${limit} attributes, so the server would drop some; map fewer.`,
    field,
  });
}
