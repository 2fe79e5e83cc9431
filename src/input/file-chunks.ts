import * as fs from 'node:fs';
import { stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';
import { UserError } from '../errors.js';

// By number: of what is opened and then not read, no handle is left to the garbage collector. Node warns of that, and since
// version 25 it ends the process.
const open = promisify(fs.open);
const read = promisify(fs.read);
const fstat = promisify(fs.fstat);

/** As much of a file's beginning is compared to notice that it was written over: a header and some rows. */
const BEGINNING_BYTES = 1 << 14;

/**
 * The bytes of a file, or of a named pipe. Each chunk is valid until the next one is taken.
 *
 * @param firstBytes of the first chunk of a file, and
 * @param chunkBytes of each other one but the last: as long as nobody wants these, no memory is set aside for them. Of a
 *   thousand files all are opened before the first one is read.
 * @throws what the file system throws; UserError `INPUT_UNREADABLE` where the file is written over meanwhile.
 */
export async function* fileChunks(
  path: string,
  firstBytes: number,
  chunkBytes: number,
): AsyncGenerator<Buffer> {
  if ((await stat(path)).isFIFO()) yield* pipeChunks(path);
  else yield* regularChunks(path, firstBytes, chunkBytes);
}

/** Waits for a pipe as for a socket. A read of it as of a file would hold a thread, and the process until it ends. */
async function* pipeChunks(path: string): AsyncGenerator<Buffer> {
  const fd = await open(path, 'r');
  yield* new Socket({ fd, readable: true, writable: false });
}

/** Read into two pieces of memory by turns, so that a large file leaves nothing to be collected. */
async function* regularChunks(path: string, firstBytes: number, chunkBytes: number): AsyncGenerator<Buffer> {
  const fd = await open(path, 'r');
  const found = await fstat(fd);
  const watch = found.isFile() ? new Watch(fd, path, found.mtimeMs) : undefined;
  const readInto = (into: Buffer): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> => {
    const reading = read(fd, into, 0, into.length, null);
    // Its failure is met where it is awaited; until then it is no unhandled one.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = readInto(Buffer.allocUnsafeSlow(firstBytes));
  try {
    const first = await reading;
    if (first.bytesRead === 0) return;
    const beginning = first.buffer.subarray(0, first.bytesRead);
    await watch?.check(beginning);
    yield beginning;
    let other: Buffer = Buffer.allocUnsafeSlow(chunkBytes);
    reading = readInto(Buffer.allocUnsafeSlow(chunkBytes));
    for (;;) {
      const { bytesRead, buffer } = await reading;
      const chunk = buffer.subarray(0, bytesRead);
      await watch?.check(chunk);
      if (bytesRead === 0) return;
      reading = readInto(other);
      yield chunk;
      other = buffer;
    }
  } finally {
    // Not awaited: a device may have nothing to say.
    const close = (): void => fs.close(fd, () => undefined);
    reading.then(close, close);
  }
}

/**
 * Tells whether what is read is still the file that was opened: the next export may write over it, and then neither the
 * rest of the one nor the beginning of the other is ever read. What is only added at its end does no harm.
 */
class Watch {
  readonly #fd: number;
  readonly #path: string;
  #modifiedMs: number;
  #beginning: Buffer | undefined;
  #read = 0;

  /** @param modifiedMs when the file was last written to, before anything was read. */
  constructor(fd: number, path: string, modifiedMs: number) {
    this.#fd = fd;
    this.#path = path;
    this.#modifiedMs = modifiedMs;
  }

  /**
   * Must be called with each chunk before that is used, and at the end with an empty one.
   *
   * @throws UserError `INPUT_UNREADABLE`.
   */
  async check(chunk: Buffer): Promise<void> {
    this.#beginning ??= Buffer.from(chunk.subarray(0, BEGINNING_BYTES));
    this.#read += chunk.length;
    const { mtimeMs, size } = await fstat(this.#fd);
    if (mtimeMs === this.#modifiedMs) return;
    this.#modifiedMs = mtimeMs;
    const now = Buffer.alloc(this.#beginning.length);
    await read(this.#fd, now, 0, now.length, 0);
    if (size >= this.#read && now.equals(this.#beginning)) return;
    throw overwritten(this.#path);
  }
}

/** What is thrown where a file is not what it was when it was opened. */
export function overwritten(file: string): UserError {
  return new UserError('INPUT_UNREADABLE', 'The file was overwritten, or cut short, while it was read.', {
    hint: 'Write it under another name, and rename it (mv) once it is complete.',
    place: { file },
  });
}
