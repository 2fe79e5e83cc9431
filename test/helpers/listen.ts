import type { Server as HttpServer } from 'node:http';
import type { Server } from 'node:net';

/** An address of this machine where nobody listens, nor will: a port that was free a moment ago may be another test's. */
export const NOBODY = '127.0.0.1:1';

/** Has a server listen at any free port of this machine. @returns the port. */
export async function listen(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

/** Ends a server, also for whoever is connected. */
export function closeServer(server: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
