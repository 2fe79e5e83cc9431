import type { BatchContent, BatchSubject, EventDataItem, Scalar, UserAttribute } from './wire.js';

/** What JSON has to escape, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON escapes
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * JSON of the parts of a batch, put together from what is known of their shape. What it gives is what `JSON.stringify`
 * gives, in a third of the time.
 */
export function subjectJson({
  environment,
  device_info: device,
  user_identities: identities,
  integration_attributes: integrations,
  ip,
}: BatchSubject): string {
  const rtid = integrations?.['1277'].passbackconversiontrackingid;
  const passback =
    rtid === undefined
      ? ''
      : `,"integration_attributes":{"1277":{"passbackconversiontrackingid":${textJson(rtid)}}}`;
  const address = ip === undefined ? '' : `,"ip":${textJson(ip)}`;
  return `{"environment":"${environment}","device_info":${recordJson(device)},"user_identities":${recordJson(identities)}${passback}${address}}`;
}

/** `subject`: JSON of the batch's subject. */
export function batchJson(subject: string, { user_attributes: attributes, events }: BatchContent): string {
  const list = events === undefined ? '' : `,"events":[${events.map(eventJson).join(',')}]`;
  return `${subject.slice(0, -1)},"user_attributes":${recordJson(attributes)}${list}}`;
}

function eventJson({ data }: EventDataItem): string {
  return `{"event_type":"custom_event","data":{"event_name":"${data.event_name}","custom_event_type":"${data.custom_event_type}","source_message_id":${textJson(data.source_message_id)},"timestamp_unixtime_ms":${data.timestamp_unixtime_ms},"custom_attributes":${recordJson(data.custom_attributes)}}}`;
}

function recordJson(record: Readonly<Record<string, UserAttribute | undefined>>): string {
  let json = '';
  for (const name of Object.keys(record)) {
    const value = record[name];
    if (value !== undefined) json += `${json === '' ? '{' : ','}${nameJson(name)}${valueJson(value)}`;
  }
  return json === '' ? '{}' : `${json}}`;
}

/** The JSON of names with their colon: they come up again with every record. */
const knownNames = new Map<string, string>();
const MAX_KNOWN_NAMES = 1_000;

function nameJson(name: string): string {
  const known = knownNames.get(name);
  if (known !== undefined) return known;
  const json = `${textJson(name)}:`;
  if (knownNames.size < MAX_KNOWN_NAMES) knownNames.set(name, json);
  return json;
}

function valueJson(value: UserAttribute): string {
  return typeof value === 'object' ? `[${value.map(scalarJson).join(',')}]` : scalarJson(value);
}

function scalarJson(value: Scalar): string {
  if (typeof value === 'string') return textJson(value);
  return Number.isFinite(value) || typeof value === 'boolean' ? `${value}` : 'null';
}

function textJson(text: string): string {
  return SPECIAL.test(text) ? JSON.stringify(text) : `"${text}"`;
}
