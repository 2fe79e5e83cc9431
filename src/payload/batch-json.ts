import type { BatchContent, BatchSubject, EventDataItem, Scalar, UserAttribute } from './wire.js';

/** What JSON has to escape, and halves of surrogate pairs. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what JSON escapes
const SPECIAL = /["\\\u0000-\u001f\ud800-\udfff]/;

/**
 * JSON of the parts of a batch, put together from what is known of their shape, with the RTID also under
 * `integration_attributes` (contract.md, section 2). Besides that it is what `JSON.stringify` gives, in a third of the
 * time.
 */
export function subjectJson(subject: BatchSubject): string {
  return `${openSubjectJson(subject)}}`;
}

/** {@link subjectJson} without its last bracket. */
function openSubjectJson({
  environment,
  device_info: device,
  user_identities: identities,
  ip,
}: BatchSubject): string {
  const rtid = identities.other2;
  const passback =
    rtid === undefined
      ? ''
      : `,"integration_attributes":{"1277":{"passbackconversiontrackingid":${textJson(rtid)}}}`;
  const address = ip === undefined ? '' : `,"ip":${textJson(ip)}`;
  return `{"environment":"${environment}","device_info":${recordJson(device)},"user_identities":${recordJson(identities)}${passback}${address}`;
}

/** See {@link subjectJson}. */
export function batchJson(batch: BatchContent): string {
  const { user_attributes: attributes, events } = batch;
  const list = events === undefined ? '' : `,"events":[${listJson(events, eventJson)}]`;
  return `${openSubjectJson(batch)},"user_attributes":${recordJson(attributes)}${list}}`;
}

function eventJson({ data }: EventDataItem): string {
  return `{"event_type":"custom_event","data":{"event_name":"${data.event_name}","custom_event_type":"${data.custom_event_type}","source_message_id":${textJson(data.source_message_id)},"timestamp_unixtime_ms":${timeJson(data.timestamp_unixtime_ms)},"custom_attributes":${recordJson(data.custom_attributes)}}}`;
}

function recordJson(record: Readonly<Record<string, UserAttribute | undefined>>): string {
  let json = '';
  // V8 reads a property by the place that `for in` found it at, without looking for its name.
  for (const name in record) {
    const value = record[name];
    if (value === undefined) continue;
    json += (json === '' ? FIRST_NAMES : NEXT_NAMES).json(name);
    json += typeof value === 'string' ? textJson(value) : valueJson(value);
  }
  return json === '' ? '{}' : `${json}}`;
}

/** The JSON of names with what stands before them, and their colon: they come up again with every record. */
class KnownNames {
  readonly #before: string;
  readonly #known = new Map<string, string>();

  constructor(before: string) {
    this.#before = before;
  }

  json(name: string): string {
    const known = this.#known.get(name);
    if (known !== undefined) return known;
    const json = `${this.#before}${textJson(name)}:`;
    if (this.#known.size < MAX_KNOWN_NAMES) this.#known.set(name, json);
    return json;
  }
}

const MAX_KNOWN_NAMES = 1_000;
const FIRST_NAMES = new KnownNames('{');
const NEXT_NAMES = new KnownNames(',');

/** A time in Unix ms, whole. In two parts: V8 writes small numbers in a third of the time. */
function timeJson(timeMs: number): string {
  const high = Math.floor(timeMs / TIME_PART);
  if (high <= 0 || !Number.isSafeInteger(timeMs)) return `${timeMs}`;
  return `${high}${`${timeMs - high * TIME_PART + TIME_PART}`.slice(1)}`;
}

const TIME_PART = 1_000_000;

function listJson<Item>(items: readonly Item[], json: (item: Item) => string): string {
  const [only] = items;
  return only !== undefined && items.length === 1 ? json(only) : items.map(json).join(',');
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

/** What JSON adds to the texts of a batch that has no events and no attributes: more than all its fixed names. */
const FRAME_BYTES = 500;
/** The same of an event. */
const EVENT_BYTES = 300;
/** Of a name and its value, what JSON puts around them; and a number's digits. */
const ENTRY_BYTES = 40;
/** The most bytes of JSON that a UTF-16 code unit takes: `\u0000`. */
const UNIT_BYTES = 6;

/** So many bytes the JSON of a batch has at most: found out from the lengths of its texts alone. */
export function mostBytes({
  device_info: device,
  user_identities: identities,
  ip,
  user_attributes: attributes,
  events = [],
}: BatchContent): number {
  const units = unitsOf(device) + unitsOf(identities) + (identities.other2?.length ?? 0) + (ip?.length ?? 0);
  let most = FRAME_BYTES + (units + unitsOf(attributes)) * UNIT_BYTES;
  for (const { data } of events) {
    most += EVENT_BYTES + (data.source_message_id.length + unitsOf(data.custom_attributes)) * UNIT_BYTES;
  }
  return most;
}

function unitsOf(record: Readonly<Record<string, UserAttribute | undefined>>): number {
  let units = 0;
  for (const name in record) units += name.length + unitsOfValue(record[name]) + ENTRY_BYTES;
  return units;
}

function unitsOfValue(value: UserAttribute | undefined): number {
  if (typeof value === 'string') return value.length;
  if (typeof value !== 'object') return 0;
  return value.reduce<number>((units, entry) => units + unitsOfValue(entry) + ENTRY_BYTES, 0);
}
