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

/**
 * Such a file cannot be made, has no room to grow, or cannot be read back.
 *
 * @param directory where it was to be.
 */
export function temporaryUnwritable(
  cause: unknown,
  what: 'written' | 'read' = 'written',
  directory = tmpdir(),
): UserError {
  return new UserError(
    'TEMPORARY_UNWRITABLE',
    `A temporary file cannot be ${what} (${codeOf(cause) ?? 'unknown cause'}).`,
    {
      hint:
        tooManyOpen(cause) ??
        `${what === 'read' ? 'Check that disk' : 'Make room there'}, or name another directory in the environment variable TMPDIR.`,
      place: { file: directory },
      cause,
    },
  );
}
