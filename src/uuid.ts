import { hash } from 'node:crypto';

/** Views of up to so many bytes are made once and kept. */
const KEPT_BYTES = 4096;
/** A longer text is written quicker as a whole than unit by unit. */
const SHORT_TEXT = 48;

/**
 * Puts a name together piece by piece, without a string in between, and makes its UUIDv5 (RFC 9562): the same name in the
 * same namespace always gives the same id.
 */
export class UuidV5 {
  readonly #start: number;
  /** To make a view takes a third as long as to hash it. */
  #views: Buffer[] = [];
  #buffer: Buffer;
  #end: number;

  /** @param namespace 16 bytes, as 32 hex digits. */
  constructor(namespace: string) {
    const bytes = Buffer.from(namespace, 'hex');
    this.#start = bytes.length;
    this.#end = bytes.length;
    this.#buffer = Buffer.concat([bytes, Buffer.alloc(KEPT_BYTES)]);
  }

  /** Adds a text to the name. */
  add(text: string): this {
    const { length } = text;
    if (this.#end + length * 3 > this.#buffer.length) this.#grow(length * 3);
    const buffer = this.#buffer;
    let at = this.#end;
    if (length <= SHORT_TEXT) {
      for (let index = 0; index < length; index += 1) {
        const unit = text.charCodeAt(index);
        if (unit > 0x7f) {
          at += buffer.write(text.slice(index), at, 'utf8');
          break;
        }
        buffer[at] = unit;
        at += 1;
      }
    } else {
      at += buffer.write(text, at, 'utf8');
    }
    this.#end = at;
    return this;
  }

  /** The id of the name that was added up since the last call. */
  take(): string {
    const end = this.#end;
    this.#end = this.#start;
    if (end > KEPT_BYTES) return uuidOf(hash('sha1', this.#buffer.subarray(0, end), 'hex'));
    const view = this.#views[end] ?? this.#buffer.subarray(0, end);
    this.#views[end] = view;
    return uuidOf(hash('sha1', view, 'hex'));
  }

  #grow(room: number): void {
    this.#buffer = Buffer.concat([this.#buffer, Buffer.alloc(this.#buffer.length + room)]);
    this.#views = [];
  }
}

/**
 * The UUIDv5 of one name. For many of one namespace, {@link UuidV5} is quicker.
 *
 * @param namespace 16 bytes, as 32 hex digits.
 */
export function uuidV5(namespace: string, name: string): string {
  return uuidOf(hash('sha1', Buffer.concat([Buffer.from(namespace, 'hex'), Buffer.from(name)]), 'hex'));
}

/** The UUIDv5 of a SHA-1 of namespace and name, given in hex. */
export function uuidOf(digest: string): string {
  const variant = '89ab'[Number.parseInt(digest.charAt(16), 16) & 0x3];
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-5${digest.slice(13, 16)}-${variant}${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
}
