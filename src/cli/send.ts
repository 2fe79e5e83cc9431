import { availableParallelism } from 'node:os';
import { groupsWithoutId } from '../input/groups-without-id.js';
import { missingColumns } from '../input/missing-columns.js';
import type { Problem } from '../interfaces.js';
import type { Comparison } from '../report/comparison.js';
import type { Gates } from '../report/gates.js';
import { coresAllowed, defaultWorkers } from './default-workers.js';
import type { SendOptions } from './options.js';
import { prepareSlices } from './pipeline.js';
import { openSession, type Session } from './session.js';
import { createSliceWork } from './slice-work.js';

const EMPTY: Problem = {
  code: 'INPUT_EMPTY',
  message: 'The input is empty, without even a header: did the job that writes it fail?',
};

/** What `validate` adds to a run. */
export interface Validation {
  readonly gates: Gates;
  /** What `--against` found; undefined: nothing was compared. */
  readonly comparison: Comparison | undefined;
  /** The files that it has read for that. */
  readonly alsoRead: readonly string[];
}

/**
 * `rokt-capi send` and `rokt-capi validate`: files in, batches out, the summary on standard output. Sets the exit code.
 *
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function send(
  files: readonly string[],
  options: SendOptions,
  validation?: Validation,
): Promise<void> {
  const session = await openSession({
    command: 'send',
    files,
    options,
    mappingsOf: (config) => config.mappings,
    ...(validation === undefined ? {} : { gates: validation.gates, alsoRead: validation.alsoRead }),
  });
  warnOfInputs(session);
  const { inputs, spec, ids, sharedIds } = session;
  const slices = prepareSlices(inputs, {
    workers:
      options.workers ??
      defaultWorkers({ cores: coresAllowed(availableParallelism()), memory: process.constrainedMemory() }),
    spec: sharedIds && { spec, ids: sharedIds },
    work: createSliceWork(spec, ids, Date.now),
  });
  await session.deliver(slices, (result) =>
    validation?.comparison === undefined ? result : { ...result, comparison: validation.comparison },
  );
}

/** Enters what the beginnings of the inputs alone show. */
function warnOfInputs({ inputs, config, warn }: Session): void {
  const problems = [...missingColumns(inputs, config.ownColumns), ...groupsWithoutId(inputs, config)];
  for (const { problem, file, line } of problems) warn(problem, file, line);
  if (!inputs.every(({ isEmpty }) => isEmpty)) return;
  for (const { file } of inputs) warn(EMPTY, file, 1);
}
