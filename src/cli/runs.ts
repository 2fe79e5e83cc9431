import { resolve } from 'node:path';
import { UserError } from '../errors.js';
import { type EventFound, formatAudiences, formatEvents, formatRun, formatRuns } from '../report/runs.js';
import { readAudiences } from '../state/audiences.js';
import { AT } from '../state/entry.js';
import { identify } from '../state/keys.js';
import { AUDIENCES_FOLDER, RUNS_FOLDER } from '../state/layout.js';
import { lockHolder } from '../state/lock.js';
import { eachRun, type StoredRun } from '../state/runs.js';
import { checkReadable } from '../state/state-file.js';
import { readStore } from '../state/store.js';
import { openConfig } from './configured.js';
import { commandLine } from './next-steps.js';
import type { RunsOptions } from './options.js';
import { print } from './print.js';

/**
 * `rokt-capi runs`: what earlier runs did. Only reads the state.
 *
 * @throws UserError `OPTION_CONFLICT`, `RUN_UNKNOWN`, or with a `STATE_…` or `CONFIG_…` code.
 */
export async function runs(id: string | undefined, options: RunsOptions): Promise<void> {
  if ([id, options.event, options.audiences].filter((asked) => asked !== undefined).length > 1) {
    throw new UserError('OPTION_CONFLICT', 'A run, --event and --audiences ask for different things.', {
      hint: 'Keep one of them.',
    });
  }
  const directory =
    options.state === undefined ? openConfig(options.config).stateDirectory : resolve(options.state);
  checkReadable(directory, [RUNS_FOLDER, AUDIENCES_FOLDER]);
  if (options.audiences === true) {
    const audiences = await readAudiences(directory);
    print(options, audiences, () => formatAudiences(audiences));
    return;
  }
  const records = await readAll(directory);
  const { event } = options;
  if (event !== undefined) {
    const found = await findEvent(directory, event, records);
    print(options, found, () => formatEvents(event, found));
  } else if (id === undefined) {
    print(options, records, () => formatRuns(records));
  } else {
    const run = theOne(id, records, directory, options);
    print(options, run, () => formatRun(run));
  }
}

/** The run with this id, or the only one whose id begins so. @throws UserError `RUN_UNKNOWN`. */
function theOne(
  id: string,
  records: readonly StoredRun[],
  directory: string,
  options: RunsOptions,
): StoredRun {
  const begun = records.filter((record) => record.id.startsWith(id));
  const run = begun.length === 1 ? begun[0] : begun.find((record) => record.id === id);
  if (run !== undefined) return run;
  const memory = (['state', 'config'] as const).flatMap((name) => {
    const given = options[name];
    return given === undefined ? [] : [`--${name}`, given];
  });
  const what =
    begun.length > 1
      ? `The ids of ${begun.length} runs begin with this.`
      : 'No run with this id is remembered.';
  throw new UserError('RUN_UNKNOWN', what, {
    hint: `List the ids with: ${commandLine(['runs', ...memory])}`,
    place: { file: directory },
  });
}

/**
 * This command does not write to the state: only a later run marks the record of a killed run. Until then what it had done
 * is in its journal.
 */
async function readAll(directory: string): Promise<StoredRun[]> {
  const holder = await lockHolder(directory);
  const isKilled = ({ state, id }: StoredRun): boolean => state === 'running' && id !== holder?.runId;
  const records = [...eachRun(directory)];
  if (!records.some(isKilled)) return records;
  const past = await readStore(directory, 0);
  past?.index.close();
  return records.map((run) => {
    if (!isKilled(run)) return run;
    const done = past?.killed.get(run.number);
    return { ...run, state: 'killed', ...(done && { result: { accepted: done.accepted } }) };
  });
}

async function findEvent(
  directory: string,
  event: string,
  records: readonly StoredRun[],
): Promise<readonly EventFound[]> {
  const past = await readStore(directory, 0);
  if (past === undefined) return [];
  const found = past.state.scopes.flatMap(({ id, endpoint, environment, mappings }) =>
    mappings.flatMap((mapping) => {
      const entry = past.index.get(identify(id, { messageId: event, mapping }));
      if (entry === undefined) return [];
      const acceptedAt = new Date((entry[AT.seconds] ?? 0) * 1000).toISOString();
      const run = records.find((record) => record.number === entry[AT.run])?.id;
      return [{ event, mapping, endpoint, environment, acceptedAt, ...(run === undefined ? {} : { run }) }];
    }),
  );
  past.index.close();
  return found;
}
