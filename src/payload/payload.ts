import type { RecordEvent } from '../input/input-record.js';
import { isNoId } from '../input/values.js';
import type { JsonValue, Problem } from '../interfaces.js';
import { Rejection } from '../mapping/errors.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { shortened } from '../printable.js';
import { checkName, createUserAttributesReader } from './attributes.js';
import { batchJson } from './batch-json.js';
import { conversionItem, createConversionReader } from './conversion.js';
import { readEventTime, routeOf } from './event-time.js';
import { createShapeCheck } from './field-shapes.js';
import { createHashingReader } from './hashing.js';
import { identifiersIn } from './identifiers.js';
import { createDeviceReader, createIdentityReader, readIp } from './identity.js';
import { MAX_BATCH_BYTES, MAX_USER_ATTRIBUTES } from './limits.js';
import { createMembershipReader, membershipItem } from './membership.js';
import type { PayloadOptions } from './options.js';
import { PlainValues } from './plain-values.js';
import type { Route } from './route.js';
import { SOURCE_REQUEST_ID_BYTES } from './source-request-id.js';
import { createTimestampReader } from './timestamp.js';
import { asText, idTextOf, isRounded, tooManyAttributes } from './values.js';
import type { BatchContent, EventDataItem } from './wire.js';

const MESSAGE_ID = 'eventDetails.source_message_id';

/** A batch and what is known of it. */
export interface Payload {
  readonly batch: BatchContent;
  readonly route: Route;
  /** When it happened, in Unix ms. */
  readonly timestampMs: number;
  /** See `ReadTimestamp`. */
  readonly atMidnight: boolean;
  /** Whether the e-mail address was a SHA-256 already. */
  readonly emailCameHashed: boolean;
}

/** What one mapping made of an event. */
export type PayloadResult =
  | { readonly kind: 'batch'; readonly payload: Payload; readonly warnings: readonly Problem[] }
  | { readonly kind: 'rejected'; readonly problem: Problem };

/** Makes a function from an event to the batch that a mapping has made of it, for one run. Pure but for `options`. */
export function createPayloadBuilder(
  fields: FieldReader,
  options: PayloadOptions,
): (event: RecordEvent) => PayloadResult {
  const build = createBuild(fields, options);
  return (event) => {
    const warnings: Problem[] = [];
    try {
      return { kind: 'batch', payload: build(event, warnings), warnings };
    } catch (error) {
      if (error instanceof Rejection) {
        return { kind: 'rejected', problem: error.problem };
      }
      throw error;
    }
  };
}

/** What it gives throws {@link Rejection}. */
function createBuild(
  fields: FieldReader,
  options: PayloadOptions,
): (event: RecordEvent, warnings: Problem[]) => Payload {
  const messageIdOf = fields.part('eventDetails', 'source_message_id');
  const timestampOf = fields.part('eventDetails', 'timestamp_unixtime_ms');
  const rtidOf = fields.whole('rtid');
  const ipOf = fields.whole('ip');
  const hashingOf = createHashingReader(fields, options.hashing);
  const readTimestamp = createTimestampReader(options.timezone, options.dateOrder);
  const readDevice = createDeviceReader(fields);
  const readIdentities = createIdentityReader(fields);
  const readAttributes = createUserAttributesReader(fields, options.dateOrder);
  const readMembership = createMembershipReader(fields);
  const readConversion = createConversionReader(fields);
  const checkShapes = createShapeCheck(fields);
  return (event, warnings) => {
    const messageId = readMessageId(messageIdOf(event));
    const { ms: timestampMs, atMidnight } = readEventTime(
      timestampOf(event),
      readTimestamp,
      options,
      warnings,
    );
    const hashing = hashingOf(event);
    checkShapes?.(event, warnings);
    const rtid = idTextOf(rtidOf(event), 'rtid', warnings);
    const ip = readIp(ipOf(event), warnings);
    const device = readDevice(event, warnings);
    const { identities, emailCameHashed } = readIdentities(event, rtid, hashing.email, warnings);
    const batch: { -readonly [Key in keyof BatchContent]: BatchContent[Key] } = {
      environment: options.environment,
      device_info: device,
      user_identities: identities,
      user_attributes: NO_ATTRIBUTES,
    };
    if (ip !== undefined) batch.ip = ip;
    if (identifiersIn(batch) === 0) {
      const unusable = warnings.find(({ code }) => code === 'EMAIL_UNUSABLE' || code === 'ID_UNUSABLE');
      throw new Rejection({
        code: 'IDENTIFIER_MISSING',
        message: `${unusable === undefined ? '' : `${unusable.message} `}The record has no identifier; give at least an e-mail address, customer id, RTID, device id, or an ip together with a user agent.`,
        ...(unusable === undefined ? {} : { field: unusable.field }),
      });
    }
    const plain = new PlainValues(hashing.email || emailCameHashed, warnings);
    plain.count(device.http_header_user_agent);
    plain.count(device.android_uuid);
    plain.count(ip);
    plain.count(identities.email);
    plain.see(identities.customerid, 'user_identities.customerid');
    plain.see(rtid, 'rtid');
    // Its JSON has it twice.
    plain.count(rtid);
    const attributes = readAttributes(event, hashing, plain, warnings);
    const events: EventDataItem[] = [];
    const membership = readMembership(event, warnings);
    if (membership !== undefined) {
      const name = `segment_${membership.name}`;
      attributes[checkName(name, `user_attributes.${shortened(name)}`)] = membership.member;
      plain.count(messageId);
      events.push(
        membershipItem(membership.name, membership.member ? 'add' : 'drop', messageId, timestampMs),
      );
    }
    const conversion = readConversion(event, plain, warnings);
    if (conversion !== undefined) {
      plain.see(messageId, MESSAGE_ID);
      events.push(conversionItem(conversion, messageId, timestampMs));
    }
    if (Object.keys(attributes).length > MAX_USER_ATTRIBUTES) {
      throw tooManyAttributes('user_attributes', MAX_USER_ATTRIBUTES);
    }
    batch.user_attributes = attributes;
    if (events.length > 0) batch.events = events;
    if (isTooLarge(batch, plain)) {
      throw new Rejection({
        code: 'BATCH_TOO_LARGE',
        message: `The batch has more than ${MAX_BATCH_BYTES / 1024} KB, so the server would drop it; map less into it.`,
      });
    }
    const route = routeOf(timestampMs, events.length, options, warnings);
    return { batch, route, timestampMs, atMidnight, emailCameHashed };
  };
}

/** @throws Rejection `MESSAGE_ID_MISSING`. */
function readMessageId(value: JsonValue | undefined): string {
  const messageId = asText(value);
  if (messageId === undefined) {
    throw withoutMessageId('There is no message id; map one to eventDetails.source_message_id.');
  }
  if (isRounded(messageId)) {
    throw withoutMessageId(
      'The message id is a number that a spreadsheet has rounded (5.81235E+12), so that others have the same one; export the file again, and do not save it in a spreadsheet.',
    );
  }
  if (isNoId(messageId)) {
    throw withoutMessageId(
      'The message id is what is written for none (N/A, None, -), which others have too; give the record its own, or leave it empty.',
    );
  }
  return messageId;
}

function withoutMessageId(message: string): Rejection {
  return new Rejection({ code: 'MESSAGE_ID_MISSING', message, field: MESSAGE_ID });
}

const NO_ATTRIBUTES: BatchContent['user_attributes'] = {};

function isTooLarge(batch: BatchContent, plain: PlainValues): boolean {
  const room = MAX_BATCH_BYTES - SOURCE_REQUEST_ID_BYTES;
  return plain.mostBytes > room && Buffer.byteLength(batchJson(batch)) > room;
}
