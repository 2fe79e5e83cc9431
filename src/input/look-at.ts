import { type Stats, statSync } from 'node:fs';
import { readError } from './bytes.js';

/** What the system says of an input. @throws UserError `INPUT_NOT_FOUND`, `INPUT_UNREADABLE`. */
export function lookAt(file: string): Stats {
  try {
    return statSync(file);
  } catch (error) {
    throw readError(error, file);
  }
}
