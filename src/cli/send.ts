import { availableParallelism } from 'node:os';
import type { PreparedSlice } from '../delivery/unit.js';
import type { Gates } from '../report/checks.js';
import type { Comparison } from '../report/comparison.js';
import type { SendOptions } from './options.js';
import { prepareSlices } from './pipeline.js';
import { openSession, type Session } from './session.js';
import { createSliceWork } from './slice-work.js';

/**
 * `rokt-capi send` and `rokt-capi validate`: files in, batches out, the summary on standard output. Sets the exit code.
 *
 * @param gates what `validate` insists on.
 * @param comparison what `validate --against` found.
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function send(
  files: readonly string[],
  options: SendOptions,
  gates?: Gates,
  comparison?: Comparison,
): Promise<void> {
  const session = await openSession({
    command: 'send',
    files,
    options,
    mappingsOf: (config) => config.mappings,
    separate: false,
    alsoRead: [options.against, options.baseline].filter((file) => file !== undefined),
    ...(gates === undefined ? {} : { gates }),
  });
  await session.deliver(prepareAll(session, options.workers ?? availableParallelism()), (result) =>
    comparison === undefined ? result : { ...result, comparison },
  );
}

async function* prepareAll(session: Session, workers: number): AsyncGenerator<PreparedSlice> {
  const { inputs, work: spec, ids, sharedIds } = session;
  const slices = prepareSlices(inputs, {
    workers,
    spec: sharedIds && { spec, ids: sharedIds },
    work: createSliceWork(spec, ids),
  });
  for await (const slice of slices) {
    const onTaken = (): void => {
      session.read(slice.packed.lines.length);
      session.assess(slice.packed.quality);
    };
    yield { ...slice, onTaken };
  }
}
