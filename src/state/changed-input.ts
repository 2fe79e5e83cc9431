import { UserError } from '../errors.js';
import { beginsAs } from '../input/sample.js';
import type { Scope } from './keys.js';
import type { RunFile, StoredRun } from './runs.js';

/** Where a run delivers to, and by which mappings: a delivery is made by one mapping to one account. */
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
  for (const { name, content: now } of files) {
    if (now === undefined) continue;
    const earlier = runs.filter(
      (run) => hasDoneAnything(run) && run.files.some(({ content }) => content?.path === now.path),
    );
    for (const latest of latestOf(earlier, destination)) {
      const then = latest.files.find(({ content }) => content?.path === now.path)?.content;
      if (!latest.unfinished || then === undefined || (await beginsAs(then))) continue;
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
}

/**
 * The runs that had a file last: for each mapping the one that delivered by it to the same account, since no other knows
 * what that left; where there is none, as of a mapping or a key that is new, the last to the same endpoint.
 */
function latestOf(
  runs: readonly StoredRun[],
  { endpoint, environment, id, mappings }: Destination,
): ReadonlySet<StoredRun> {
  const near = runs.filter((run) => run.endpoint === endpoint && run.environment === environment);
  const own = near.filter(({ scope = id }) => scope === id);
  const latest = mappings.map(
    (mapping) => own.findLast((run) => run.mappings?.includes(mapping) ?? true) ?? near.at(-1),
  );
  return new Set(latest.filter((run) => run !== undefined));
}

/** One that ended before it had sent anything leaves a file as undelivered as it found it. */
function hasDoneAnything({ state, unfinished }: StoredRun): boolean {
  return unfinished || state === 'finished';
}
