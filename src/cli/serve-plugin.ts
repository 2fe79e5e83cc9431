import { basename, resolve } from 'node:path';
import { writeAtomically } from '../atomic-file.js';
import { UserError } from '../errors.js';
import {
  integrityOf,
  renderHtml,
  renderIntegrityTag,
  renderScript,
  type ScriptOptions,
} from '../serve/script.js';
import { startScriptServer } from '../serve/server.js';
import type { ServePluginOptions } from './options.js';
import { onEndSignal } from './signals.js';

const DEFAULT_QUERY_PARAMS = ['rtid', 'rclid'];

/**
 * `rokt-capi serve-plugin`: prints the browser snippet, writes it to a file, or serves it until a signal. With `--sri`
 * the hash and the tag are printed: what goes to the file is the script that they are of.
 *
 * @throws UserError `OPTION_CONFLICT`, `OUT_UNWRITABLE`, `PORT_UNUSABLE`.
 */
export async function servePlugin(options: ServePluginOptions): Promise<void> {
  const baked: ScriptOptions = {
    queryParams: options.queryParam ?? DEFAULT_QUERY_PARAMS,
    storageKey: options.storageKey,
    expiresMs: options.expires,
    integrationName: options.integrationName,
    requireConsent: options.requireConsent === true,
  };
  const forms = [options.html, options.esm, options.sri, options.port !== undefined].filter(Boolean).length;
  if (forms > 1 || (options.port !== undefined && options.out !== undefined)) {
    throw new UserError('OPTION_CONFLICT', '--html, --esm, --sri and --port exclude each other.', {
      hint: 'Keep one of them; --out goes with all except --port.',
    });
  }
  if (options.port !== undefined) {
    await serve(baked, options.host, options.port);
    return;
  }
  const script = renderScript(options.esm === true ? 'module' : 'script', baked);
  const text = options.html === true ? renderHtml(script) : script;
  if (options.out !== undefined) await writeAtomically(resolve(options.out), text, 'OUT_UNWRITABLE', 0o644);
  if (options.sri === true) {
    const name = options.out === undefined ? undefined : basename(options.out);
    process.stdout.write(`${integrityOf(script)}\n${renderIntegrityTag(script, name)}\n`);
  } else if (options.out === undefined) {
    process.stdout.write(text);
  }
}

async function serve(baked: ScriptOptions, host: string, port: number): Promise<void> {
  const server = await startScriptServer(baked, host, port);
  process.stdout.write(`${server.url}\n`);
  process.stderr.write(`Serving the snippet, and a demo at ${server.url}. Ctrl-C stops it.\n`);
  await new Promise<void>((end) => onEndSignal(() => end()));
  await server.close();
}
