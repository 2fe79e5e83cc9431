import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/delivery/pacer.js';
import { randomFrom } from '../faults/random.js';
import { RateLimit } from '../helpers/rate-limit.js';
import { SimulatedServer } from '../helpers/simulated-server.js';

/** As much more than the second before it as a second may hold, as a share of the limit. */
const GROWTH = 0.5;
const never = new AbortController().signal;

/** Sends for so many seconds of the simulated clock, as fast as the pacer lets it. */
async function sendFor(pacer: Pacer, server: SimulatedServer, seconds: number): Promise<void> {
  const end = server.time + seconds * 1000;
  while (server.time < end) server.send(pacer, await pacer.acquire(pacer.requestSize(), never));
}

interface Setting {
  readonly delayMs?: () => number;
  readonly usage?: 'up' | 'down' | 'none';
  readonly limit?: number;
}

function start(rate: number, setting: Setting = {}) {
  const perSecond = setting.limit ?? rate;
  const limit = new RateLimit(perSecond, Math.ceil(perSecond * GROWTH));
  const server = new SimulatedServer(limit, { delayMs: () => 1, usage: 'up', ...setting });
  return { limit, server, pacer: new Pacer(rate, server) };
}

/** How many batches the pacer lets go in so many ms, without an answer. */
async function acquiredIn(pacer: Pacer, server: SimulatedServer, ms: number): Promise<number> {
  const end = server.time + ms;
  let sum = 0;
  for (;;) {
    const { batches } = await pacer.acquire(pacer.requestSize(), never);
    if (server.time > end) return sum;
    sum += batches;
  }
}

describe.each([100, 270, 1_000, 5_000])('at %d batches a second, against a strict server', (rate) => {
  it('uses 98 % of the limit with nothing refused, though some requests are held up on their way', async () => {
    const random = randomFrom(rate);
    // The first ones wait for the connection.
    const delayMs = () => Math.max(1, random() < 0.05 ? random() * 200 : 0, 200 - server.time);
    const { server, pacer } = start(rate, { delayMs });
    await sendFor(pacer, server, 60);
    expect(server.refused).toEqual([]);
    expect(server.takenBetween(4, 59) / 55).toBeGreaterThan(rate * 0.98);
  });

  it('finds the new limit within 10 seconds when the server halves it, with one pause', async () => {
    const { limit, server, pacer } = start(rate);
    await sendFor(pacer, server, 20);
    limit.change(rate / 2, Math.ceil(rate * GROWTH) / 2);
    await sendFor(pacer, server, 40);
    expect(server.refused).toEqual(['org']);
    expect(server.takenBetween(30, 59) / 29).toBeGreaterThan(Math.floor(rate / 2) * 0.98);
  });

  it('goes back to the full rate once the header says that there is room', async () => {
    const { limit, server, pacer } = start(rate);
    await sendFor(pacer, server, 10);
    limit.change(rate / 2, rate);
    await sendFor(pacer, server, 20);
    limit.change(rate, rate);
    await sendFor(pacer, server, 20);
    expect(server.takenBetween(40, 49) / 9).toBeGreaterThan(rate * 0.98);
  });

  it('is soon at the full rate again after a refusal that came of nothing but bad luck', async () => {
    const { server, pacer } = start(rate);
    await sendFor(pacer, server, 10);
    server.refuseNext();
    await sendFor(pacer, server, 15);
    expect(server.refused).toEqual(['org']);
    expect(server.takenBetween(17, 24) / 7).toBeGreaterThan(rate * 0.98);
  });

  it('makes up for the time in which the process was held up', async () => {
    const random = randomFrom(rate);
    const { server, pacer } = start(rate);
    await sendFor(pacer, server, 6);
    while (server.time < 60_000) {
      await sendFor(pacer, server, 0.5 + random() * 3);
      await server.sleep(random() * 100);
    }
    expect(server.refused).toEqual([]);
    expect(server.takenBetween(6, 60) / 54).toBeGreaterThan(rate * 0.98);
  });

  it('keeps near a lower limit that only refusals show', async () => {
    const { server, pacer } = start(rate, { usage: 'none', limit: Math.ceil(rate * 0.8) });
    await sendFor(pacer, server, 60);
    expect(server.takenBetween(10, 59) / 49).toBeGreaterThan(rate * 0.8 * 0.75);
    expect(server.refused.length).toBeLessThan(20);
  });
});

it.each([1, 2, 5])(
  'keeps %d a second also while the first request waits for its connection',
  async (rate) => {
    const delayMs = (): number => (server.time === 0 ? 100 : 1);
    const server = new SimulatedServer(new RateLimit(rate, 10), { delayMs, usage: 'none' });
    await sendFor(new Pacer(rate, server), server, 10);
    expect(server.refused).toEqual([]);
  },
);

it.each([20, 40, 67, 100, 270, 5_000])(
  'at %d batches a second, is not refused after it was frozen, had nothing to send, or waited for a slow answer',
  async (rate) => {
    const { server, pacer } = start(rate);
    await sendFor(pacer, server, 10);
    for (const ms of [700, 1_001, 1_500, 2_500, 75_000]) {
      await server.sleep(ms);
      await sendFor(pacer, server, 5);
    }
    expect(server.refused).toEqual([]);
  },
);

it('is refused little by a server that rounds what it reports of its use down', async () => {
  const { server, pacer } = start(270, { usage: 'down', limit: 135 });
  await sendFor(pacer, server, 120);
  expect(server.refused.length).toBeLessThan(5);
  expect(server.takenBetween(60, 119) / 59).toBeGreaterThan(135 * 0.98);
});

it('learns nothing of the limit from late answers to what was sent before a refusal', async () => {
  const { server, pacer } = start(1_000);
  await sendFor(pacer, server, 5);
  const [late, refused] = [await pacer.acquire(30, never), await pacer.acquire(30, never)];
  pacer.onThrottled(refused, { retryAfterMs: 900, limit: 'org' }, 0);
  await server.sleep(2);
  pacer.onAnswer(late);
  pacer.onUsage(late, 100);
  await server.sleep(948);
  // Growing from the half on, not from the whole.
  expect(await acquiredIn(pacer, server, 900)).toBeLessThanOrEqual(350);
});

it('leaves the rate as it is while others use much of a limit, but not all', async () => {
  const { server, pacer } = start(100);
  for (let n = 0; n < 1_000; n += 1) {
    const ticket = await pacer.acquire(pacer.requestSize(), never);
    pacer.onAnswer(ticket);
    pacer.onUsage(ticket, 89);
  }
  const from = server.time;
  for (let n = 0; n < 300; n += 1) await pacer.acquire(pacer.requestSize(), never);
  expect((server.time - from) / 1000).toBeLessThan(300 / (30 * 0.97));
});
