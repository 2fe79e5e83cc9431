import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../config/config.js';
import { accountOf, readCredentials } from '../config/credentials.js';
import { parseEndpoint } from '../config/endpoint.js';
import type { Client } from '../delivery/client.js';
import type { Scope } from '../state/keys.js';
import type { DeliveryOptions } from './options.js';
import { userAgent } from './version.js';

/** Where a run sends to. */
export interface Target {
  readonly client: Client;
  /** Tells it from other destinations in the state. */
  readonly scope: Scope;
  /** In words, for the summary. */
  readonly destination: string;
  /** Absolute path; made only when something is written to it. */
  readonly stateDirectory: string;
  readonly batchesPerSecond: number;
  readonly concurrency: number;
  /** Lets go of connections, and of the sandbox. */
  close(): Promise<void>;
}

/**
 * The endpoint of the config or the flag with the credentials of the environment, or a sandbox started for this run
 * with a throw-away state.
 *
 * @throws UserError `CREDENTIALS_…`, `ENDPOINT_…`, `PROXY_INVALID`.
 */
export async function openTarget(config: Config, options: DeliveryOptions, runId: string): Promise<Target> {
  // Loaded only here: a dry run needs no HTTP client, which takes 100 ms to load.
  const { createClient } = await import('../delivery/client.js');
  const concurrency = options.concurrency ?? config.delivery.concurrency;
  const batchesPerSecond = options.rate ?? config.delivery.batchesPerSecond;
  const common = { concurrency, env: process.env, userAgent: userAgent() };
  if (options.sandbox === true) {
    const { startSandbox } = await import('../sandbox/server.js');
    const sandbox = await startSandbox({ batchesPerSecond });
    const client = createClient({
      ...common,
      endpoint: sandbox.url,
      credentials: { key: 'sandbox', secret: 'sandbox' },
    });
    return {
      client,
      scope: sandboxScope(config),
      destination: 'the sandbox',
      stateDirectory: join(tmpdir(), `rokt-capi-sandbox-${runId}`),
      batchesPerSecond,
      concurrency,
      close: async () => {
        await client.close();
        await sandbox.close();
      },
    };
  }
  const endpoint = endpointOf(config, options);
  const credentials = readCredentials(process.env);
  const client = createClient({ ...common, endpoint, credentials });
  return {
    client,
    scope: { endpoint, environment: config.environment, account: accountOf(process.env) },
    destination: `${endpoint} (${config.environment})`,
    stateDirectory: config.stateDirectory,
    batchesPerSecond,
    concurrency,
    close: () => client.close(),
  };
}

/** The endpoint that a run goes to, or in a dry run would go to; not for the sandbox. */
export function endpointOf(config: Config, options: Pick<DeliveryOptions, 'endpoint'>): string {
  return options.endpoint === undefined ? config.endpoint : parseEndpoint(options.endpoint);
}

/** What tells the sandbox from other destinations, in the state that it was given: the same in every run. */
export function sandboxScope({ environment }: Config): Scope {
  return { endpoint: 'sandbox', environment, account: 'sandbox' };
}
