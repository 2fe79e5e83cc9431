import { existsSync, mkdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { codeOf } from './errors.js';

/**
 * Makes a directory, and those that it is to be in, where they are not there. Throws what the file system throws.
 *
 * Node's own `recursive` tries for ever, and keeps signals waiting, where a directory is there and the system says of what
 * is to be made in it that there is none (ENOENT), as in /proc, or below a mount point whose server is away.
 *
 * @param mode of those that are made.
 */
export function makeDirectory(path: string, mode: number): void {
  try {
    mkdirSync(path, { mode });
  } catch (cause) {
    if (isDirectory(path)) return;
    const parent = dirname(path);
    if (codeOf(cause) !== 'ENOENT' || existsSync(parent)) throw cause;
    makeDirectory(parent, mode);
    makeDirectory(path, mode);
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}
