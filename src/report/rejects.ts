import { mkdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname } from 'node:path';
import { AtomicFile, setAside } from '../atomic-file.js';
import type { SettledRecord } from '../delivery/run-record.js';
import { codeOf, EXIT, UserError } from '../errors.js';
import { toRejectedSource } from '../input/rejects.js';
import { Spool } from '../spool.js';

/**
 * Collects rejected records and writes the rejects file (design.md, section 3): NDJSON, mode 0600, complete or absent.
 *
 * While the run goes on the lines are in a spool, so that they take no memory, and a killed process leaves nothing of
 * them on disk.
 */
export class RejectsWriter {
  readonly #path: string;
  readonly #runId: string;
  #spool: Spool | undefined;
  #problem: UserError | undefined;

  /**
   * @param path the file to write; nothing is created before {@link commit}.
   * @param runId by which the next run knows what this one left half-written, if it is killed.
   */
  constructor(path: string, runId: string) {
    this.#path = path;
    this.#runId = runId;
  }

  /** Adds a record, if it was rejected. Never throws: see {@link commit}. */
  add({ file, record, problem }: SettledRecord): void {
    if (problem === undefined || this.#problem !== undefined) return;
    const line = JSON.stringify({
      file,
      line: record.line,
      reason:
        problem.detail === undefined ? problem.message : `${problem.message} It said: ${problem.detail}`,
      code: problem.code,
      ...(problem.field === undefined ? {} : { field: problem.field }),
      ...(record.messageId === undefined ? {} : { messageId: record.messageId }),
      ...toRejectedSource(record.source),
    });
    try {
      this.#spool ??= openSpool(dirname(this.#path));
      this.#spool.add(line);
    } catch (cause) {
      this.#problem = unwritable(tmpdir(), cause, 'Make room there, or name another directory in TMPDIR,');
    }
  }

  /**
   * Writes the file, unless nothing was rejected: then there is none. That of an earlier run is set aside. Tells its path,
   * or why it could not be written.
   */
  async commit(): Promise<{ readonly file?: string; readonly problem?: UserError }> {
    if (this.#problem !== undefined) return { problem: this.#problem };
    let file: AtomicFile | undefined;
    try {
      await setAside(this.#path, 'REJECTS_UNWRITABLE');
      if (this.#spool === undefined) return {};
      file = await AtomicFile.create(this.#path, 'REJECTS_UNWRITABLE', undefined, this.#runId);
      for (const line of this.#spool.lines()) await file.write(`${line}\n`);
      await file.commit();
      return { file: this.#path };
    } catch (cause) {
      await file?.discard().catch(() => undefined);
      const hasNoPlace = file === undefined && cause instanceof UserError;
      return { problem: hasNoPlace ? unplaced(cause) : unwritable(this.#path, cause, 'Make room') };
    } finally {
      this.#spool?.close();
    }
  }
}

/** A container may have no room but for its state: then the spool is where the file is to be. */
function openSpool(directory: string): Spool {
  try {
    return new Spool();
  } catch (error) {
    if (!(error instanceof UserError)) throw error;
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    return new Spool(directory);
  }
}

/** The same of a file that has lost its place: in words that tell which one it is where its name is not told. */
function unplaced({ place, hint, exitCode, cause }: UserError): UserError {
  const why = codeOf(cause);
  const what = `The rejected records cannot be written to disk${why === undefined ? '' : ` (${why})`}.`;
  return new UserError('REJECTS_UNWRITABLE', what, { hint, place, exitCode, cause });
}

/** @param remedy the beginning of what to do. */
function unwritable(path: string, cause: unknown, remedy: string): UserError {
  return new UserError('REJECTS_UNWRITABLE', 'The rejected records cannot be written to disk.', {
    hint: `${remedy} and run the same command again: what was rejected is not marked as delivered.`,
    place: { file: path },
    exitCode: EXIT.pending,
    cause,
  });
}
