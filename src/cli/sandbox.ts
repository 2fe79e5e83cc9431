import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { checkOwner, unwritableFile } from '../atomic-file.js';
import { descriptorOf } from '../descriptor.js';
import { UserError } from '../errors.js';
import { printableJson } from '../printable.js';
import { startSandbox } from '../sandbox/server.js';
import type { SandboxOptions } from './options.js';
import { onEndSignal } from './signals.js';

/**
 * `rokt-capi sandbox`: runs until Ctrl-C, writing each batch that it keeps as a line.
 *
 * @throws UserError `OUT_UNWRITABLE`, also once it runs; `SANDBOX_PORT_TAKEN`.
 */
export async function sandbox(options: SandboxOptions): Promise<void> {
  const file = options.out === undefined ? undefined : await openOut(options.out);
  const out = file ?? process.stdout;
  const sandbox = await startSandbox({
    host: options.host,
    port: options.port,
    batchesPerSecond: options.rate,
    latencyMs: options.latency,
    // Where there is no room it waits for its turn, and no longer: what cannot be written is reported elsewhere.
    onAccepted: (batch, path) =>
      new Promise((written) => {
        const line = printableJson({ path, receivedAt: new Date().toISOString(), batch });
        if (out.write(`${line}\n`, () => written())) written();
      }),
  });
  process.stderr.write(
    `A local CAPI listens on ${sandbox.url} (any credentials; ${options.rate || 'any number of'} batches a second).\n`,
  );
  process.stderr.write(`Send to it with --endpoint ${sandbox.url}; Ctrl-C stops it.\n`);
  const cause = await new Promise<unknown>((end) => {
    const release = onEndSignal(() => {
      release();
      end(undefined);
    });
    file?.once('error', (error) => {
      release();
      end(error);
    });
  });
  await sandbox.close();
  process.stderr.write(`${JSON.stringify(sandbox.summary())}\n`);
  if (cause !== undefined) throw unwritableFile(resolve(options.out ?? ''), 'OUT_UNWRITABLE', cause);
  if (file !== undefined) await new Promise<void>((ended) => file.end(ended));
}

/** Opens a file for its owner alone, also where one is there that others could read. */
async function openOut(name: string): Promise<Writable> {
  const path = resolve(name);
  const fd = descriptorOf(path);
  if (fd !== undefined) return createWriteStream(path, { fd, autoClose: false });
  try {
    checkOwner(path, 'OUT_UNWRITABLE');
    const handle = await open(path, 'w', 0o600);
    if ((await handle.stat()).isFile()) await handle.chmod(0o600);
    return handle.createWriteStream();
  } catch (cause) {
    throw cause instanceof UserError ? cause : unwritableFile(path, 'OUT_UNWRITABLE', cause);
  }
}
