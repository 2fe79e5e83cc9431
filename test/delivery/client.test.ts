import { spawn } from 'node:child_process';
import dns from 'node:dns';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createClient, type Timeouts } from '../../src/delivery/client.js';
import { listen, NOBODY } from '../helpers/listen.js';

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A busy machine answers within these. */
const LONG: Timeouts = { connectMs: 30_000, headersMs: 30_000, bodyMs: 30_000 };

/** What a request ended with at a server that does this with a connection, once it has read something. */
async function answerOf(
  onData: (socket: Socket) => void,
  optionsAt: (port: number) => {
    readonly endpoint: string;
    readonly env: NodeJS.ProcessEnv;
    readonly timeouts?: Timeouts;
  } = (port) => ({
    endpoint: `http://127.0.0.1:${port}`,
    env: {},
  }),
): Promise<unknown> {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.once('data', () => onData(socket));
  });
  const port = await listen(server);
  servers.push(server);
  const client = createClient({
    ...optionsAt(port),
    credentials: { key: 'k', secret: 's' },
    concurrency: 1,
    userAgent: 'test',
  });
  try {
    return await client.post('/v2/bulkevents', Buffer.from('[]'), new AbortController().signal);
  } finally {
    await client.close();
  }
}

describe('a request without an answer says why, and whether it may have arrived', () => {
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

  it.each([
    [407, { kind: 'proxy unauthorized' }],
    [403, { kind: 'failed', reason: 'the proxy answered 403', arrived: false }],
    [502, { kind: 'failed', reason: 'the proxy answered 502', arrived: false }],
  ])('where a proxy answered %d', async (status, expected) => {
    const refuse = (socket: Socket) => socket.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
    const through = (port: number) => {
      return { endpoint: 'https://example.test', env: { HTTPS_PROXY: `http://127.0.0.1:${port}` } };
    };
    expect(await answerOf(refuse, through)).toEqual(expected);
  });

  it.each([
    ['does not answer', ''],
    ['begins its answer and does not go on', 'HTTP/1.1 200 OK\r\n'],
  ])('where a proxy %s', async (_, answer) => {
    const timeouts = { connectMs: 500, headersMs: 60_000, bodyMs: 60_000 };
    const through = (port: number) => {
      return { endpoint: 'https://example.test', env: { HTTPS_PROXY: `127.0.0.1:${port}` }, timeouts };
    };
    const ended = await answerOf((socket) => socket.write(answer), through);
    const reason = 'no way through the proxy: no connection was made in time';
    expect(ended).toEqual({ kind: 'failed', reason, arrived: false });
  });

  it('where a proxy gives a way, and resets it before there is TLS', async () => {
    const answer = (socket: Socket) =>
      socket.write('HTTP/1.1 200 OK\r\n\r\n', () => socket.resetAndDestroy());
    const through = (port: number) => {
      return { endpoint: 'https://example.test', env: { HTTPS_PROXY: `127.0.0.1:${port}` } };
    };
    const ended = await answerOf(answer, through);
    expect(ended).toMatchObject({
      kind: 'failed',
      reason: expect.stringContaining('the connection was cut'),
      arrived: false,
    });
  });

  it('where what answers does not speak TLS', async () => {
    const plain = (socket: Socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n');
    const answer = await answerOf(plain, (port) => ({
      endpoint: `https://127.0.0.1:${port}`,
      env: {},
    }));
    expect(answer).toMatchObject({
      kind: 'failed',
      arrived: false,
      reason: expect.stringMatching(/^what answered does not speak TLS \(ERR_SSL_\w+\)$/),
    });
  });

  it.each([
    'SSH-2.0-OpenSSH_9.6\r\n',
    'HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: upgrade\r\n\r\n',
    'HTTP/1.1 202 OK\r\nContent-Length: none\r\n\r\n',
  ])('where what answers does not speak HTTP: %j', async (text) => {
    const answer = await answerOf((socket) => socket.end(text));
    expect(answer).toMatchObject({
      kind: 'failed',
      arrived: true,
      reason: expect.stringMatching(/^what answered does not speak HTTP( \(\w+\))?$/),
    });
  });

  it.each([
    ['no answer comes', '', { headersMs: 500 }, 'the server did not answer in time'],
    [
      'the answer stops half-way',
      'HTTP/1.1 202 OK\r\nContent-Length: 9\r\n\r\nhalf',
      { bodyMs: 500 },
      "the server's answer broke off",
    ],
  ])('where %s', async (_, answer, short, reason) => {
    const timeouts = { ...LONG, ...short };
    const options = (port: number) => ({ endpoint: `http://127.0.0.1:${port}`, env: {}, timeouts });
    const ended = await answerOf((socket) => socket.write(answer), options);
    expect(ended).toEqual({ kind: 'failed', reason, arrived: true });
  });

  it('where the answer has no end', async () => {
    const timeouts = { ...LONG, bodyMs: 500 };
    const options = (port: number) => ({ endpoint: `http://127.0.0.1:${port}`, env: {}, timeouts });
    const goOn = (socket: Socket): void => {
      socket.write('HTTP/1.1 202 OK\r\nTransfer-Encoding: chunked\r\n\r\n');
      const timer = setInterval(() => socket.write('1\r\na\r\n'), 50);
      socket.on('close', () => clearInterval(timer));
    };
    const ended = await answerOf(goOn, options);
    const reason = "the server's answer broke off";
    expect(ended).toEqual({ kind: 'failed', reason, arrived: true });
  });

  it('where nobody is there', async () => {
    const reason = 'nothing listens at that address (ECONNREFUSED)';
    const options = () => ({ endpoint: `http://${NOBODY}`, env: {} });
    const ended = await answerOf(() => undefined, options);
    expect(ended).toEqual({ kind: 'failed', reason, arrived: false });
  });
});

// Where there is no room for another connection Linux leaves its packet unanswered, and a second one comes after a second.
it.runIf(process.platform === 'linux')(
  'a server that is far away is reached where its name has an IPv6 address too, and this machine has no IPv6',
  async () => {
    const far = spawn(process.execPath, [
      '-e',
      `const server = require('net').createServer((socket) =>
         socket.once('data', () => socket.end('HTTP/1.1 202 OK\\r\\nContent-Length: 0\\r\\n\\r\\n')));
       server.listen({ port: 0, host: '127.0.0.1', backlog: 1 }, () => {
         require('fs').writeSync(1, String(server.address().port));
         require('fs').readSync(0, Buffer.alloc(1));
       });`,
    ]);
    const port = await new Promise<number>((resolve) =>
      far.stdout.once('data', (text) => resolve(Number(text))),
    );
    const before = Array.from({ length: 4 }, () => connect(port, '127.0.0.1'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    const addresses = [
      { address: '127.0.0.1', family: 4 },
      { address: '2001:db8::1', family: 6 },
    ];
    const lookup = vi.spyOn(dns, 'lookup').mockImplementation((...args: unknown[]) => {
      const done = args.at(-1);
      if (typeof done === 'function') setImmediate(() => done(null, addresses));
    });
    const client = createClient({
      endpoint: `http://localhost:${port}`,
      env: {},
      credentials: { key: 'k', secret: 's' },
      concurrency: 1,
      userAgent: 'test',
    });
    setTimeout(() => far.stdin.write('.'), 600);
    const answer = await client.post('/v2/bulkevents', Buffer.from('[]'), new AbortController().signal);
    expect(answer).toEqual({ kind: 'accepted' });
    lookup.mockRestore();
    for (const socket of before) socket.destroy();
    await client.close();
    far.kill();
  },
);

describe('an answer', () => {
  const answer = (status: number, body = '', header = '') =>
    answerOf((socket) =>
      socket.end(
        `HTTP/1.1 ${status} X\r\n${header}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`,
      ),
    );
  const usage = (share: string) => `X-MP-Rate-Limit-Percentage-Used: ${share}\r\n`;

  it('that accepts says how much of the limit is used, where the server says so', async () => {
    expect(await answer(202, '', usage('42'))).toEqual({ kind: 'accepted', usagePercent: 42 });
    expect(await answer(200)).toEqual({ kind: 'accepted' });
    expect(await answer(202, '', usage('much'))).toEqual({ kind: 'accepted' });
  });

  it.each([
    ['Content-Type: text/html; charset=utf-8\r\n', '<p>Please log in.</p>', true],
    ['Content-Type: TEXT/HTML\r\n', '<a href=/login>moved</a>', true],
    ['', '\n<!DOCTYPE html><title>Shop</title>', true],
    ['Content-Type: text/plain\r\n', '<HTML lang=en>', true],
    ['Content-Type: text/html\r\n', '', false],
    ['Content-Type: text/html; charset=utf-8\r\n', 'Accepted', false],
    ['Content-Type: text/plain\r\n', 'OK', false],
    ['Content-Type: application/json\r\n', '{"html":"<html>"}', false],
  ])('that accepts is none where it is a web page: %j %j', async (header, body, isPage) => {
    for (const status of [200, 202]) {
      const expected = isPage ? { kind: 'web page', status } : { kind: 'accepted' };
      expect(await answer(status, body, header)).toEqual(expected);
    }
  });

  it.each([
    ['{"errors":[{"code":"BAD_REQUEST","message":"one"},{"message":"two"},7]}', 'one; two'],
    ['{"errors":[]}', '{"errors":[]}'],
    [' {"message":"x"} ', '{"message":"x"}'],
    ['null', 'null'],
    [' <h1>No</h1>\n', '<h1>No</h1>'],
    ['', ''],
    ['x'.repeat(301), 'x'.repeat(300)],
    [`{"errors":[{"message":"${'x'.repeat(301)}"}]}`, 'x'.repeat(300)],
  ])('that refuses has the words of the server: %s', async (body, message) => {
    for (const status of [400, 413])
      expect(await answer(status, body)).toEqual({ kind: 'refused', status, message });
  });

  it.each([
    [401, { kind: 'unauthorized', status: 401 }],
    [403, { kind: 'unauthorized', status: 403 }],
    [307, { kind: 'unusable', status: 307 }],
    [404, { kind: 'unusable', status: 404 }],
    [408, { kind: 'failed', reason: 'the server answered 408', arrived: true, retryAfterMs: 3_000 }],
    [425, { kind: 'failed', reason: 'the server answered 425', arrived: true, retryAfterMs: 3_000 }],
    [500, { kind: 'failed', reason: 'the server answered 500', arrived: true, retryAfterMs: 3_000 }],
    [503, { kind: 'failed', reason: 'the server answered 503', arrived: true, retryAfterMs: 3_000 }],
    [429, { kind: 'throttled', throttle: { retryAfterMs: 3_000, limit: 'acceleration' } }],
  ])('with the status %d', async (status, expected) => {
    const header = 'Retry-After: 3\r\nX-mp-rate-limit-exceeded: acceleration\r\n';
    expect(await answer(status, '', header)).toEqual(expected);
  });
});

describe('how long a server asks to be left alone', () => {
  const DATE = 'Date: Fri, 27 Nov 2026 10:00:00 GMT';
  it.each([
    ['in seconds', 'Retry-After: 7', 7_000],
    [
      'as a date, by the clock of the server',
      `Retry-After: Fri, 27 Nov 2026 10:02:00 GMT\r\n${DATE}`,
      120_000,
    ],
    ['as a date that is over', `Retry-After: Fri, 27 Nov 2026 09:00:00 GMT\r\n${DATE}`, 0],
    ['for years: a day at most', 'Retry-After: 999999999', 86_400_000],
    ['as a date, without its own', 'Retry-After: Fri, 27 Nov 2026 10:02:00 GMT', undefined],
    ['in no way', 'Retry-After: soon', undefined],
    ['in minutes, which it cannot', 'Retry-After: 5 minutes', undefined],
  ])('%s', async (_, header, retryAfterMs) => {
    const answer = await answerOf((socket) =>
      socket.end(`HTTP/1.1 429 Slow\r\n${header}\r\nContent-Length: 0\r\n\r\n`),
    );
    expect(answer).toEqual({
      kind: 'throttled',
      throttle: retryAfterMs === undefined ? {} : { retryAfterMs },
    });
  });
});
