import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from '../atomic-file.js';
import { ENTRY_WORDS } from './entry.js';
import { damaged, unwritable } from './errors.js';

/** "rkj1" */
const MAGIC = Buffer.from('rkj1');
/** The length of a block's body, the body's checksum, and the checksum of these two. */
const HEAD_BYTES = 12;
const READ_BYTES = 1 << 16;
/** How long ends wait for others, in ms, before they are written. Nothing is sent later for it. */
const PATIENCE_MS = 5;

/** What a journal tells, in the order in which it happened. */
export type JournalEntry =
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

const NO_ENTRIES = new Uint32Array();
const KINDS = ['announced', 'accepted', 'refused', 'unsent'] as const;

/**
 * A file that says what one run is doing, appended to as it does it. A write and an fsync cover everything that came
 * up while the one before was under way, so that it costs a slow disk no more than a quick one. How deliveries ended
 * goes along with the next that are announced, or waits a little for more ends.
 */
export class Journal {
  readonly path: string;
  readonly #handle: FileHandle;
  #waiting: Buffer[] = [];
  #waitingLength = 0;
  /** Whether something waits to be sent until what is waiting here is on disk. */
  #isUrgent = false;
  /** Ends the waiting for others. */
  #hurry: () => void = () => undefined;
  #flushing: Promise<void> | undefined;
  #current: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle) {
    this.path = path;
    this.#handle = handle;
  }

  /**
   * @param path a file that is not there yet.
   * @throws UserError `STATE_UNWRITABLE` or `STATE_DISK_FULL`.
   */
  static async create(path: string): Promise<Journal> {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.write(MAGIC);
      await handle.sync();
      await syncDirectory(dirname(path));
      return new Journal(path, handle);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Appends; resolves when it is on disk, together with all that was appended before.
   *
   * @throws UserError as {@link create} does; then nothing more can be appended.
   */
  append(entry: JournalEntry): Promise<void> {
    const bytes = encode(entry);
    this.#waiting.push(bytes);
    this.#waitingLength += bytes.length;
    if (entry.kind === 'announced') {
      this.#isUrgent = true;
      this.#hurry();
    }
    this.#flushing ??= this.#after(this.#current);
    return this.#flushing;
  }

  /** Closes the file, when all that was appended is on disk or has failed to get there. */
  async close(): Promise<void> {
    await (this.#flushing ?? this.#current)?.catch(() => undefined);
    await this.#handle.close();
  }

  async #after(previous: Promise<void> | undefined): Promise<void> {
    await previous;
    if (!this.#isUrgent) await this.#patience();
    this.#isUrgent = false;
    const body = Buffer.concat(this.#waiting.splice(0), this.#waitingLength);
    this.#waitingLength = 0;
    this.#current = this.#flushing;
    this.#flushing = undefined;
    const block = toBlock(body);
    try {
      for (let at = 0; at < block.length; ) at += (await this.#handle.write(block, at)).bytesWritten;
      await this.#handle.datasync();
    } catch (cause) {
      throw unwritable(this.path, cause);
    }
  }

  #patience(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PATIENCE_MS);
      this.#hurry = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}

/** A whole journal as one piece, to be written at once. */
export function encodeJournal(entries: readonly JournalEntry[]): Buffer {
  return Buffer.concat([MAGIC, toBlock(Buffer.concat(entries.map(encode)))]);
}

/**
 * Reads a journal, a block at a time. What a killed run or a power cut left half-written at its end was not yet relied
 * on, and is passed over.
 *
 * @throws UserError `STATE_DAMAGED` where anything but the end is not as it was written.
 */
export async function* readJournal(path: string): AsyncGenerator<JournalEntry> {
  const handle = await open(path, 'r').catch((cause: unknown) => {
    throw damaged(path, 'A journal cannot be read', cause);
  });
  try {
    const { size } = await handle.stat();
    const magic = await readAt(handle, 0, MAGIC.length);
    if (size < MAGIC.length) return;
    if (!magic.equals(MAGIC)) throw damaged(path, 'A journal does not begin as one');
    for (let at = MAGIC.length; at + HEAD_BYTES <= size; ) {
      const head = await readAt(handle, at, HEAD_BYTES);
      if (crc32(head.subarray(0, 8)) !== head.readUInt32LE(8)) {
        if (await isZero(handle, at + HEAD_BYTES, size)) return;
        throw damaged(path, 'A checksum in a journal does not match');
      }
      const end = at + HEAD_BYTES + head.readUInt32LE(0);
      if (end > size) return;
      const body = await readAt(handle, at + HEAD_BYTES, head.readUInt32LE(0));
      if (crc32(body) !== head.readUInt32LE(4)) {
        // One block at a time is on its way to the disk: a broken one with another behind it was broken later.
        if (!(await isZero(handle, end, size))) throw damaged(path, 'A checksum in a journal does not match');
        return;
      }
      yield* decode(body);
      at = end;
    }
  } finally {
    await handle.close();
  }
}

/** Whether nothing was written from `start` on: a file may have its length before it has its content. */
async function isZero(handle: FileHandle, start: number, end: number): Promise<boolean> {
  for (let at = start; at < end; at += READ_BYTES) {
    const bytes = await readAt(handle, at, Math.min(READ_BYTES, end - at));
    if (bytes.some((byte) => byte !== 0)) return false;
  }
  return true;
}

async function readAt(handle: FileHandle, position: number, length: number): Promise<Buffer> {
  const bytes = Buffer.alloc(length);
  for (let at = 0; at < length; ) {
    const { bytesRead } = await handle.read(bytes, at, length - at, position + at);
    if (bytesRead === 0) break;
    at += bytesRead;
  }
  return bytes;
}

function toBlock(body: Buffer): Buffer {
  const block = Buffer.allocUnsafe(HEAD_BYTES + body.length);
  block.writeUInt32LE(body.length, 0);
  block.writeUInt32LE(crc32(body), 4);
  block.writeUInt32LE(crc32(block.subarray(0, 8)), 8);
  body.copy(block, HEAD_BYTES);
  return block;
}

/**
 * Kind (1 byte), a number (4), how many there are (4), and that many numbers (4 each) or batches: how many entries
 * there are (4), and the entries.
 */
function encode(entry: JournalEntry): Buffer {
  const items = entry.kind === 'announced' ? entry.sizes : entry.numbers;
  const entries = entry.kind === 'announced' ? entry.entries : NO_ENTRIES;
  const bytes = Buffer.allocUnsafe(9 + (items.length + entries.length) * 4);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  let at = 1;
  const put = (word: number): void => {
    view.setUint32(at, word, true);
    at += 4;
  };
  bytes[0] = KINDS.indexOf(entry.kind);
  put(entry.kind === 'announced' ? entry.first : entry.kind === 'accepted' ? entry.seconds : 0);
  put(items.length);
  let next = 0;
  for (const item of items) {
    put(item);
    if (entry.kind !== 'announced') continue;
    for (const end = next + item * ENTRY_WORDS; next < end; next += 1) put(entries[next] ?? 0);
  }
  return bytes;
}

function* decode(body: Buffer): Generator<JournalEntry> {
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
