import type { Server } from 'node:http';
import { codeOf, UserError } from './errors.js';

/** A server that listens. */
export interface Listening {
  /** Its address: `http://127.0.0.1:8080`, without a slash at its end. */
  readonly origin: string;
  /** Ends it, also for whoever is connected. */
  close(): Promise<void>;
}

/**
 * Lets a server listen.
 *
 * @param port 0 for any that is free.
 * @param code of the error.
 * @throws UserError with that code, where it cannot.
 */
export async function listen(
  server: Server,
  host: string,
  port: number,
  code: 'PORT_UNUSABLE' | 'SANDBOX_PORT_TAKEN',
): Promise<Listening> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  }).catch((cause: unknown) => {
    const why = codeOf(cause) ?? 'unknown cause';
    throw new UserError(code, `Cannot listen on port ${port} of ${host} (${why}).`, {
      hint: 'Choose another with --port, or --port 0 for any free port; --host must be an address of this machine.',
      cause,
    });
  });
  const address = server.address();
  const bound = typeof address === 'object' && address !== null ? address.port : port;
  return {
    origin: `http://${host.includes(':') ? `[${host}]` : host}:${bound}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
