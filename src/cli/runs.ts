import { resolve } from 'node:path';
import { loadConfig } from '../config/load.js';
import { UserError } from '../errors.js';
import { formatAudiences } from '../report/audiences.js';
import { type EventFound, formatEvents, formatRun, formatRuns } from '../report/runs.js';
import { readAudiences } from '../state/audiences.js';
import { AT } from '../state/entry.js';
import { identify } from '../state/keys.js';
import { lockHolder } from '../state/lock.js';
import { readRuns, type StoredRun } from '../state/runs.js';
import { checkReadable } from '../state/state-file.js';
import { readStore } from '../state/store.js';
import { commandLine } from './next-steps.js';
import type { RunsOptions } from './options.js';

/** The run whose id begins with this, where there is one alone. */
function theOnly(id: string, records: readonly StoredRun[]): StoredRun | undefined {
  const [first, ...others] = records.filter((record) => record.id.startsWith(id));
  return others.length === 0 ? first : undefined;
}

/**
 * `rokt-capi runs`: what earlier runs did. Only reads the state.
 *
 * @throws UserError `RUN_UNKNOWN`, or with a `STATE_…` or `CONFIG_…` code.
 */
export async function runs(id: string | undefined, options: RunsOptions): Promise<void> {
  const directory =
    options.state === undefined
      ? loadConfig({ path: options.config, cwd: process.cwd(), env: process.env }).stateDirectory
      : resolve(options.state);
  checkReadable(directory, ['runs', 'audiences']);
  if (options.audiences === true) {
    const audiences = await readAudiences(directory);
    process.stdout.write(
      options.json === true ? `${JSON.stringify(audiences)}\n` : formatAudiences(audiences),
    );
    return;
  }
  const records = await readAll(directory);
  const print = (value: unknown, text: string): void => {
    process.stdout.write(options.json === true ? `${JSON.stringify(value)}\n` : text);
  };
  if (options.event !== undefined) {
    const found = await findEvent(directory, options.event, records);
    print(found, formatEvents(options.event, found));
  } else if (id === undefined) {
    print(records, formatRuns(records));
  } else {
    const run = records.find((record) => record.id === id) ?? theOnly(id, records);
    if (run === undefined) {
      const memory = (['state', 'config'] as const).flatMap((name) => {
        const given = options[name];
        return given === undefined ? [] : [`--${name}`, given];
      });
      const begun = records.filter((record) => record.id.startsWith(id)).length;
      const what =
        begun > 1 ? `The ids of ${begun} runs begin with this.` : 'No run with this id is remembered.';
      throw new UserError('RUN_UNKNOWN', what, {
        hint: `See the ids with: ${commandLine(['runs', ...memory])}`,
        place: { file: directory },
      });
    }
    print(run, formatRun(run));
  }
}

/** The record of a run that was killed says so only once a later run has found it: here nobody writes to the state. */
async function readAll(directory: string): Promise<StoredRun[]> {
  const holder = await lockHolder(directory);
  return readRuns(directory).map((run) =>
    run.state === 'running' && run.id !== holder?.runId ? { ...run, state: 'killed' } : run,
  );
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
