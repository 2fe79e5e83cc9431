import { UserError } from '../errors.js';
import { beginsAs, type FileSample } from '../input/sample.js';
import type { Scope } from './keys.js';
import type { RunFile, StoredRun } from './runs.js';

/** Where a run delivers to, and by which mappings: a delivery is made by one mapping to one account. */
type Destination = Pick<Scope, 'endpoint' | 'environment'> & {
  /** What `scopeId` gave. */
  readonly id: string;
  readonly mappings: readonly string[];
};

/** What a run left of one of its files. */
type Left = Pick<StoredRun, 'id' | 'unfinished'> & { readonly content: FileSample };

/** The runs that had a file last. */
interface Latest {
  /** For each mapping the last run that delivered by it to the same account: no other knows what that left. */
  readonly own: Map<string, Left>;
  /** The last run to the same endpoint: for a mapping that has none, since it or the API key is new. */
  near?: Left;
}

/**
 * A run that stopped half-way is repeated with the same files, or what it left would be forgotten without a word.
 *
 * @param runs oldest first.
 * @throws UserError `INPUT_CHANGED`.
 */
export async function checkUnchanged(
  files: readonly RunFile[],
  runs: Iterable<StoredRun>,
  destination: Destination,
): Promise<void> {
  const latest = latestOf(files, runs, destination);
  for (const { name, content: now } of files) {
    const { own, near } = (now && latest.get(now.path)) ?? { own: new Map<string, Left>() };
    for (const left of new Set(destination.mappings.map((mapping) => own.get(mapping) ?? near))) {
      if (left?.unfinished !== true || (await beginsAs(left.content))) continue;
      throw new UserError(
        'INPUT_CHANGED',
        `The file has changed since run ${left.id} stopped part-way through it: what that run left undelivered may not be in it.`,
        {
          hint: 'Put the file back as it was and run the same command, or go on with the changed file with --accept-changed.',
          place: { file: name },
        },
      );
    }
  }
}

/** By path, of the files alone: all runs together may have had many times as many. */
function latestOf(
  files: readonly RunFile[],
  runs: Iterable<StoredRun>,
  { endpoint, environment, id, mappings }: Destination,
): ReadonlyMap<string, Latest> {
  const latest = new Map<string, Latest>();
  for (const { content } of files) if (content !== undefined) latest.set(content.path, { own: new Map() });
  for (const run of runs) {
    if (!hasDoneAnything(run) || run.endpoint !== endpoint || run.environment !== environment) continue;
    const isOwn = run.scope === undefined || run.scope === id;
    const delivered = isOwn ? (run.mappings ?? mappings) : [];
    for (const { content } of run.files) {
      if (content === undefined) continue;
      const of = latest.get(content.path);
      if (of === undefined) continue;
      const left: Left = { id: run.id, unfinished: run.unfinished, content };
      of.near = left;
      for (const mapping of delivered) of.own.set(mapping, left);
    }
  }
  return latest;
}

/** One that ended before it had sent anything leaves a file as undelivered as it found it. */
function hasDoneAnything({ state, unfinished }: StoredRun): boolean {
  return unfinished || state === 'finished';
}
