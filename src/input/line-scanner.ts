import type { JsonValue } from '../interfaces.js';
import type { LinePlaces, PlaceNode } from './line-places.js';

const [QUOTE, BACKSLASH, COLON, COMMA, SPACE] = [0x22, 0x5c, 0x3a, 0x2c, 0x20];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];
const [MINUS, PLUS, POINT, ZERO, NINE] = [0x2d, 0x2b, 0x2e, 0x30, 0x39];
/** What may stand after a backslash, but for `u`. */
const ESCAPES = new Set(Array.from('"\\/bfnrt', (char) => char.charCodeAt(0)));
const WORDS: readonly { readonly bytes: Buffer; readonly value: JsonValue }[] = [
  { bytes: Buffer.from('true'), value: true },
  { bytes: Buffer.from('false'), value: false },
  { bytes: Buffer.from('null'), value: null },
];
/** Objects and lists deeper in each other are left to JSON.parse. */
const MAX_DEPTH = 50;
/** An integer of so many digits may be beyond 2^53. */
const LONG_NUMBER_DIGITS = 16;
const NOWHERE = -1;

/**
 * Looks through a JSON object for what stands at some places, and makes no more of it than that, in a third of the time
 * that JSON.parse takes for all of it. Takes only what is plainly written; of that it says just what JSON.parse does.
 */
export class LineScanner {
  readonly #places: LinePlaces;
  #bytes: Buffer = Buffer.alloc(0);
  #text = '';
  #values: (JsonValue | undefined)[] = [];

  constructor(places: LinePlaces) {
    this.#places = places;
  }

  /**
   * Looks through the object that the bytes from `start` up to `end` are.
   *
   * @param bytes UTF-8.
   * @param text a character for each of the bytes (`latin1`).
   * @returns the values by their places; undefined where it is not plainly written, no object, or no JSON at all.
   */
  scan(
    bytes: Buffer,
    text: string,
    start: number,
    end: number,
  ): readonly (JsonValue | undefined)[] | undefined {
    const { root, size } = this.#places.begin();
    this.#bytes = bytes;
    this.#text = text;
    this.#values = new Array<JsonValue | undefined>(size).fill(undefined);
    if (bytes[start] !== OPEN_OBJECT) return undefined;
    return this.#object(start, root, 0) === end ? this.#values : undefined;
  }

  /** Each of these gives where what begins at `start` ends, or {@link NOWHERE}. */
  #object(start: number, node: PlaceNode | undefined, depth: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpaces(start + 1);
    if (bytes[at] === CLOSE_OBJECT) return at + 1;
    for (;;) {
      if (bytes[at] !== QUOTE) return NOWHERE;
      at += 1;
      const child = node === undefined ? undefined : this.#places.childOf(node, bytes, at);
      // Of a key that stands twice the last one counts.
      if (child !== undefined && !this.#places.visit(child)) return NOWHERE;
      at = child === undefined ? this.#skipKey(at) : at + child.key.length + 1;
      if (at === NOWHERE || bytes[at] !== COLON) return NOWHERE;
      at = this.#value(this.#skipSpaces(at + 1), child, depth);
      if (at === NOWHERE) return NOWHERE;
      at = this.#skipSpaces(at);
      if (bytes[at] === CLOSE_OBJECT) return at + 1;
      if (bytes[at] !== COMMA) return NOWHERE;
      at = this.#skipSpaces(at + 1);
    }
  }

  /** Past the quote after a key. */
  #skipKey(start: number): number {
    const bytes = this.#bytes;
    let at = start;
    for (let code = bytes[at] ?? 0; code !== QUOTE; code = bytes[at] ?? 0) {
      if (code === BACKSLASH || code < SPACE) return NOWHERE;
      at += 1;
    }
    return at + 1;
  }

  #list(start: number, depth: number): number {
    const bytes = this.#bytes;
    let at = this.#skipSpaces(start + 1);
    if (bytes[at] === CLOSE_LIST) return at + 1;
    for (;;) {
      at = this.#value(at, undefined, depth);
      if (at === NOWHERE) return NOWHERE;
      at = this.#skipSpaces(at);
      if (bytes[at] === CLOSE_LIST) return at + 1;
      if (bytes[at] !== COMMA) return NOWHERE;
      at = this.#skipSpaces(at + 1);
    }
  }

  #value(start: number, node: PlaceNode | undefined, depth: number): number {
    const first = this.#bytes[start];
    if (first === QUOTE) return this.#string(start, node);
    if (first === OPEN_OBJECT || first === OPEN_LIST) {
      if (depth === MAX_DEPTH) return NOWHERE;
      const inner = node?.children.length === 0 ? undefined : node;
      const end = first === OPEN_LIST ? this.#list(start, depth + 1) : this.#object(start, inner, depth + 1);
      if (node === undefined || end === NOWHERE) return end;
      node.isObject = first === OPEN_OBJECT;
      if (node.slot >= 0) this.#values[node.slot] = this.#parse(start, end);
      return end;
    }
    if (first === MINUS || isDigit(first)) return this.#number(start, node);
    return this.#word(start, node);
  }

  #string(start: number, node: PlaceNode | undefined): number {
    const bytes = this.#bytes;
    let at = start + 1;
    let isEscaped = false;
    let all = 0;
    for (let code = bytes[at] ?? 0; code !== QUOTE; code = bytes[at] ?? 0) {
      if (code < SPACE) return NOWHERE;
      all |= code;
      if (code === BACKSLASH) {
        isEscaped = true;
        // Four hexadecimal digits are left to JSON.parse.
        if (!ESCAPES.has(bytes[at + 1] ?? 0)) return NOWHERE;
        at += 1;
      }
      at += 1;
    }
    const slot = node?.slot ?? NOWHERE;
    if (slot >= 0) {
      this.#values[slot] = isEscaped
        ? this.#parse(start, at + 1)
        : all < 0x80
          ? this.#text.slice(start + 1, at)
          : bytes.toString('utf8', start + 1, at);
    }
    return at + 1;
  }

  #number(start: number, node: PlaceNode | undefined): number {
    const bytes = this.#bytes;
    const from = bytes[start] === MINUS ? start + 1 : start;
    let at = this.#skipDigits(from);
    const digits = at - from;
    if (digits === 0 || digits >= LONG_NUMBER_DIGITS || (digits > 1 && bytes[from] === ZERO)) return NOWHERE;
    if (bytes[at] === POINT) {
      const fraction = at + 1;
      at = this.#skipDigits(fraction);
      if (at === fraction) return NOWHERE;
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      const sign = bytes[at + 1];
      const exponent = sign === PLUS || sign === MINUS ? at + 2 : at + 1;
      at = this.#skipDigits(exponent);
      if (at === exponent) return NOWHERE;
    }
    if (node !== undefined && node.slot >= 0) this.#values[node.slot] = Number(this.#text.slice(start, at));
    return at;
  }

  #word(start: number, node: PlaceNode | undefined): number {
    for (const { bytes, value } of WORDS) {
      if (!bytes.every((byte, index) => this.#bytes[start + index] === byte)) continue;
      if (node !== undefined && node.slot >= 0) this.#values[node.slot] = value;
      return start + bytes.length;
    }
    return NOWHERE;
  }

  #skipSpaces(start: number): number {
    let at = start;
    while (this.#bytes[at] === SPACE) at += 1;
    return at;
  }

  #skipDigits(start: number): number {
    let at = start;
    while (isDigit(this.#bytes[at])) at += 1;
    return at;
  }

  #parse(start: number, end: number): JsonValue {
    return JSON.parse(this.#bytes.toString('utf8', start, end));
  }
}

function isDigit(code: number | undefined): boolean {
  return code !== undefined && code >= ZERO && code <= NINE;
}
