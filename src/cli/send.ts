import type { PreparedSlice } from '../delivery/unit.js';
import type { SendOptions } from './options.js';
import { openSession, type Session } from './session.js';

/**
 * `rokt-capi send` and `rokt-capi validate`: files in, batches out, the summary on standard output. Sets the exit code.
 *
 * @throws UserError for wrong usage and config, before anything is sent.
 */
export async function send(files: readonly string[], options: SendOptions): Promise<void> {
  const session = await openSession({
    command: 'send',
    files,
    options,
    mappingsOf: (config) => config.mappings,
    separate: false,
  });
  await session.deliver(prepareAll(session));
}

async function* prepareAll({ inputs, prepare, read }: Session): AsyncGenerator<PreparedSlice> {
  for (const input of inputs) {
    for await (const slice of input.slices) {
      const records = input.read(slice).map(prepare);
      read(records.length);
      yield { file: input.file, records };
    }
  }
}
