const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
/** As much of what comes after the list is kept, in bytes, lists and objects in it not counted. */
const OWN_BYTES = 1 << 20;

/** A list that is a property of the object that a JSON file holds. */
export interface JsonList {
  /** Where the list's opening bracket is, in bytes. */
  readonly offset: number;
  /** The object's own texts that stand before the list, by key. */
  readonly texts: Readonly<Record<string, string>>;
}

/**
 * Finds the list among the properties of the one object that a JSON file holds.
 *
 * @param head the beginning of the file.
 * @param names what the list may be called.
 * @returns undefined where the file holds something else, or nothing is found in its beginning.
 */
export function findList(head: Buffer, names: readonly string[]): JsonList | undefined {
  const text = head.toString('latin1');
  if (text.trimStart()[0] !== '{' || isLines(text)) return undefined;
  const texts: Record<string, string> = {};
  // A key at depth 1, and what its value begins with; or a bracket; or any other text.
  const token = /"((?:[^"\\]|\\.)*)"\s*(:?)\s*(?=("(?:[^"\\]|\\.)*"|\[)?)|[{}[\]]/gs;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, key, colon, value] = match;
    if (key === undefined) {
      depth += OPEN.has(whole.charCodeAt(0)) ? 1 : -1;
      if (depth === 0) return undefined;
    } else if (depth === 1 && colon === ':' && value !== undefined) {
      if (value === '[' && names.includes(key)) return { offset: token.lastIndex, texts };
      if (value !== '[') texts[key] = decode(value);
    }
  }
  return undefined;
}

/** Whether the first line is an object of its own, with others after it. */
function isLines(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split('\n');
  if (second.trim() === '') return false;
  try {
    JSON.parse(first);
    return true;
  } catch {
    return false;
  }
}

/** A JSON string of a text that was read as Latin-1. */
function decode(quoted: string): string {
  const parsed: unknown = JSON.parse(Buffer.from(quoted, 'latin1').toString('utf8'));
  return String(parsed);
}

/** The texts of an object that stand beside the list in it. */
export interface ListTexts {
  /** Those before the list, by key. */
  readonly before: Readonly<Record<string, string>>;
  /** Those after it, by key; only once the list was read to its end. */
  readonly after: () => Readonly<Record<string, string>>;
}

/** The bytes of a file from the opening bracket of a list to its closing one. */
export class ListBytes {
  readonly #nesting = new Nesting();
  #ended = false;
  /** What comes after the list, without what is in other lists and objects. */
  readonly #own: Buffer[] = [];
  #ownLength = 0;

  /** See {@link ListTexts}. */
  after(): Readonly<Record<string, string>> {
    const text = Buffer.concat(this.#own).toString('latin1');
    const texts: Record<string, string> = {};
    // Each text, and the one that it is the key of.
    const pairs = /"((?:[^"\\]|\\.)*)"(?:\s*:\s*("(?:[^"\\]|\\.)*"))?/gs;
    for (const [, key = '', value] of text.matchAll(pairs)) {
      if (value !== undefined) texts[key] = decode(value);
    }
    return texts;
  }

  /** @param chunks the file from the list's opening bracket on. */
  async *read(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    for await (const chunk of chunks) {
      let at = 0;
      if (!this.#ended) {
        while (at < chunk.length && !this.#ended) {
          at = this.#nesting.next(chunk, at);
          this.#ended = this.#nesting.depth === 0;
        }
        yield chunk.subarray(0, at);
      }
      this.#keepOwn(chunk.subarray(at));
    }
  }

  /** @param bytes of what comes after the list. */
  #keepOwn(bytes: Buffer): void {
    let at = 0;
    while (at < bytes.length && this.#nesting.depth >= 0) {
      const isOwn = this.#nesting.depth === 0;
      const end = this.#nesting.next(bytes, at);
      if (isOwn && this.#ownLength < OWN_BYTES) {
        this.#own.push(Buffer.from(bytes.subarray(at, end)));
        this.#ownLength += end - at;
      }
      at = end;
    }
  }
}

/** How many lists and objects are open, in bytes of JSON that come piece by piece. */
class Nesting {
  /** Negative where one was closed that was open before the first byte. */
  depth = 0;
  #inString = false;
  #escaped = false;

  /** Goes on behind the next bracket. @returns where that is, or the end of `bytes`. */
  next(bytes: Buffer, from: number): number {
    let inString = this.#inString;
    let escaped = this.#escaped;
    let at = from;
    for (let found = false; at < bytes.length && !found; at += 1) {
      const byte = bytes[at] ?? 0;
      if (escaped) escaped = false;
      else if (inString) {
        if (byte === BACKSLASH) escaped = true;
        else if (byte === QUOTE) inString = false;
      } else if (byte === QUOTE) inString = true;
      else if (OPEN.has(byte)) {
        this.depth += 1;
        found = true;
      } else if (CLOSE.has(byte)) {
        this.depth -= 1;
        found = true;
      }
    }
    this.#inString = inString;
    this.#escaped = escaped;
    return at;
  }
}
