import { lstatSync, statSync } from 'node:fs';
import { dirname } from 'node:path';

/**
 * Whether somebody else may have left what has this name, for others to find: it belongs to another user than this one,
 * root and the owner of its directory, to which all may write. A link counts as what it is, not as what it leads to.
 */
export function isLeftByAnother(path: string): boolean {
  const found = lstatSync(path, { throwIfNoEntry: false });
  const directory = statSync(dirname(path), { throwIfNoEntry: false });
  if (found === undefined || directory === undefined || (directory.mode & 0o002) === 0) return false;
  return ![0, process.getuid?.(), directory.uid].includes(found.uid);
}
