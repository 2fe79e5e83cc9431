import { UserError } from '../errors.js';
import { beginsAs } from '../input/sample.js';
import type { Scope } from '../state/keys.js';
import type { RunFile, StoredRun } from '../state/runs.js';

/** Where a run delivers to: two that differ in it leave undelivered what the other knows nothing of. */
type Destination = Pick<Scope, 'endpoint' | 'environment'> & {
  /** What `scopeId` gave. */
  readonly id: string;
  readonly mappings: readonly string[];
};

/**
 * A run that stopped half-way is repeated with the same files, or what it left would be forgotten without a word.
 *
 * @throws UserError `INPUT_CHANGED`.
 */
export async function checkUnchanged(
  files: readonly RunFile[],
  runs: readonly StoredRun[],
  destination: Destination,
): Promise<void> {
  const earlier = runs.filter((run) => isSameDestination(run, destination) && hasDoneAnything(run));
  for (const { name, content: now } of files) {
    const latest = earlier.findLast((run) =>
      run.files.some((file) => file.content?.path === now?.path && now !== undefined),
    );
    const then = latest?.files.find((file) => file.content?.path === now?.path)?.content;
    if (latest?.unfinished !== true || then === undefined || (await beginsAs(then))) continue;
    throw new UserError(
      'INPUT_CHANGED',
      `The file is not the one that the run ${latest.id} stopped in the middle of: what that left undelivered may not be in it.`,
      {
        hint: 'Put the file back as it was and run the same command, or go on with it as it is now with --accept-changed.',
        place: { file: name },
      },
    );
  }
}

function isSameDestination(run: StoredRun, { endpoint, environment, id, mappings }: Destination): boolean {
  const sameScope =
    run.scope === undefined ? run.endpoint === endpoint && run.environment === environment : run.scope === id;
  return sameScope && (run.mappings?.join('\0') ?? mappings.join('\0')) === mappings.join('\0');
}

/** One that ended before it had sent anything leaves a file as undelivered as it found it. */
function hasDoneAnything({ state, unfinished }: StoredRun): boolean {
  return unfinished || state === 'finished';
}
