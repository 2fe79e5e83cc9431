import { beginsAs } from '../input/sample.js';
import type { Problem } from '../interfaces.js';
import type { RunFile, StoredRun } from './runs.js';

/** What is said of each file of {@link leftBehind}. */
export const RUN_KILLED: Problem = {
  code: 'RUN_KILLED',
  message:
    'A run was killed while it sent this file, and no run is known to have had it since. Send it again, unless this or a later file has all that is in it.',
};

/** A file of a run that was killed. */
interface Left extends RunFile {
  /** Whether a later file at its place has all that is in it, whatever it holds. */
  readonly isSnapshot: boolean;
}

/**
 * The files of runs that were killed since the last run to the same account that ended: that one has told of those before
 * it. Without the files that are sent again now. As users gave their names.
 *
 * @param runs oldest first.
 * @param teller the files of the run that is to tell of it, and where it delivers to, as `scopeId` gave.
 */
export async function leftBehind(
  runs: Iterable<StoredRun>,
  { files, scope }: { readonly files: readonly RunFile[]; readonly scope: string },
): Promise<string[]> {
  const left = new Map<string, Left>();
  for (const run of runs) {
    // Another account's files are not to be sent to this one, as those of a rehearsal are not.
    if ((run.scope ?? scope) !== scope) continue;
    const isSnapshot = run.command === 'sync-audience';
    if (run.state === 'killed') for (const file of run.files) left.set(keyOf(file), { ...file, isSnapshot });
    else if (run.result !== undefined) left.clear();
  }
  const paths = new Set(files.flatMap(({ content }) => content?.path ?? []));
  const names = new Set<string>();
  for (const { name, content, isSnapshot } of left.values()) {
    // What comes through a pipe may be something else each time.
    const isHere = content !== undefined && paths.has(content.path);
    if (!isHere || !(isSnapshot || (await beginsAs(content)))) names.add(name);
  }
  return [...names];
}

/** The same file may have been given by another name, and may have held something else. */
function keyOf({ name, content }: RunFile): string {
  return content === undefined ? name : `${content.sample} ${content.path}`;
}
