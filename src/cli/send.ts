import { availableParallelism } from 'node:os';
import type { Comparison } from '../report/comparison.js';
import type { Gates } from '../report/gates.js';
import type { SendOptions } from './options.js';
import { prepareSlices } from './pipeline.js';
import { openSession } from './session.js';
import { createSliceWork } from './slice-work.js';

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
    separate: false,
    ...(validation === undefined ? {} : { gates: validation.gates, alsoRead: validation.alsoRead }),
  });
  const { inputs, spec, ids, sharedIds } = session;
  const slices = prepareSlices(inputs, {
    workers: options.workers ?? availableParallelism(),
    spec: sharedIds && { spec, ids: sharedIds },
    work: createSliceWork(spec, ids, Date.now),
    onTaken: ({ lines, quality }) => {
      session.read(lines.length);
      session.assess(quality);
    },
  });
  await session.deliver(slices, (result) =>
    validation?.comparison === undefined ? result : { ...result, comparison: validation.comparison },
  );
}
