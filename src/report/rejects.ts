import { dirname } from 'node:path';
import { AtomicFile, setAside } from '../atomic-file.js';
import type { SettledRecord } from '../delivery/run-record.js';
import { codeOf, EXIT, UserError } from '../errors.js';
import { toRejectedSource } from '../input/rejects.js';
import { makeDirectory } from '../make-directory.js';
import type { ColumnOf } from '../mapping/field-columns.js';
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
  readonly #columnOf: ColumnOf;
  #spool: Spool | undefined;
  #problem: UserError | undefined;

  /**
   * @param path the file to write; nothing is created before {@link commit}.
   * @param runId by which the next run knows what this one left half-written, if it is killed.
   * @param columnOf tells which column a field was read from.
   */
  constructor(path: string, runId: string, columnOf: ColumnOf) {
    this.#path = path;
    this.#runId = runId;
    this.#columnOf = columnOf;
  }

  /** Adds a record, if it was rejected. Never throws: see {@link commit}. */
  add({ file, record, problem }: SettledRecord): void {
    if (problem === undefined || this.#problem !== undefined) return;
    const column = problem.field === undefined ? undefined : this.#columnOf(record.source, problem.field);
    const line = JSON.stringify({
      file,
      line: record.line,
      reason:
        problem.detail === undefined ? problem.message : `${problem.message} It said: ${problem.detail}`,
      code: problem.code,
      ...(problem.field === undefined ? {} : { field: problem.field }),
      ...(column === undefined ? {} : { column }),
      ...(record.messageId === undefined ? {} : { messageId: record.messageId }),
      ...toRejectedSource(record.source),
    });
    try {
      this.#spool ??= openSpool(dirname(this.#path));
      this.#spool.add(line);
    } catch (cause) {
      this.#problem = toProblem(cause, this.#path);
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
      // Once it was made, what it says of itself is that there is no room.
      const isFull = file !== undefined && cause instanceof UserError && cause.code === 'REJECTS_UNWRITABLE';
      return { problem: toProblem(isFull ? cause.cause : cause, this.#path) };
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
    makeDirectory(directory, 0o700);
    return new Spool(directory);
  }
}

/** What is told of it: the file, or the temporary one that its lines were in, and in words that tell what it is. */
function toProblem(cause: unknown, path: string): UserError {
  const told = cause instanceof UserError ? cause : undefined;
  const why = codeOf(told === undefined ? cause : told.cause);
  const what = `The rejected records cannot be written to disk${why === undefined ? '' : ` (${why})`}.`;
  // By now something may have been sent.
  const exitCode = EXIT.pending;
  if (told?.code === 'REJECTS_UNWRITABLE') {
    const { hint, place } = told;
    return new UserError('REJECTS_UNWRITABLE', what, { hint, place, exitCode, cause: told.cause });
  }
  const remedy = told?.hint.replace(/\.$/, '') ?? 'Make room, or mend that disk';
  return new UserError('REJECTS_UNWRITABLE', what, {
    hint: `${remedy}, and run the same command again: what was rejected is not marked as delivered.`,
    place: told?.place ?? { file: path },
    exitCode,
    cause,
  });
}
