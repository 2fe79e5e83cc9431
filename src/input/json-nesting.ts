const [QUOTE, BACKSLASH] = [0x22, 0x5c];
const [OPEN_OBJECT, CLOSE_OBJECT, OPEN_LIST, CLOSE_LIST] = [0x7b, 0x7d, 0x5b, 0x5d];

/** How many lists and objects are open, in bytes of JSON that come piece by piece. */
export class JsonNesting {
  /** Negative where one was closed that was open before the first byte. */
  depth = 0;
  #inString = false;
  /** The last byte was a backslash that escapes the next one. */
  #escaped = false;

  /** Whether a text is open. */
  get inString(): boolean {
    return this.#inString;
  }

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
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) {
        this.depth += 1;
        found = true;
      } else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) {
        this.depth -= 1;
        found = true;
      }
    }
    this.#inString = inString;
    this.#escaped = escaped;
    return at;
  }
}
