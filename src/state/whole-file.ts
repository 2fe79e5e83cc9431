import { writeAtomically } from '../atomic-file.js';
import { UserError } from '../errors.js';
import { unwritable } from './errors.js';

/**
 * Writes a file of the state, which is there whole or not at all. Mode 0600.
 *
 * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`.
 */
export async function writeWhole(path: string, content: string | Uint8Array): Promise<void> {
  try {
    await writeAtomically(path, content, 'STATE_UNWRITABLE');
  } catch (error) {
    throw asUnwritable(path, error);
  }
}

/** What an `AtomicFile` throws, as an error of the state: a full disk, or one that may not be written to. */
export function asUnwritable(path: string, error: unknown): UserError {
  if (!(error instanceof UserError)) return unwritable(path, error);
  return error.code === 'STATE_UNWRITABLE' && error.cause !== undefined
    ? unwritable(path, error.cause)
    : error;
}
