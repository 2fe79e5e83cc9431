import { UserError } from '../errors.js';
import type { JsonObject } from '../interfaces.js';
import { isJson } from './detect.js';
import { JsonNesting } from './json-nesting.js';

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
 * @param file its path, or `-`.
 * @returns undefined where the file holds something else; `further on` where the object goes on behind `head`.
 * @throws UserError `AUDIENCE_TRUNCATED` where what stands before the list is no JSON.
 */
export function findList(
  head: Buffer,
  names: readonly string[],
  file: string,
): JsonList | 'further on' | undefined {
  const text = head.toString('latin1');
  if (text.trimStart()[0] !== '{' || isLines(text)) return undefined;
  // A key, and whether it is a list's; or a bracket; or any other text, also one that goes on behind the head.
  const token = /"([^"\\]*(?:\\.[^"\\]*)*)(?:"\s*(:?)\s*(?=(\[)?)|\\?$)|[{}[\]]/gs;
  let depth = 0;
  for (let match = token.exec(text); match !== null; match = token.exec(text)) {
    const [whole, key, colon, list] = match;
    if (key === undefined) {
      depth += whole === '{' || whole === '[' ? 1 : -1;
      if (depth === 0) return undefined;
    } else if (depth === 1 && colon === ':' && list !== undefined && names.includes(key)) {
      const offset = token.lastIndex;
      return { offset, texts: textsIn(`${head.toString('utf8', 0, offset)}null}`, file) };
    }
  }
  return 'further on';
}

/** Whether the first line is an object of its own, with others after it. */
function isLines(text: string): boolean {
  const [first = '', second = ''] = text.trimStart().split('\n');
  return second.trim() !== '' && isJson(first);
}

/** The texts among the properties of an object, by key. */
function textsIn(json: string, file: string): Readonly<Record<string, string>> {
  const texts: Record<string, string> = {};
  for (const [key, value] of Object.entries(parseObject(json, file))) {
    if (typeof value === 'string') texts[key] = value;
  }
  return texts;
}

function parseObject(json: string, file: string): JsonObject {
  try {
    // `parseJson` would make texts of long numbers.
    const object: JsonObject = JSON.parse(json);
    return object;
  } catch (cause) {
    throw new UserError(
      'AUDIENCE_TRUNCATED',
      'The file ends early, or is not valid JSON outside its list: people missing from it may not have left.',
      { hint: 'Export it again; nothing was sent.', place: { file }, cause },
    );
  }
}

/** The texts of an object that stand beside the list in it. */
export interface ListTexts {
  /** Those before the list, by key. */
  readonly before: Readonly<Record<string, string>>;
  /**
   * Those after it, by key; only once the list was read to its end.
   *
   * @throws UserError `AUDIENCE_TRUNCATED` where the object is not closed, or that is no JSON.
   */
  readonly after: () => Readonly<Record<string, string>>;
}

/** The bytes of a file from the opening bracket of a list to its closing one. */
export class ListBytes {
  readonly #file: string;
  readonly #nesting = new JsonNesting();
  #ended = false;
  /** What comes after the list up to the object's end, without what is in other lists and objects. */
  readonly #own: Buffer[] = [];

  constructor(file: string) {
    this.#file = file;
  }

  /** See {@link ListTexts}. */
  after(): Readonly<Record<string, string>> {
    // Where the list has no end, its records say why.
    if (!this.#ended) return {};
    return textsIn(`{"":null${Buffer.concat(this.#own).toString('utf8')}`, this.#file);
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
      const wasOwn = this.#nesting.depth === 0;
      const end = this.#nesting.next(bytes, at);
      const isOwn = this.#nesting.depth <= 0;
      // Of another list or object, only the brackets.
      if (wasOwn || isOwn) this.#own.push(Buffer.from(bytes.subarray(wasOwn ? at : end - 1, end)));
      at = end;
    }
    // Behind the object there is nothing: with a second one it is no JSON, and who is in that may not have left.
    const rest = bytes.subarray(at).toString('latin1').trim();
    if (rest !== '') this.#own.push(Buffer.from(rest.slice(0, 1)));
  }
}
