import { createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/delivery/client.js';
import { listen } from '../helpers/listen.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** What a request ended with at a server that does this with a connection, once it has read something. */
async function answerOf(onData: (socket: Socket) => void, isOpen = true): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => onData(socket));
  });
  const port = await listen(server);
  if (isOpen) servers.push(server);
  else await new Promise((resolve) => server.close(resolve));
  const client = createClient({
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { key: 'k', secret: 's' },
    concurrency: 1,
    env: {},
    userAgent: 'test',
  });
  try {
    return await client.post('/v2/bulkevents', Buffer.from('[]'), new AbortController().signal);
  } finally {
    await client.close();
  }
}

describe('a request without an answer tells why, and whether it may have arrived', () => {
  it('where the connection was closed in the middle', async () => {
    const reason = 'the connection was cut before the answer came';
    expect(await answerOf((socket) => socket.end())).toEqual({ kind: 'failed', reason, arrived: true });
  });

  it('where the connection was reset', async () => {
    const reason = 'the connection was cut before the answer came (ECONNRESET)';
    expect(await answerOf((socket) => socket.resetAndDestroy())).toEqual({
      kind: 'failed',
      reason,
      arrived: true,
    });
  });

  it('where nobody is there', async () => {
    const reason = 'nothing listens at that address (ECONNREFUSED)';
    expect(await answerOf(() => undefined, false)).toEqual({ kind: 'failed', reason, arrived: false });
  });
});
