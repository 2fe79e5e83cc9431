import { afterEach, describe, expect, it } from 'vitest';
import { createClient } from '../../src/delivery/client.js';
import { systemClock } from '../../src/delivery/clock.js';
import type { UnitOutcome } from '../../src/delivery/outcome.js';
import { Pacer } from '../../src/delivery/pacer.js';
import { Uploader } from '../../src/delivery/uploader.js';
import type { Delivery } from '../../src/payload/delivery.js';
import type { Batch } from '../../src/payload/wire.js';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { batchesFor, conversion, jsonOfUnit } from '../helpers/units.js';

let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** Uploads to `server` as fast as it takes it, and returns what became of each event by its id. */
async function upload(
  deliveries: readonly Delivery[],
  options: {
    readonly concurrency?: number;
    readonly giveUpAfterMs?: number;
    /** How long an answer is waited for, in ms: longer than a busy machine takes. */
    readonly answersInMs?: number;
  } = {},
) {
  const outcomes = new Map<string, UnitOutcome>();
  const concurrency = options.concurrency ?? 4;
  const answersInMs = options.answersInMs ?? 30_000;
  const client = createClient({
    endpoint: server?.url ?? '',
    credentials: { key: 'k', secret: 's' },
    concurrency,
    env: {},
    userAgent: 'test',
    timeouts: { connectMs: 30_000, headersMs: answersInMs, bodyMs: answersInMs },
  });
  const uploader = new Uploader({
    client,
    pacer: new Pacer(1_000_000, systemClock),
    concurrency,
    clock: systemClock,
    random: () => 0.05,
    giveUpAfterMs: options.giveUpAfterMs ?? 60_000,
    submitter: {
      settle: (units, outcome) => {
        for (const unit of units) {
          const batch: Batch = JSON.parse(jsonOfUnit(unit));
          const id = batch.events?.[0]?.data.source_message_id ?? '';
          expect(outcomes.has(id), `${id} is settled once`).toBe(false);
          outcomes.set(id, outcome);
        }
      },
      regroup: async () => undefined,
      onStop: () => undefined,
    },
  });
  await uploader.submit(batchesFor(deliveries));
  await uploader.flush();
  await client.close();
  return { outcomes, uploader };
}

const orders = (count: number) => Array.from({ length: count }, (_, n) => conversion(`order-${n}`));
const heldIds = () =>
  (server?.held ?? []).flatMap((batch) => (batch.events ?? []).map((event) => event.data.source_message_id));

describe('an upload', () => {
  it('holds at most 100 events and 256 KB in a request, however many batches there are', async () => {
    server = await startCapiServer();
    const two = Array.from({ length: 150 }, (_, n) => [
      conversion(`a${n}`, { user: `u${n}`, padding: 'x'.repeat(4_000) }),
      conversion(`b${n}`, { user: `u${n}` }),
    ]).flat();
    await upload(two);
    for (const request of server.requests) {
      const events = request.batches.reduce((sum, batch) => sum + (batch.events?.length ?? 0), 0);
      expect(events).toBeLessThanOrEqual(100);
      expect(Buffer.byteLength(request.body)).toBeLessThan(262_144);
    }
    expect(new Set(heldIds()).size).toBe(300);
  });

  it('halves a request that has more batches than the server takes in a second, until it comes through', async () => {
    server = await startCapiServer((_, { batches }) =>
      batches.length > 20
        ? { kind: 'answer', status: 429, headers: { 'retry-after': '0' } }
        : { kind: 'accept' },
    );
    const { outcomes, uploader } = await upload(orders(100), { concurrency: 1 });
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(Array(100).fill('accepted'));
    expect(heldIds().sort()).toEqual(Array.from({ length: 100 }, (_, n) => `order-${n}`).sort());
    expect(server.duplicates).toBe(0);
    expect(uploader.counts.batches).toBe(100);
  });

  it('sends the credentials as HTTP Basic', async () => {
    server = await startCapiServer();
    await upload(orders(1));
    expect(server.requests[0]?.authorization).toBe(`Basic ${Buffer.from('k:s').toString('base64')}`);
  });

  it('tries again with the very same bytes after 500, 429 and a cut connection', async () => {
    server = await startCapiServer((number) => {
      if (number === 1) return { kind: 'answer', status: 500 };
      if (number === 2) return { kind: 'answer', status: 429, headers: { 'retry-after': '0' } };
      if (number === 3) return { kind: 'accept-and-drop' };
      return { kind: 'accept' };
    });
    const { outcomes, uploader } = await upload(orders(20));
    expect(new Set(server.requests.map((request) => request.body)).size).toBe(1);
    expect(server.requests).toHaveLength(4);
    expect(server.held).toHaveLength(20);
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(Array(20).fill('accepted'));
    expect(uploader.counts).toMatchObject({ requests: 4, retries: 3, batches: 20, events: 20 });
  });

  it.each(['accept-and-hang', 'half-answer'] as const)(
    'goes on after a server that stops half-way: %s',
    async (kind) => {
      server = await startCapiServer((number) => ({ kind: number === 1 ? kind : 'accept' }));
      const { outcomes } = await upload(orders(5), { answersInMs: 3_000 });
      expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(Array(5).fill('accepted'));
      expect([server.requests.length, server.held.length, server.duplicates]).toEqual([2, 5, 5]);
    },
  );

  it('waits as long as Retry-After says', async () => {
    server = await startCapiServer((number) =>
      number === 1 ? { kind: 'answer', status: 429, headers: { 'retry-after': '1' } } : { kind: 'accept' },
    );
    await upload(orders(1));
    const [first, second] = server.requests;
    expect((second?.at ?? 0) - (first?.at ?? 0)).toBeGreaterThanOrEqual(990);
  });

  it('splits what is refused until the culprit stands alone, and delivers the rest', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('"order-37"') ? badRequest('order-37 is not for me') : { kind: 'accept' },
    );
    const { outcomes } = await upload(orders(80));
    expect(outcomes.get('order-37')).toEqual({
      kind: 'rejected',
      status: 400,
      message: 'order-37 is not for me',
    });
    expect([...outcomes.values()].filter((outcome) => outcome.kind === 'accepted')).toHaveLength(79);
    expect(new Set(heldIds()).size).toBe(79);
    expect(server.duplicates).toBe(0);
  });

  it('splits a batch of several events of one user too', async () => {
    server = await startCapiServer((_, request) =>
      request.body.includes('"bad"')
        ? { kind: 'answer', status: 413, body: 'too large' }
        : { kind: 'accept' },
    );
    const { outcomes } = await upload(['one', 'bad', 'two'].map((id) => conversion(id, { user: 'same' })));
    expect(outcomes.get('bad')).toEqual({ kind: 'rejected', status: 413, message: 'too large' });
    expect(heldIds()).toEqual(['one', 'two']);
  });

  it('stops at once when the credentials are refused, with everything unsent pending', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 401 }));
    const { outcomes, uploader } = await upload(orders(2_000), { concurrency: 1 });
    expect(uploader.stopReason).toEqual({ kind: 'unauthorized', status: 401 });
    expect(server.requests).toHaveLength(1);
    expect([...outcomes.values()].filter((outcome) => outcome.kind === 'pending')).toHaveLength(2_000);
  });

  it('follows no redirect', async () => {
    server = await startCapiServer(() => ({
      kind: 'answer',
      status: 307,
      headers: { location: 'http://127.0.0.1:1/' },
    }));
    const { uploader } = await upload(orders(1));
    expect(uploader.stopReason).toEqual({ kind: 'unusable', status: 307 });
    expect(server.requests).toHaveLength(1);
  });

  it('gives up on an endpoint that goes on failing, with everything pending', async () => {
    server = await startCapiServer(() => ({ kind: 'answer', status: 503 }));
    const { outcomes, uploader } = await upload(orders(10), { giveUpAfterMs: 200 });
    expect(uploader.stopReason?.kind).toBe('unreachable');
    expect([...outcomes.values()].map(({ kind }) => kind)).toEqual(Array(10).fill('pending'));
  });

  it("keeps one user's updates in order while requests fail around them", async () => {
    server = await startCapiServer((number) =>
      number % 3 === 0 ? { kind: 'answer', status: 500 } : { kind: 'accept', delayMs: number % 5 },
    );
    const updates = Array.from({ length: 400 }, (_, n) =>
      conversion(`${n}`, { user: `user-${n % 7}`, rtid: `click-${n}`, timestampMs: n }),
    );
    await upload(updates, { concurrency: 8 });
    const order = new Map<string, number[]>();
    for (const batch of server.held) {
      const user = batch.user_identities.customerid ?? '';
      const ids = (batch.events ?? []).map((event) => Number(event.data.source_message_id));
      order.set(user, [...(order.get(user) ?? []), ...ids]);
    }
    expect([...order.values()].flat()).toHaveLength(400);
    for (const ids of order.values()) expect(ids).toEqual([...ids].sort((a, b) => a - b));
  });
});
