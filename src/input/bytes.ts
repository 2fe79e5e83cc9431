import { stat } from 'node:fs/promises';
import { pipeline, Readable, Transform } from 'node:stream';
import * as zlib from 'node:zlib';
import { codeOf, tooManyOpen, UserError } from '../errors.js';
import { isTelling } from './detect.js';
import { fileChunks } from './file-chunks.js';
import { isPause, withPauses } from './pauses.js';
import { isZstd, ZstdFrames } from './zstd-frames.js';

/** As much of a file as is looked at to recognise its encoding and format, in bytes; a header must fit into it. */
export const HEAD_BYTES = 1 << 16;
const READ_BYTES = 1 << 18;

/** The bytes of an input, as UTF-8 without a byte order mark, with its beginning to look at. */
export interface ByteSource {
  /** The first 64 KB, or all of a shorter input; less where the input pauses and that shows its format. */
  readonly head: Buffer;
  /**
   * Everything, `head` included, and a chunk of no bytes where the input pauses. May be read once; each chunk is valid
   * until the next one is taken.
   */
  readonly chunks: AsyncIterable<Buffer>;
  /** How many bytes that are, about; absent where it is not known (a pipe, a compressed file). */
  readonly size?: number;
}

/**
 * Opens a file, or standard input for `-`: takes off gzip or zstd, known by the first bytes, and brings UTF-16 to UTF-8.
 *
 * @param pauseMs see `InputOptions`.
 * @throws UserError `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`, `INPUT_ZSTD_UNSUPPORTED`, `INPUT_COMPRESSION`; also later,
 *   while `chunks` is read.
 */
export async function openBytes(file: string, stdin: Readable, pauseMs?: number): Promise<ByteSource> {
  const source = guarded(file === '-' ? stdin : fileChunks(file, HEAD_BYTES, READ_BYTES), file);
  const found = file === '-' ? undefined : await stat(file).catch(() => undefined);
  const pauses = pauseMs !== undefined && (file === '-' || found?.isFIFO() === true);
  const raw = await withHead(pauses ? withPauses(source, pauseMs) : source);
  const decoder = decoderFor(raw.head, file);
  const plain = decoder === undefined ? raw : await withHead(decompress(raw.chunks, decoder, file));
  const encoding = encodingOf(plain.head);
  if (encoding !== 'utf-8') return withHead(transcode(plain.chunks, encoding));
  return decoder === undefined && found?.isFile() === true ? { ...plain, size: found.size } : plain;
}

/**
 * The same bytes in blocks of `size` (the last one, and one before a pause, may be shorter), however they arrived: what
 * is made of them must not depend on how fast a pipe was that does not pause.
 */
export async function* inBlocks(chunks: AsyncIterable<Buffer>, size: number): AsyncGenerator<Buffer> {
  let held = 0;
  let block = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (isPause(chunk)) {
      if (held > 0) yield block.subarray(0, held);
      held = 0;
      yield chunk;
    }
    let at = 0;
    while (at < chunk.length) {
      if (held === 0 && chunk.length - at >= size) {
        yield chunk.subarray(at, at + size);
        at += size;
        continue;
      }
      if (block.length === 0) block = Buffer.allocUnsafeSlow(size);
      const copied = chunk.copy(block, held, at);
      at += copied;
      held += copied;
      if (held < size) continue;
      yield block;
      held = 0;
    }
  }
  if (held > 0) yield block.subarray(0, held);
}

/**
 * Reads until `size` bytes are there, or the source pauses and what is there shows its format, and gives that back in
 * front of the rest.
 */
export async function withHead(chunks: AsyncIterable<Buffer>, size = HEAD_BYTES): Promise<ByteSource> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let length = 0;
  let paused = false;
  while (length < size) {
    const next = await iterator.next();
    if (next.done === true) break;
    if (isPause(next.value)) {
      paused = isTelling(Buffer.concat(first));
      if (paused) break;
      continue;
    }
    first.push(Buffer.from(next.value));
    length += next.value.length;
  }
  const start = first.length === 1 && first[0] !== undefined ? first[0] : Buffer.concat(first);
  async function* all(): AsyncGenerator<Buffer> {
    try {
      if (start.length > 0) yield start;
      if (paused) yield Buffer.alloc(0);
      for (;;) {
        const next = await iterator.next();
        if (next.done === true) return;
        yield next.value;
      }
    } finally {
      await iterator.return?.();
    }
  }
  return { head: start.subarray(0, size), chunks: all() };
}

async function* guarded(source: AsyncIterable<Buffer>, file: string): AsyncGenerator<Buffer> {
  try {
    yield* source;
  } catch (error) {
    throw readError(error, file);
  }
}

async function* decompress(
  chunks: AsyncIterable<Buffer>,
  { decoder, frames }: Decompressing,
  file: string,
): AsyncGenerator<Buffer> {
  let sourceError: unknown;
  // Decompressing goes on in another thread while the next chunk is read.
  const source = Readable.from(copies(frames === undefined ? chunks : cutIn(frames, chunks)));
  source.on('error', (error) => {
    sourceError = error;
  });
  pipeline(source, decoder, () => undefined);
  try {
    for await (const chunk of decoder) yield chunk;
    if (frames?.isBetween === false) throw new Error('It ends within a frame.');
  } catch (cause) {
    if (sourceError instanceof UserError) throw sourceError;
    throw new UserError('INPUT_COMPRESSION', 'The compressed data is damaged or ends early.', {
      hint: 'Copy or export the file again, then run the same command; with --accept-changed if it was exported again and a part of it was sent.',
      place: { file },
      cause,
    });
  } finally {
    source.destroy();
  }
}

/** Each frame ends with a chunk: only so is what comes after it decompressed too. */
async function* cutIn(frames: ZstdFrames, chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) {
    for (let at = 0, end = 0; at < chunk.length; at = end) {
      end = frames.endOf(chunk, at);
      yield chunk.subarray(at, end);
    }
  }
}

async function* copies(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** How a file is decompressed. */
interface Decompressing {
  readonly decoder: Transform;
  /** Of zstd. */
  readonly frames?: ZstdFrames;
}

/** @throws UserError `INPUT_ZSTD_UNSUPPORTED`. */
function decoderFor(head: Buffer, file: string): Decompressing | undefined {
  if (head[0] === 0x1f && head[1] === 0x8b) return { decoder: zlib.createGunzip({ chunkSize: READ_BYTES }) };
  if (!isZstd(head)) return undefined;
  // Typed as always there; Node before 22.15 does not have it.
  const create: unknown = Reflect.get(zlib, 'createZstdDecompress');
  if (typeof create === 'function') {
    const decoder: unknown = Reflect.apply(create, zlib, [{ chunkSize: READ_BYTES }]);
    if (decoder instanceof Transform) return { decoder, frames: new ZstdFrames() };
  }
  throw new UserError('INPUT_ZSTD_UNSUPPORTED', `Node ${process.versions.node} cannot read zstd.`, {
    hint: 'Use Node 22.15 or later, or decompress the file first (zstd -d).',
    place: { file },
  });
}

type Encoding = 'utf-8' | 'utf-16le' | 'utf-16be';

/** By the byte order mark, else by where the zero bytes of ASCII letters stand. */
function encodingOf(head: Buffer): Encoding {
  if (head[0] === 0xff && head[1] === 0xfe) return 'utf-16le';
  if (head[0] === 0xfe && head[1] === 0xff) return 'utf-16be';
  if (head.length < 4) return 'utf-8';
  if (head[0] !== 0 && head[1] === 0 && head[3] === 0) return 'utf-16le';
  if (head[0] === 0 && head[1] !== 0 && head[2] === 0) return 'utf-16be';
  return 'utf-8';
}

async function* transcode(chunks: AsyncIterable<Buffer>, encoding: Encoding): AsyncGenerator<Buffer> {
  const decoder = new TextDecoder(encoding);
  for await (const chunk of chunks) {
    const text = decoder.decode(chunk, { stream: true });
    // Half a character gives nothing, and is no pause.
    if (text !== '' || isPause(chunk)) yield Buffer.from(text);
  }
  // It ends within a character: what the last record ends with is not known, and no UTF-8.
  if (decoder.decode() !== '') yield Buffer.of(0xff);
}

/**
 * What to throw where the system cannot read an input: UserError `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`; what did not come
 * from there stays as it is.
 */
export function readError(error: unknown, file: string): unknown {
  if (!(error instanceof Error) || !('code' in error) || !('syscall' in error)) return error;
  const code = codeOf(error);
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new UserError('INPUT_NOT_FOUND', 'There is no such file.', {
      hint: 'Check the path; a pattern such as *.csv must match something.',
      place: { file },
      cause: error,
    });
  }
  return new UserError('INPUT_UNREADABLE', `The file cannot be read (${code}).`, {
    hint:
      tooManyOpen(error) ??
      (code === 'EISDIR' ? 'Name the files in the directory.' : 'Check that this user may read it.'),
    place: { file },
    cause: error,
  });
}
