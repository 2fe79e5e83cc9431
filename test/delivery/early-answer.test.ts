import { createServer, type Socket } from 'node:net';
import { expect, it } from 'vitest';
import { createClient } from '../../src/delivery/client.js';
import { systemClock } from '../../src/delivery/clock.js';
import { Pacer } from '../../src/delivery/pacer.js';
import { Uploader } from '../../src/delivery/uploader.js';
import { listen } from '../helpers/listen.js';
import { batchesFor, conversion, jsonOf } from '../helpers/units.js';

const ANSWER = 'HTTP/1.1 202 Accepted\r\ncontent-length: 0\r\n\r\n';

it('a body arrives as it was made, though the server answers long before it reads it', async () => {
  // 50 requests of 200 KB: after some of them the operating system takes no more, and what follows waits in this process.
  const batches = batchesFor(
    Array.from({ length: 5_000 }, (_, n) => conversion(`order-${n}`, { padding: 'x'.repeat(1_700) })),
  );
  let received = '';
  let waiting = 0;
  let connected: (socket: Socket) => void = () => undefined;
  const connection = new Promise<Socket>((resolve) => {
    connected = resolve;
  });
  const server = createServer((socket) => connected(socket.pause()));
  const port = await listen(server);
  const client = createClient({
    endpoint: `http://127.0.0.1:${port}`,
    credentials: { key: 'k', secret: 's' },
    concurrency: 1,
    env: {},
    userAgent: 'test',
  });
  const uploader = new Uploader({
    client,
    pacer: new Pacer(1_000_000, systemClock),
    concurrency: 1,
    clock: systemClock,
    random: () => 0,
    giveUpAfterMs: 60_000,
    submitter: {
      settle: (_, outcome) => {
        expect(outcome.kind).toBe('accepted');
        if (!client.isFlushed) waiting += 1;
      },
      regroup: async () => undefined,
      onStop: () => undefined,
    },
  });
  let done = false;
  const uploaded = uploader
    .submit(batches)
    .then(() => uploader.flush())
    .finally(() => {
      done = true;
    });
  const socket = await connection;
  const aMoment = () => new Promise((resolve) => setTimeout(resolve, 2));
  for (let answers = 0; !done; ) {
    await aMoment();
    if (uploader.counts.requests <= answers) continue;
    socket.write(ANSWER);
    answers += 1;
  }
  await uploaded;
  socket.setEncoding('utf8').on('data', (text: string) => {
    received += text;
  });
  socket.resume();
  const ended = new Promise((resolve) => socket.once('close', resolve));
  while (!client.isFlushed) await aMoment();
  await client.close();
  await ended;
  server.close();
  expect(waiting).toBeGreaterThan(0);
  const bodies = received.split(/(?:^|(?<=\]))POST [^[]*?\r\n\r\n/).filter((body) => body !== '');
  expect(bodies).toHaveLength(uploader.counts.requests);
  const whole = bodies.map((body) => body.slice(1, -1)).join(',');
  expect(whole === batches.map(jsonOf).join(',')).toBe(true);
});
