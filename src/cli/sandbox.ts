import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { startSandbox } from '../sandbox/server.js';
import type { SandboxOptions } from './options.js';
import { onEndSignal } from './signals.js';

/** `rokt-capi sandbox`: runs until Ctrl-C, writing each batch that it keeps as a line. */
export async function sandbox(options: SandboxOptions): Promise<void> {
  const out = options.out === undefined ? process.stdout : createWriteStream(options.out, { mode: 0o600 });
  const sandbox = await startSandbox({
    host: options.host,
    port: options.port,
    batchesPerSecond: options.rate,
    latencyMs: options.latency,
    onAccepted: async (batch, path) => {
      if (!out.write(`${JSON.stringify({ path, receivedAt: new Date().toISOString(), batch })}\n`))
        await once(out, 'drain');
    },
  });
  process.stderr.write(
    `A local CAPI listens on ${sandbox.url} (any credentials; ${options.rate || 'any number of'} batches a second).\n`,
  );
  process.stderr.write(`Send to it with --endpoint ${sandbox.url}; Ctrl-C ends it.\n`);
  const release = await new Promise<() => void>((resolve) => {
    const off = onEndSignal(() => resolve(off));
  });
  release();
  await sandbox.close();
  process.stderr.write(`${JSON.stringify(sandbox.summary())}\n`);
}
