import { randomUUID } from 'node:crypto';
import { closeSync, fstatSync, openSync, readSync, unlinkSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { AtomicFile } from '../atomic-file.js';
import type { SettledRecord } from '../delivery/unit.js';
import { EXIT, UserError } from '../errors.js';
import { toRejectedSource } from '../input/rejects.js';

const FLUSH_BYTES = 1 << 16;
const COPY_BYTES = 1 << 20;

/**
 * Collects rejected records and writes the rejects file: NDJSON, mode 0600, complete or absent.
 *
 * While the run goes on the lines are in a temporary file without a name, so that they take no memory, and a killed
 * process leaves nothing of them on disk.
 */
export class RejectsWriter {
  readonly #path: string;
  #spool: number | undefined;
  #buffered: string[] = [];
  #bufferedLength = 0;
  #problem: UserError | undefined;

  /** @param path the file to write; nothing is created before {@link commit}. */
  constructor(path: string) {
    this.#path = path;
  }

  /** Adds a record, if it was rejected. Never throws: see {@link commit}. */
  add({ file, record, problem }: SettledRecord): void {
    if (problem === undefined || this.#problem !== undefined) return;
    const line = `${JSON.stringify({
      file,
      line: record.line,
      reason:
        problem.detail === undefined ? problem.message : `${problem.message} It said: ${problem.detail}`,
      code: problem.code,
      ...(problem.field === undefined ? {} : { field: problem.field }),
      ...(record.messageId === undefined ? {} : { messageId: record.messageId }),
      ...toRejectedSource(record.source),
    })}\n`;
    this.#buffered.push(line);
    this.#bufferedLength += line.length;
    if (this.#bufferedLength < FLUSH_BYTES) return;
    try {
      this.#flush();
    } catch (cause) {
      this.#problem = unwritable(tmpdir(), cause);
    }
  }

  /** Writes the file, unless nothing was rejected; tells its path, or why it could not be written. */
  async commit(): Promise<{ readonly file?: string; readonly problem?: UserError }> {
    if (this.#problem !== undefined) return { problem: this.#problem };
    try {
      const file = await this.#write();
      return file === undefined ? {} : { file };
    } catch (cause) {
      return { problem: cause instanceof UserError ? cause : unwritable(this.#path, cause) };
    }
  }

  async #write(): Promise<string | undefined> {
    this.#flush();
    const spool = this.#spool;
    if (spool === undefined) return undefined;
    const file = await AtomicFile.create(this.#path, 'REJECTS_UNWRITABLE');
    const size = fstatSync(spool).size;
    const decoder = new TextDecoder();
    try {
      for (let at = 0; at < size; ) {
        const chunk = Buffer.alloc(Math.min(COPY_BYTES, size - at));
        at += readSync(spool, chunk, 0, chunk.length, at);
        await file.write(decoder.decode(chunk, { stream: at < size }));
      }
      await file.commit();
    } catch (error) {
      await file.discard().catch(() => undefined);
      throw error;
    }
    closeSync(spool);
    this.#spool = undefined;
    return this.#path;
  }

  #flush(): void {
    if (this.#buffered.length === 0) return;
    this.#spool ??= openNameless();
    const bytes = Buffer.from(this.#buffered.splice(0).join(''));
    this.#bufferedLength = 0;
    for (let at = 0; at < bytes.length; ) at += writeSync(this.#spool, bytes, at);
  }
}

function unwritable(path: string, cause: unknown): UserError {
  return new UserError('REJECTS_UNWRITABLE', 'The rejected records cannot be written down.', {
    hint: 'Make room and run the same command again: what was rejected is not marked as delivered.',
    place: { file: path },
    exitCode: EXIT.pending,
    cause,
  });
}

function openNameless(): number {
  const path = join(tmpdir(), `rokt-capi-${randomUUID()}`);
  const descriptor = openSync(path, 'wx+', 0o600);
  unlinkSync(path);
  return descriptor;
}
