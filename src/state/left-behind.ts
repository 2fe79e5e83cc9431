import type { RunFile, StoredRun } from './runs.js';

/**
 * The files of runs that were killed, which nobody was told of: that no run since to the same account has ended, or had
 * them. As users gave their names.
 *
 * @param runs oldest first.
 * @param teller the run that is to tell of it, and where it delivers to, as `scopeId` gave.
 */
export function leftBehind(
  runs: Iterable<StoredRun>,
  { files, scope }: { readonly files: readonly RunFile[]; readonly scope: string },
): string[] {
  const left = new Map<string, string>();
  for (const run of runs) {
    // Another account's files are not to be sent to this one, as those of a rehearsal are not.
    if ((run.scope ?? scope) !== scope) continue;
    if (run.state === 'killed') for (const file of run.files) left.set(keyOf(file), file.name);
    else if (run.result !== undefined) left.clear();
  }
  // What comes through a pipe may be something else each time.
  for (const file of files) if (file.content !== undefined) left.delete(keyOf(file));
  return [...left.values()];
}

/** The same file may have been given by another name. */
function keyOf({ name, content }: RunFile): string {
  return content?.path ?? name;
}
