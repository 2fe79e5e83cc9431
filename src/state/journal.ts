import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';
import { crc32 } from 'node:zlib';
import { syncDirectory } from '../atomic-file.js';
import { damaged, unwritable } from './errors.js';
import { decodeBody, HEAD_BYTES, JournalBlock, type JournalEvent } from './journal-block.js';

/** "rkj1" */
const MAGIC = Buffer.from('rkj1');
const READ_BYTES = 1 << 16;
/** How long ends wait for others, in ms, before they are written. Nothing is sent later for it. */
const PATIENCE_MS = 5;

/**
 * A file that says what one run is doing, appended to as it does it. A write and an fsync cover everything that came
 * up while the one before was under way, so that it costs a slow disk no more than a quick one. How deliveries ended
 * goes along with the next that are announced, or waits a little for more ends.
 */
export class Journal {
  readonly #path: string;
  readonly #handle: FileHandle;
  readonly #check: () => Promise<void>;
  /** What waits to be written. */
  #waiting = new JournalBlock();
  /** What is being written, or was last. */
  #writing = new JournalBlock();
  /** Whether something waits to be sent until what is waiting here is on disk. */
  #isUrgent = false;
  /** Ends the waiting for others. */
  #hurry: () => void = () => undefined;
  #flushing: Promise<void> | undefined;
  #current: Promise<void> | undefined;

  private constructor(path: string, handle: FileHandle, check: () => Promise<void>) {
    this.#path = path;
    this.#handle = handle;
    this.#check = check;
  }

  /**
   * @param path a file that is not there yet.
   * @param check rejects where nobody may rely on the file any more: asked after each write, since whoever takes over
   *   reads what was written before.
   * @throws UserError `STATE_UNWRITABLE` or `STATE_DISK_FULL`.
   */
  static async create(path: string, check: () => Promise<void>): Promise<Journal> {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.write(MAGIC);
      await handle.sync();
      await syncDirectory(dirname(path));
      return new Journal(path, handle, check);
    } catch (cause) {
      throw unwritable(path, cause);
    }
  }

  /**
   * Appends; resolves when it is on disk, together with all that was appended before.
   *
   * @throws UserError as {@link create} and its `check` do; then nothing more can be appended.
   */
  append(event: JournalEvent): Promise<void> {
    this.#waiting.add(event);
    if (event.kind === 'announced') {
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
    [this.#waiting, this.#writing] = [this.#writing, this.#waiting];
    this.#waiting.clear();
    this.#current = this.#flushing;
    this.#flushing = undefined;
    const block = this.#writing.seal();
    try {
      for (let at = 0; at < block.length; ) at += (await this.#handle.write(block, at)).bytesWritten;
      await this.#handle.datasync();
    } catch (cause) {
      throw unwritable(this.#path, cause);
    }
    await this.#check();
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
export function encodeJournal(events: readonly JournalEvent[]): Buffer {
  const block = new JournalBlock();
  for (const event of events) block.add(event);
  return Buffer.concat([MAGIC, block.seal()]);
}

/**
 * Reads a journal, a block at a time. What a killed run or a power cut left half-written at its end was not yet relied
 * on, and is passed over.
 *
 * @param isWhole whether it was written at once ({@link encodeJournal}): then nothing of it may be missing.
 * @throws UserError `STATE_DAMAGED` where anything but the end is not as it was written, `STATE_UNREADABLE`.
 */
export async function* readJournal(path: string, isWhole = false): AsyncGenerator<JournalEvent> {
  const failed = (cause: unknown): never => {
    throw damaged(path, 'A journal cannot be read', cause);
  };
  const handle = await open(path, 'r').catch(failed);
  const read: ReadPart = (position, length) => readAt(handle, position, length).catch(failed);
  try {
    const { size } = await handle.stat().catch(failed);
    const halfWritten = (): void => {
      if (isWhole) throw damaged(path, 'The file ends early, or a checksum in it does not match');
    };
    const magic = await read(0, MAGIC.length);
    if (size < MAGIC.length) return halfWritten();
    if (!magic.equals(MAGIC)) throw damaged(path, 'The beginning of a journal is wrong');
    let at = MAGIC.length;
    while (at + HEAD_BYTES <= size) {
      const head = await read(at, HEAD_BYTES);
      if (crc32(head.subarray(0, 8)) !== head.readUInt32LE(8)) {
        if (await isZero(read, at + HEAD_BYTES, size)) return halfWritten();
        throw damaged(path, 'A checksum in a journal does not match');
      }
      const end = at + HEAD_BYTES + head.readUInt32LE(0);
      if (end > size) return halfWritten();
      const body = await read(at + HEAD_BYTES, head.readUInt32LE(0));
      if (crc32(body) !== head.readUInt32LE(4)) {
        // One block at a time is on its way to the disk: a broken one with another behind it was broken later.
        if (!(await isZero(read, end, size))) throw damaged(path, 'A checksum in a journal does not match');
        return halfWritten();
      }
      yield* decodeBody(body);
      at = end;
    }
    if (at < size) halfWritten();
  } finally {
    await handle.close();
  }
}

type ReadPart = (position: number, length: number) => Promise<Buffer>;

/** Whether nothing was written from `start` on: a file may have its length before it has its content. */
async function isZero(read: ReadPart, start: number, end: number): Promise<boolean> {
  for (let at = start; at < end; at += READ_BYTES) {
    const bytes = await read(at, Math.min(READ_BYTES, end - at));
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
