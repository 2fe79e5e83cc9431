import { open as openDescriptor } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/**
 * The bytes of a file, or of a named pipe. Each chunk is valid until the next one is taken.
 *
 * @param firstBytes of the first chunk of a file, and
 * @param chunkBytes of each other one but the last: as long as nobody wants these, no memory is set aside for them. Of a
 *   thousand files all are opened before the first one is read.
 * @throws what the file system throws.
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
  const fd = await promisify(openDescriptor)(path, 'r');
  yield* new Socket({ fd, readable: true, writable: false });
}

/** Read into two pieces of memory by turns, so that a large file leaves nothing to be collected. */
async function* regularChunks(path: string, firstBytes: number, chunkBytes: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  const read = (into: Buffer): Promise<{ readonly bytesRead: number; readonly buffer: Buffer }> => {
    const reading = handle.read(into, 0, into.length, null);
    // Its failure is met where it is awaited; until then it is no unhandled one.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = read(Buffer.allocUnsafeSlow(firstBytes));
  try {
    const first = await reading;
    if (first.bytesRead === 0) return;
    yield first.buffer.subarray(0, first.bytesRead);
    let other: Buffer = Buffer.allocUnsafeSlow(chunkBytes);
    reading = read(Buffer.allocUnsafeSlow(chunkBytes));
    for (;;) {
      const { bytesRead, buffer } = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      yield buffer.subarray(0, bytesRead);
      other = buffer;
    }
  } finally {
    // Not awaited: a device may have nothing to say.
    const close = (): Promise<void> => handle.close();
    reading.then(close, close).catch(() => undefined);
  }
}
