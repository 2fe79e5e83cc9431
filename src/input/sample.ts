import { createHash } from 'node:crypto';
import { readSync } from 'node:fs';
import { type FileHandle, open, stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { readError } from './bytes.js';

/** A file up to this size, in bytes, is read whole. */
const WHOLE_BYTES = 16 << 20;
const BLOCK_BYTES = 4_096;

/** What a file's content is recognised by, as it was at one time. */
export interface FileSample {
  /** Absolute. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  /** SHA-256, in hex, of the content; of more than 16 MB, of 4,096 blocks evenly spread over it. */
  readonly sample: string;
}

/**
 * Samples a file; undefined where there is none, or it is no regular file.
 *
 * @throws UserError `INPUT_UNREADABLE`.
 */
export async function sampleFile(name: string): Promise<FileSample | undefined> {
  const path = resolve(name);
  const found = await stat(path).catch(() => undefined);
  if (found?.isFile() !== true) return undefined;
  return { path, size: found.size, sample: await sampleOf(path, found.size) };
}

/**
 * Whether a file still begins with what it held when it was sampled: what was added at its end does no harm.
 *
 * @throws UserError `INPUT_UNREADABLE`.
 */
export async function beginsAs({ path, size, sample }: FileSample): Promise<boolean> {
  const found = await stat(path).catch(() => undefined);
  return found?.isFile() === true && found.size >= size && (await sampleOf(path, size)) === sample;
}

async function sampleOf(path: string, size: number): Promise<string> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const digest = createHash('sha256');
    const blocks = size <= WHOLE_BYTES ? Math.ceil(size / WHOLE_BYTES) : WHOLE_BYTES / BLOCK_BYTES;
    const buffer = Buffer.alloc(size <= WHOLE_BYTES ? size : BLOCK_BYTES);
    for (let block = 0; block < blocks; block += 1) {
      const position = blocks === 1 ? 0 : Math.floor((block * (size - BLOCK_BYTES)) / (blocks - 1));
      // Thousands of blocks: to hand each to another thread, and to wait for it, takes ten times as long as to read it.
      const bytesRead = readSync(handle.fd, buffer, 0, buffer.length, position);
      digest.update(buffer.subarray(0, bytesRead));
    }
    return digest.digest('hex');
  } catch (error) {
    throw readError(error, path);
  } finally {
    await handle?.close();
  }
}
