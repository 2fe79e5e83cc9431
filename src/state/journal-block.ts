import { crc32 } from 'node:zlib';
import { ENTRY_WORDS } from './entry.js';

/** What a journal reports, in the order in which it happened. */
export type JournalEvent =
  /**
   * These are about to be sent, numbered from `first` on. Written before the requests leave. `entries`: one after the
   * other. `sizes`: how many deliveries each batch holds.
   */
  | {
      readonly kind: 'announced';
      readonly first: number;
      readonly entries: Uint32Array;
      readonly sizes: Uint32Array;
    }
  /** The server accepted these numbers at `seconds` (Unix time). */
  | { readonly kind: 'accepted'; readonly seconds: number; readonly numbers: Uint32Array }
  /** The server refused these for what is in them. */
  | { readonly kind: 'refused'; readonly numbers: Uint32Array }
  /** These were not sent after all, or certainly did not arrive. */
  | { readonly kind: 'unsent'; readonly numbers: Uint32Array };

/** The length of a block's body, the body's checksum, and the checksum of these two. */
export const HEAD_BYTES = 12;
const FIRST_BYTES = 1 << 15;
const NO_ENTRIES = new Uint32Array();
const KINDS = ['announced', 'accepted', 'refused', 'unsent'] as const;

/** A block of a journal being filled: events that are written and made durable together. Its memory is used again. */
export class JournalBlock {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #view = new DataView(this.#bytes.buffer);
  #end = HEAD_BYTES;

  /**
   * Adds an event: its kind (1 byte), a number (4), how many there are (4), and that many numbers (4 each) or batches:
   * how many entries there are (4), and the entries.
   */
  add(event: JournalEvent): void {
    const items = event.kind === 'announced' ? event.sizes : event.numbers;
    const entries = event.kind === 'announced' ? event.entries : NO_ENTRIES;
    this.#reserve(9 + (items.length + entries.length) * 4);
    const view = this.#view;
    view.setUint8(this.#end, KINDS.indexOf(event.kind));
    const number = event.kind === 'announced' ? event.first : event.kind === 'accepted' ? event.seconds : 0;
    view.setUint32(this.#end + 1, number, true);
    view.setUint32(this.#end + 5, items.length, true);
    let at = this.#end + 9;
    let next = 0;
    for (const item of items) {
      view.setUint32(at, item, true);
      at += 4;
      if (event.kind !== 'announced') continue;
      for (const last = next + item * ENTRY_WORDS; next < last; next += 1, at += 4) {
        view.setUint32(at, entries[next] ?? 0, true);
      }
    }
    this.#end = at;
  }

  /** The whole block, to be written at once; a view, valid until something is added after {@link clear}. */
  seal(): Buffer {
    const block = this.#bytes.subarray(0, this.#end);
    block.writeUInt32LE(block.length - HEAD_BYTES, 0);
    block.writeUInt32LE(crc32(block.subarray(HEAD_BYTES)), 4);
    block.writeUInt32LE(crc32(block.subarray(0, 8)), 8);
    return block;
  }

  /** Begins another one. */
  clear(): void {
    this.#end = HEAD_BYTES;
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(needed * 2);
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
    this.#view = new DataView(larger.buffer);
  }
}

/** The events in the body of a block. */
export function* decodeBody(body: Buffer): Generator<JournalEvent> {
  let at = 0;
  const word = (): number => {
    at += 4;
    return body.readUInt32LE(at - 4);
  };
  while (at < body.length) {
    const kind = KINDS[body.readUInt8(at)] ?? 'unsent';
    at += 1;
    const value = word();
    const items = word();
    if (kind === 'announced') {
      const sizes = new Uint32Array(items);
      const entries: number[] = [];
      for (let batch = 0; batch < items; batch += 1) {
        const size = word();
        sizes[batch] = size;
        for (let left = size * ENTRY_WORDS; left > 0; left -= 1) entries.push(word());
      }
      yield { kind, first: value, entries: Uint32Array.from(entries), sizes };
    } else {
      const numbers = Uint32Array.from({ length: items }, word);
      yield kind === 'accepted' ? { kind, seconds: value, numbers } : { kind, numbers };
    }
  }
}
