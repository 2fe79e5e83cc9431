import { open as openDescriptor } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { Socket } from 'node:net';
import { promisify } from 'node:util';

/**
 * The bytes of a file, or of a named pipe. Each chunk is valid until the next one is taken.
 *
 * @param chunkBytes of each chunk of a file but the last.
 * @throws what the file system throws.
 */
export async function* fileChunks(path: string, chunkBytes: number): AsyncGenerator<Buffer> {
  if ((await stat(path)).isFIFO()) yield* pipeChunks(path);
  else yield* regularChunks(path, chunkBytes);
}

/** Waits for a pipe as for a socket. A read of it as of a file would hold a thread, and the process until it ends. */
async function* pipeChunks(path: string): AsyncGenerator<Buffer> {
  const fd = await promisify(openDescriptor)(path, 'r');
  yield* new Socket({ fd, readable: true, writable: false });
}

/** Read into two pieces of memory by turns, so that a large file leaves nothing to be collected. */
async function* regularChunks(path: string, chunkBytes: number): AsyncGenerator<Buffer> {
  const handle = await open(path, 'r');
  let [memory, other] = [Buffer.allocUnsafeSlow(chunkBytes), Buffer.allocUnsafeSlow(chunkBytes)];
  const read = (into: Buffer): Promise<{ readonly bytesRead: number }> => {
    const reading = handle.read(into, 0, chunkBytes, null);
    // Its failure is met where it is awaited; until then it is no unhandled one.
    reading.catch(() => undefined);
    return reading;
  };
  let reading = read(memory);
  try {
    for (;;) {
      const { bytesRead } = await reading;
      if (bytesRead === 0) return;
      reading = read(other);
      yield memory.subarray(0, bytesRead);
      [memory, other] = [other, memory];
    }
  } finally {
    // Not awaited: a device may have nothing to say.
    const close = (): Promise<void> => handle.close();
    reading.then(close, close).catch(() => undefined);
  }
}
