import { type Stats, statSync } from 'node:fs';
import { readError } from './bytes.js';

/** Whether an input is standard input, a pipe or the like: it may never end, and cannot be read twice. Throws as {@link lookAt}. */
export function isPipe(file: string): boolean {
  return file === '-' || !lookAt(file).isFile();
}

/** What the system says of an input. @throws UserError `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`. */
export function lookAt(file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    throw readError(error, file);
  }
}
