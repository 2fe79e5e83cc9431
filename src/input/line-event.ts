import type { JsonObject, JsonValue, RecordSource, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { idOf } from './event.js';
import { LinePlaces } from './line-places.js';
import { LineScanner } from './line-scanner.js';
import { isBlank, trimmed } from './values.js';

/** The event of a line of NDJSON, of which only the places are parsed that are read; all of it where it is asked for. */
export class LineEvent {
  readonly places: LinePlaces;
  readonly messageId: string;
  /** By their slots in `places`; what was first asked for later is not among them. */
  readonly values: readonly (JsonValue | undefined)[];
  readonly #bytes: string;
  #whole: SegmentEvent | undefined;

  /** @param bytes the line's, a character for each. */
  constructor(
    places: LinePlaces,
    messageId: string,
    values: readonly (JsonValue | undefined)[],
    bytes: string,
  ) {
    this.places = places;
    this.messageId = messageId;
    this.values = values;
    this.#bytes = bytes;
  }

  /** The event, parsed once. */
  get whole(): SegmentEvent {
    this.#whole ??= parseEvent(this.#bytes);
    return this.#whole;
  }
}

/** The source of a record that is a {@link LineEvent}. */
export class LineSource {
  readonly kind = 'object';
  readonly #event: LineEvent;

  constructor(event: LineEvent) {
    this.#event = event;
  }

  /** The whole event. */
  get value(): JsonObject {
    return this.#event.whole;
  }

  /** The same as plain data: `JSON.stringify` leaves out what is not an own property. */
  toJSON(): RecordSource {
    return { kind: this.kind, value: this.value };
  }
}

/** Reads lines that are events just as they are: nothing has to be moved, added or repaired. */
export class LineEventReader {
  readonly #places = new LinePlaces();
  readonly #scanner = new LineScanner(this.#places);
  readonly #objects = (['properties', 'traits'] as const).map((key) => this.#places.nodeOf([key]));
  /** A line of a rejects file has its record in it. */
  readonly #record = this.#places.nodeOf(['record']);
  readonly #type = this.#places.slotOf(['type']) ?? 0;
  readonly #event = this.#places.slotOf(['event']) ?? 0;
  readonly #userId = this.#places.slotOf(['userId']) ?? 0;
  /** What it may be called instead. */
  readonly #otherUserId = this.#places.nodeOf(['user_id']);
  readonly #messageId = this.#places.slotOf(['messageId']) ?? 0;

  /**
   * Reads the line that the bytes from `start` up to `end` are.
   *
   * @param text a character for each byte (`latin1`).
   * @returns undefined where it is another one: then it has to be parsed as a whole.
   */
  read(bytes: Buffer, text: string, start: number, end: number): LineEvent | undefined {
    const values = this.#scanner.scan(bytes, text, start, end);
    if (values === undefined || this.#places.has(this.#record)) return undefined;
    if (!this.#objects.some((node) => node.isObject && this.#places.has(node))) return undefined;
    const type = values[this.#type];
    if (typeof type !== 'string' || isBlank(type) || trimmed(type) !== type) return undefined;
    if (type === 'track' && idOf(values[this.#event]) === undefined) return undefined;
    const userId = values[this.#userId];
    if (typeof userId === 'number') return undefined;
    if (idOf(userId) === undefined && this.#places.has(this.#otherUserId)) return undefined;
    const messageId = values[this.#messageId];
    if (typeof messageId !== 'string' || isBlank(messageId)) return undefined;
    return new LineEvent(this.#places, messageId, values, text.slice(start, end));
  }
}

function parseEvent(bytes: string): SegmentEvent {
  const value: JsonValue = JSON.parse(Buffer.from(bytes, 'latin1').toString('utf8'));
  if (!isJsonObject(value) || !isEvent(value)) throw new Error('The line is no event.');
  return value;
}

function isEvent(value: JsonObject): value is SegmentEvent {
  return typeof value.type === 'string' && typeof value.messageId === 'string';
}
