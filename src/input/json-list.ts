const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN = new Set([0x7b, 0x5b]);
const CLOSE = new Set([0x7d, 0x5d]);
/** As much of what comes after the list is kept, in bytes. */
const TAIL_BYTES = 1 << 16;

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

/** The bytes of a file from the opening bracket of a list to its closing one. */
export class ListBytes {
  #tail: Buffer[] = [];
  #tailLength = 0;

  /** The object's own texts that stand after the list; complete once all was read. */
  texts(): Readonly<Record<string, string>> {
    const text = Buffer.concat(this.#tail).toString('latin1');
    const texts: Record<string, string> = {};
    for (const [, key = '', value = ''] of text.matchAll(/"((?:[^"\\]|\\.)*)"\s*:\s*("(?:[^"\\]|\\.)*")/gs)) {
      texts[key] = decode(value);
    }
    return texts;
  }

  /** @param chunks the file from the list's opening bracket on. */
  async *read(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    let depth = 0;
    let inString = false;
    let escaped = false;
    let ended = false;
    for await (const chunk of chunks) {
      if (ended) {
        this.#keep(chunk);
        continue;
      }
      let at = 0;
      for (; at < chunk.length && !ended; at += 1) {
        const byte = chunk[at] ?? 0;
        if (escaped) escaped = false;
        else if (inString) {
          if (byte === BACKSLASH) escaped = true;
          else if (byte === QUOTE) inString = false;
        } else if (byte === QUOTE) inString = true;
        else if (OPEN.has(byte)) depth += 1;
        else if (CLOSE.has(byte)) {
          depth -= 1;
          ended = depth === 0;
        }
      }
      yield chunk.subarray(0, at);
      this.#keep(chunk.subarray(at));
    }
  }

  #keep(bytes: Buffer): void {
    if (this.#tailLength >= TAIL_BYTES) return;
    this.#tail.push(Buffer.from(bytes.subarray(0, TAIL_BYTES - this.#tailLength)));
    this.#tailLength += bytes.length;
  }
}
