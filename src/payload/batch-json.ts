import { JsonWriter, utf8Piece } from './json-writer.js';
import type { BatchContent, BatchSubject, EventDataItem, EventKind, Scalar, UserAttribute } from './wire.js';

/**
 * Writes the JSON of a batch, with the RTID also under `integration_attributes` (contract.md, section 2). Besides that
 * it is what `JSON.stringify` gives: put together from what is known of its shape, in a third of the time.
 */
export function writeBatch(json: JsonWriter, batch: BatchContent): void {
  const { user_attributes: attributes, events } = batch;
  writeOpenSubject(json, batch);
  json.piece(USER_ATTRIBUTES);
  writeRecord(json, attributes, USER_NAMES);
  if (events !== undefined) {
    json.piece(EVENTS);
    for (let at = 0; at < events.length; at += 1) {
      if (at > 0) json.byte(COMMA);
      const event = events[at];
      if (event !== undefined) writeEvent(json, event);
    }
    json.byte(CLOSE_LIST);
  }
  json.byte(CLOSE);
}

/** What {@link writeBatch} writes, as a text. */
export function batchJson(batch: BatchContent): string {
  SCRATCH.end = 0;
  writeBatch(SCRATCH, batch);
  return SCRATCH.toString();
}

/** The JSON of the part of a batch that says who and where, as {@link writeBatch} writes it. */
export function subjectJson(subject: BatchSubject): string {
  SCRATCH.end = 0;
  writeOpenSubject(SCRATCH, subject);
  SCRATCH.byte(CLOSE);
  return SCRATCH.toString();
}

/** Memory to make texts in, used again each time: it holds nothing from one call to the next. */
const SCRATCH = new JsonWriter();

const [CLOSE, OPEN_LIST, CLOSE_LIST, COMMA] = [0x7d, 0x5b, 0x5d, 0x2c];
const EMPTY = utf8Piece('{}');
const NULL = utf8Piece('null');
const TRUE = utf8Piece('true');
const FALSE = utf8Piece('false');
const DEVICE_OF = {
  production: utf8Piece('{"environment":"production","device_info":'),
  development: utf8Piece('{"environment":"development","device_info":'),
} as const;
const IDENTITIES = utf8Piece(',"user_identities":');
const PASSBACK = utf8Piece(',"integration_attributes":{"1277":{"passbackconversiontrackingid":');
const CLOSE_PASSBACK = utf8Piece('}}');
const IP = utf8Piece(',"ip":');
const USER_ATTRIBUTES = utf8Piece(',"user_attributes":');
const EVENTS = utf8Piece(',"events":[');

/**
 * The JSON of the names of one kind of record, with what stands before them and their colon. They come up again with
 * every record, and mostly in the same order: so what was last at a place is tried first.
 */
class KnownNames {
  readonly #first = new Map<string, Uint8Array>();
  readonly #next = new Map<string, Uint8Array>();
  readonly #lastNames: string[] = [];
  readonly #lastJson: Uint8Array[] = [];

  /** @param place of the name in the record, from 0. */
  json(name: string, place: number): Uint8Array {
    const last = this.#lastJson[place];
    if (last !== undefined && this.#lastNames[place] === name) return last;
    const json = this.#find(name, place === 0);
    this.#lastNames[place] = name;
    this.#lastJson[place] = json;
    return json;
  }

  #find(name: string, isFirst: boolean): Uint8Array {
    const known = isFirst ? this.#first : this.#next;
    const found = known.get(name);
    if (found !== undefined) return found;
    const json = utf8Piece(`${isFirst ? '{' : ','}${JSON.stringify(name)}:`);
    if (known.size < MAX_KNOWN_NAMES) known.set(name, json);
    return json;
  }
}

const MAX_KNOWN_NAMES = 1_000;
const DEVICE_NAMES = new KnownNames();
const IDENTITY_NAMES = new KnownNames();
const USER_NAMES = new KnownNames();
const CUSTOM_NAMES = new KnownNames();

/** The part that says who and where, without its last bracket. */
function writeOpenSubject(
  json: JsonWriter,
  { environment, device_info: device, user_identities: identities, ip }: BatchSubject,
): void {
  const rtid = identities.other2;
  json.piece(DEVICE_OF[environment]);
  writeRecord(json, device, DEVICE_NAMES);
  json.piece(IDENTITIES);
  writeRecord(json, identities, IDENTITY_NAMES);
  if (rtid !== undefined) {
    json.piece(PASSBACK);
    json.text(rtid);
    json.piece(CLOSE_PASSBACK);
  }
  if (ip !== undefined) {
    json.piece(IP);
    json.text(ip);
  }
}

const OPEN_EVENT = {
  conversion: openEvent({ event_name: 'conversion', custom_event_type: 'transaction' }),
  audiencemembershipupdate: openEvent({
    event_name: 'audiencemembershipupdate',
    custom_event_type: 'other',
  }),
} as const;
const TIMESTAMP = utf8Piece(',"timestamp_unixtime_ms":');
const CUSTOM_ATTRIBUTES = utf8Piece(',"custom_attributes":');
const CLOSE_EVENT = utf8Piece('}}');

function openEvent({ event_name: name, custom_event_type: type }: EventKind): Uint8Array {
  return utf8Piece(
    `{"event_type":"custom_event","data":{"event_name":"${name}","custom_event_type":"${type}","source_message_id":`,
  );
}

function writeEvent(json: JsonWriter, { data }: EventDataItem): void {
  json.piece(OPEN_EVENT[data.event_name]);
  json.text(data.source_message_id);
  json.piece(TIMESTAMP);
  writeNumber(json, data.timestamp_unixtime_ms);
  json.piece(CUSTOM_ATTRIBUTES);
  writeRecord(json, data.custom_attributes, CUSTOM_NAMES);
  json.piece(CLOSE_EVENT);
}

function writeRecord(
  json: JsonWriter,
  record: Readonly<Record<string, UserAttribute | undefined>>,
  names: KnownNames,
): void {
  let written = 0;
  // V8 reads a property by the place that `for in` found it at, without looking for its name.
  for (const name in record) {
    const value = record[name];
    if (value === undefined) continue;
    json.piece(names.json(name, written));
    written += 1;
    if (typeof value === 'string') json.text(value);
    // What JSON has for a number that is not finite, where the batch itself was read from JSON.
    else if (value === null) json.piece(NULL);
    else if (typeof value === 'object') writeList(json, value);
    else writeScalar(json, value);
  }
  if (written === 0) json.piece(EMPTY);
  else json.byte(CLOSE);
}

function writeList(json: JsonWriter, list: readonly Scalar[]): void {
  json.byte(OPEN_LIST);
  for (const [at, value] of list.entries()) {
    if (at > 0) json.byte(COMMA);
    writeScalar(json, value);
  }
  json.byte(CLOSE_LIST);
}

function writeScalar(json: JsonWriter, value: Scalar): void {
  if (typeof value === 'string') json.text(value);
  else if (typeof value === 'boolean') json.piece(value ? TRUE : FALSE);
  else writeNumber(json, value);
}

function writeNumber(json: JsonWriter, value: number): void {
  if (Number.isFinite(value)) json.number(value);
  else json.piece(NULL);
}
