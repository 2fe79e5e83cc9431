import { createHash } from 'node:crypto';
import { closeSync, openSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { AtomicFile } from '../atomic-file.js';
import { UserError } from '../errors.js';
import { propertyOf } from '../json.js';
import { LinesAt } from '../lines-at.js';
import { damaged } from './errors.js';
import { asUnwritable } from './whole-file.js';

const TAIL_BYTES = 1 << 12;
/** Lines are written together, about this many characters at a time. */
const WRITE_LENGTH = 1 << 16;

/** The last line of a line file: how many lines there are before it, and their SHA-256. */
interface Trailer {
  readonly lines: number;
  readonly sha256: string;
}

/**
 * Writes lines of text to a file that is there whole or not at all, with a checksum at its end. Mode 0600.
 *
 * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`.
 */
export async function writeLines(path: string, lines: AsyncIterable<string>): Promise<void> {
  const file = await AtomicFile.create(path, 'STATE_UNWRITABLE').catch((cause: unknown) => {
    throw asUnwritable(path, cause);
  });
  const digest = createHash('sha256');
  let count = 0;
  try {
    let text = '';
    const flush = async (): Promise<void> => {
      const bytes = Buffer.from(text);
      text = '';
      digest.update(bytes);
      await file.write(bytes);
    };
    for await (const line of lines) {
      count += 1;
      text += `${line}\n`;
      if (text.length >= WRITE_LENGTH) await flush();
    }
    await flush();
    const trailer: Trailer = { lines: count, sha256: digest.digest('hex') };
    await file.write(`${JSON.stringify(trailer)}\n`);
    await file.commit();
  } catch (cause) {
    await file.discard().catch(() => undefined);
    throw asUnwritable(path, cause);
  }
}

/**
 * The lines of such a file, without the last one. What is damaged shows at the end at the latest.
 *
 * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
 */
export async function* readLines(path: string): AsyncGenerator<string> {
  const digest = createHash('sha256');
  let count = 0;
  let held = '';
  const handle = await openLines(path);
  for await (const chunk of readAll(handle, path)) {
    const text = held + chunk;
    // The last line may be the trailer, which is none of the lines.
    const end = text.lastIndexOf('\n', text.length - 2) + 1;
    held = text.slice(end);
    if (end === 0) continue;
    digest.update(text.slice(0, end));
    for (const line of text.slice(0, end - 1).split('\n')) {
      count += 1;
      yield line;
    }
  }
  const trailer = parseTrailer(held);
  if (!held.endsWith('\n') || trailer?.lines !== count || trailer.sha256 !== digest.digest('hex')) {
    throw damaged(path, 'Its checksum does not match');
  }
}

/**
 * The first line of such a file, and how many lines it has. Reads its beginning and its end only.
 *
 * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
 */
export async function summaryOf(path: string): Promise<{ readonly first: string; readonly lines: number }> {
  const handle = await openLines(path);
  try {
    const { size } = await handle.stat();
    const tail = Buffer.alloc(Math.min(TAIL_BYTES, size));
    await handle.read(tail, 0, tail.length, size - tail.length);
    const trailer = parseTrailer(tail.toString('utf8').trimEnd().split('\n').at(-1) ?? '');
    if (trailer === undefined) throw damaged(path, 'It ends early');
    return { first: new LinesAt(handle.fd).at(0) ?? '', lines: trailer.lines };
  } catch (cause) {
    throw cause instanceof UserError ? cause : cannotBeRead(path, cause);
  } finally {
    await handle.close();
  }
}

/** Lines of such a file, each found by where it begins. */
export interface OpenedLines {
  /** @param start in bytes. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
  at(start: number): string;
  close(): void;
}

/** Opens such a file for single lines of it. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
export function openLinesAt(path: string): OpenedLines {
  const orUnreadable = <T>(read: () => T): T => {
    try {
      return read();
    } catch (cause) {
      throw cannotBeRead(path, cause);
    }
  };
  const descriptor = orUnreadable(() => openSync(path, 'r'));
  const lines = new LinesAt(descriptor);
  return {
    at: (start) => orUnreadable(() => lines.at(start)) ?? '',
    close: () => closeSync(descriptor),
  };
}

function openLines(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((cause: unknown) => {
    throw cannotBeRead(path, cause);
  });
}

async function* readAll(handle: FileHandle, path: string): AsyncGenerator<string> {
  try {
    const chunks = handle.createReadStream({ encoding: 'utf8', highWaterMark: WRITE_LENGTH });
    for await (const chunk of chunks) yield String(chunk);
  } catch (cause) {
    throw cannotBeRead(path, cause);
  }
}

function cannotBeRead(path: string, cause: unknown): UserError {
  return damaged(path, 'It cannot be read', cause);
}

function parseTrailer(line: string): Trailer | undefined {
  try {
    const value: unknown = JSON.parse(line);
    const [lines, sha256] = [propertyOf(value, 'lines'), propertyOf(value, 'sha256')];
    return typeof lines === 'number' && typeof sha256 === 'string' ? { lines, sha256 } : undefined;
  } catch {
    return undefined;
  }
}
