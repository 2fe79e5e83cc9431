import { readdirSync, rmSync, statSync } from 'node:fs';
import { codeOf } from '../errors.js';
import { unreadable, unwritable } from './errors.js';

/**
 * Whether something of the state is there. What cannot be looked at just now, as on a network file system that is away
 * for a moment, is not missing: who was delivered would be forgotten.
 *
 * @throws UserError `STATE_UNREADABLE`.
 */
export function isThere(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch (cause) {
    throw unreadable(path, cause);
  }
}

/** The names in a folder of the state; none where there is no such folder. @throws UserError `STATE_UNREADABLE`. */
export function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch (cause) {
    if (codeOf(cause) === 'ENOENT') return [];
    throw unreadable(folder, cause);
  }
}

/** Removes a file of the state, if it is there. @throws UserError `STATE_UNWRITABLE`. */
export function remove(path: string): void {
  try {
    rmSync(path, { force: true });
  } catch (cause) {
    throw unwritable(path, cause);
  }
}
