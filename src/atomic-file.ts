import { randomUUID } from 'node:crypto';
import {
  access,
  constants,
  lstat,
  open,
  readlink,
  realpath,
  rename,
  rm,
  stat,
  unlink,
} from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Code } from './codes.js';
import { descriptorOf, onDescriptor, type Writing } from './descriptor.js';
import { codeOf, UserError } from './errors.js';
import { makeDirectory } from './make-directory.js';
import { isLeftByAnother } from './other-user.js';

/** What an {@link AtomicFile} is made of. */
interface Parts {
  readonly handle: Writing;
  /** Its name once it is complete. */
  readonly whole: string;
  /** Its name until it is complete; undefined of what is written to directly. */
  readonly partial?: string;
  /** Makes what is thrown where it cannot be written. */
  readonly toError: (cause: unknown) => UserError;
}

/**
 * A file that appears under its name when it is complete, or not at all, whatever kills the process. Until then
 * it is `<name>.<writer>.partial` beside it. Where the name is a link, that is so of the file that it leads to. Anything but
 * a regular file (a pipe, `/dev/stdout`) is written to directly.
 */
export class AtomicFile {
  readonly #parts: Parts;
  #pending: Uint8Array[] = [];
  #pendingBytes = 0;

  private constructor(parts: Parts) {
    this.#parts = parts;
  }

  /**
   * Opens it, making its directory if need be, which is open to whom the file is.
   *
   * @param code of the error.
   * @param mode default 0600: what goes in may be personal data.
   * @param writer who no other one is called like: the number of a process is no name, since in each container the first
   *   one has the same.
   * @throws UserError with that code, where it cannot be written; so do {@link write} and {@link commit}, and then nothing is
   *   left of it, unless it is whole and only its name may not outlast a power cut.
   */
  static async create(
    path: string,
    code: Code,
    mode = 0o600,
    writer = randomUUID().slice(0, 8),
  ): Promise<AtomicFile> {
    const toError = (cause: unknown): UserError => unwritableFile(path, code, cause);
    try {
      const file = await followLinks(path, code);
      const existing = await lstat(file).catch(() => undefined);
      if (existing !== undefined && !existing.isFile()) {
        checkOwner(file, code);
        const fd = descriptorOf(file);
        const handle = fd === undefined ? await open(file, 'w') : onDescriptor(fd);
        return new AtomicFile({ handle, whole: file, toError });
      }
      // Whoever may read the file may pass through to it.
      const directoryMode = mode | ((mode & 0o444) >> 2);
      makeDirectory(dirname(file), directoryMode);
      const partial = partialPath(file, writer);
      return new AtomicFile({ handle: await open(partial, 'wx', mode), whole: file, partial, toError });
    } catch (cause) {
      throw cause instanceof UserError ? cause : toError(cause);
    }
  }

  /** Appends text or bytes; resolves when there is room for more. */
  async write(content: string | Uint8Array): Promise<void> {
    const bytes = typeof content === 'string' ? Buffer.from(content) : content;
    this.#pending.push(bytes);
    this.#pendingBytes += bytes.length;
    if (this.#pendingBytes >= 1 << 20) await this.#orNothing(() => this.#flush());
  }

  /** Makes the file durable and gives it its name. */
  async commit(): Promise<void> {
    const { handle, whole, partial } = this.#parts;
    await this.#orNothing(async () => {
      await this.#flush();
      if (partial === undefined) return handle.close();
      await handle.sync();
      await handle.close();
      await rename(partial, whole);
      await syncDirectory(dirname(whole));
    });
  }

  /** Leaves nothing behind. */
  async discard(): Promise<void> {
    const { handle, partial } = this.#parts;
    await handle.close();
    if (partial !== undefined) await unlink(partial);
  }

  async #orNothing(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (cause) {
      await this.discard().catch(() => undefined);
      throw this.#parts.toError(cause);
    }
  }

  async #flush(): Promise<void> {
    const bytes = Buffer.concat(this.#pending.splice(0));
    this.#pendingBytes = 0;
    for (let at = 0; at < bytes.length; ) {
      at += (await this.#parts.handle.write(bytes, at)).bytesWritten;
    }
  }
}

function partialPath(file: string, writer: string): string {
  return `${file}.${writer}.partial`;
}

/** Removes what a writer that was killed left of an {@link AtomicFile}; where it cannot be removed, it stays. */
export async function removePartial(path: string, writer: string): Promise<void> {
  const file = await followLinks(path, 'REJECTS_UNWRITABLE').catch(() => path);
  await rm(partialPath(file, writer), { force: true }).catch(() => undefined);
}

/** Where {@link setAside} keeps what was there. */
export function asidePath(path: string): string {
  return `${path}.old`;
}

/**
 * Keeps a file under another name, in the place of what was last kept there; an empty one, or what is no regular file, is
 * left alone.
 *
 * @param code of the error.
 * @throws UserError with that code.
 */
export async function setAside(path: string, code: Code): Promise<void> {
  const found = await lstat(path).catch(() => undefined);
  if (found?.isFile() !== true || found.size === 0) return;
  try {
    await rename(path, asidePath(path));
  } catch (cause) {
    throw unwritableFile(path, code, cause);
  }
}

/** As many links may lead to a file, as for the system itself. */
const MAX_LINKS = 40;

/**
 * The file that a name leads to. What is open in a process (`/dev/stdout`) is not followed to where it is on a disk.
 *
 * @param code of the error.
 * @throws UserError with that code, where another user may have left a link.
 */
async function followLinks(path: string, code: Code): Promise<string> {
  let file = path;
  for (let links = 0; links < MAX_LINKS && !/^\/(?:dev|proc)\//.test(file); links += 1) {
    const to = await readlink(file).catch(() => undefined);
    if (to === undefined) break;
    checkOwner(file, code);
    const directory = resolve(await realpath(dirname(file)), dirname(to));
    file = join(directory, basename(to));
  }
  return file;
}

/**
 * Checks that what would be written to, or followed, is not what another user left there: a pipe to read the records from,
 * or a link to a file that this user alone may write over.
 *
 * @throws UserError with that code.
 */
export function checkOwner(path: string, code: Code): void {
  if (!isLeftByAnother(path)) return;
  throw new UserError(
    code,
    'The file cannot be written: what has its name belongs to another user, in a directory that all may write to.',
    { hint: 'Name a file in another directory, or remove what is there.', place: { file: path } },
  );
}

/**
 * Checks, without making anything, that a file could be written: before records are sent whose rejection could then not
 * be reported.
 *
 * @param code of the error.
 * @throws UserError with that code, where it cannot be written.
 */
export async function checkWritable(path: string, code: Code): Promise<void> {
  const there = await stat(path).catch(() => undefined);
  if (there?.isDirectory() === true) throw directoryError(path, code);
  const file = await followLinks(path, code).catch((error: unknown) => {
    if (error instanceof UserError) throw error;
    return path;
  });
  for (let at = file; ; at = dirname(at)) {
    const found = await lstat(at).catch(() => undefined);
    // A file is not written over: another one takes its place.
    if (found === undefined || (at === file && found.isFile())) continue;
    if (at === file) checkOwner(file, code);
    const right = at === file || found.isDirectory() || found.isSymbolicLink();
    const cause = right
      ? await access(at, constants.W_OK).catch((error: unknown) => error)
      : Object.assign(new Error('no directory'), { code: 'ENOTDIR' });
    if (cause !== undefined) throw unwritableFile(path, code, cause);
    return;
  }
}

function directoryError(path: string, code: Code, cause?: unknown): UserError {
  return new UserError(code, 'The file cannot be written: a directory has this name.', {
    hint: 'Name a file, for example one in that directory.',
    place: { file: path },
    cause,
  });
}

/** What is thrown where a file cannot be written, with the system's own code for why. */
export function unwritableFile(path: string, code: Code, cause: unknown): UserError {
  const why = codeOf(cause);
  if (why === 'EISDIR') return directoryError(path, code, cause);
  return new UserError(code, `The file cannot be written${why === undefined ? '' : ` (${why})`}.`, {
    hint: 'Check that this user may write into its directory, and that the disk has room.',
    place: { file: path },
    cause,
  });
}

/**
 * Writes a whole {@link AtomicFile}; leaves nothing behind where that fails.
 *
 * @throws UserError with that code.
 */
export async function writeAtomically(
  path: string,
  content: string | Uint8Array,
  code: Code,
  mode?: number,
): Promise<void> {
  const file = await AtomicFile.create(path, code, mode);
  await file.write(content);
  await file.commit();
}

/** What the system says where a directory may not be durable now. Some file systems make none so, and say something else. */
const NOT_DURABLE: ReadonlySet<string | undefined> = new Set([
  'EDQUOT',
  'EIO',
  'EMFILE',
  'ENFILE',
  'ENOSPC',
  'EROFS',
  'ESTALE',
]);

/**
 * Makes names in a directory durable: a new or removed name is so only when the directory is. Throws what the file system
 * throws where that fails.
 */
export async function syncDirectory(path: string): Promise<void> {
  try {
    const directory = await open(path, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  } catch (cause) {
    if (NOT_DURABLE.has(codeOf(cause))) throw cause;
  }
}
