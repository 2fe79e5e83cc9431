import type { RunFile, StoredRun } from './runs.js';

/**
 * The files of runs that were killed, which nobody was told of: that no run since has ended, or had them. As users gave
 * their names.
 *
 * @param runs oldest first.
 * @param files of the run that is to tell of it.
 */
export function leftBehind(runs: Iterable<StoredRun>, files: readonly RunFile[]): string[] {
  const left = new Map<string, string>();
  for (const run of runs) {
    if (run.state === 'killed') for (const file of run.files) left.set(keyOf(file), file.name);
    else if (run.result !== undefined) left.clear();
  }
  for (const file of files) left.delete(keyOf(file));
  return [...left.values()];
}

/** The same file may have been given by another name. */
function keyOf({ name, content }: RunFile): string {
  return content?.path ?? name;
}
