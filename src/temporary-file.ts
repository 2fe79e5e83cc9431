import { randomUUID } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { codeOf, tooManyOpen, UserError } from './errors.js';

/**
 * The path of a file for the time of the run, which is not there yet.
 *
 * @param directory default: the system's own for such files.
 */
export function temporaryPath(directory = tmpdir()): string {
  return join(directory, `rokt-capi-${randomUUID()}`);
}

/** Such a file cannot be made, or has no room to grow. */
export function temporaryUnwritable(cause: unknown): UserError {
  return new UserError(
    'TEMPORARY_UNWRITABLE',
    `A temporary file cannot be written (${codeOf(cause) ?? 'unknown cause'}).`,
    {
      hint:
        tooManyOpen(cause) ??
        'Make room there, or name another directory in the environment variable TMPDIR.',
      place: { file: tmpdir() },
      cause,
    },
  );
}
