import { open } from 'node:fs/promises';

/**
 * The bytes of a file. Each chunk is valid until the next one is taken: they are read into two pieces of memory by
 * turns, so that a large file leaves nothing to be collected.
 *
 * @param chunkBytes of each chunk but the last.
 * @throws what the file system throws.
 */
export async function* fileChunks(path: string, chunkBytes: number): AsyncGenerator<Buffer> {
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
    // Not awaited: what is read of a pipe may never come.
    const close = (): Promise<void> => handle.close();
    reading.then(close, close).catch(() => undefined);
  }
}
