import { join } from 'node:path';
import { Readable } from 'node:stream';
import { inputOptionsOf, payloadOptionsOf } from '../../src/cli/configured.js';
import { loadConfig } from '../../src/config/load.js';
import { openInputs } from '../../src/input/open.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { createPreparer, type PreparedRecord } from '../../src/payload/prepare.js';
import type { BatchContent } from '../../src/payload/wire.js';
import { identify } from '../../src/state/keys.js';

const IDS = {
  identify: (key: Parameters<typeof identify>[1]) => identify('', key),
  isDelivered: () => false,
};

/** What a run in a folder makes of the records of a file there: as its config says, but in this process. */
export async function preparedIn(folder: string, file: string): Promise<PreparedRecord[]> {
  const config = loadConfig({ cwd: folder, env: {} });
  const inputs = await openInputs([join(folder, file)], Readable.from([]), inputOptionsOf(config, {}));
  const mappings = compileMappings(config.mappings);
  const prepare = createPreparer(mappings, payloadOptionsOf(config, {}, Date.now()), IDS);
  const prepared: PreparedRecord[] = [];
  for (const { slices, read } of inputs) {
    for await (const slice of slices) for (const record of read(slice)) prepared.push(prepare(record));
  }
  return prepared;
}

/** The batches of {@link preparedIn}. Throws where a record is rejected. */
export async function batchesIn(folder: string, file: string): Promise<BatchContent[]> {
  return (await preparedIn(folder, file)).flatMap(({ outcome }) => {
    if (outcome.kind === 'rejected') throw new Error(outcome.problem.message);
    return outcome.kind === 'ready' ? outcome.deliveries.map(({ batch }) => batch) : [];
  });
}
