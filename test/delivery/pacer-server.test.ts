import { describe, expect, it } from 'vitest';
import { Pacer } from '../../src/delivery/pacer.js';
import { RateLimit } from '../../src/sandbox/rate-limit.js';
import { randomFrom } from '../faults/random.js';
import { SimulatedServer } from '../helpers/simulated-server.js';

/** As much more than the second before it as a second may hold, as a share of the limit. */
const GROWTH = 0.6;
const never = new AbortController().signal;

/** Sends for so many seconds of the simulated clock, as fast as the pacer lets it. */
async function sendFor(pacer: Pacer, server: SimulatedServer, seconds: number): Promise<void> {
  const end = server.time + seconds * 1000;
  while (server.time < end) server.send(pacer, await pacer.acquire(pacer.requestSize(), never));
}

function start(rate: number, options: { delayMs?: () => number; tellsUsage?: boolean; limit?: number } = {}) {
  const limit = new RateLimit(options.limit ?? rate, Math.ceil((options.limit ?? rate) * GROWTH));
  const server = new SimulatedServer(limit, { delayMs: () => 1, tellsUsage: true, ...options });
  return { limit, server, pacer: new Pacer(rate, server) };
}

describe.each([100, 270, 1_000, 5_000])('at %d batches a second, against a strict server', (rate) => {
  it('uses 98 % of the limit with nothing refused, though some requests are held up on their way', async () => {
    const random = randomFrom(rate);
    // The first ones wait for the connection.
    const delayMs = () => Math.max(1, random() < 0.05 ? random() * 200 : 0, 400 - server.time);
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

  it('keeps near a lower limit that only refusals tell of', async () => {
    const { server, pacer } = start(rate, { tellsUsage: false, limit: Math.ceil(rate * 0.8) });
    await sendFor(pacer, server, 60);
    expect(server.takenBetween(10, 59) / 49).toBeGreaterThan(rate * 0.8 * 0.75);
    expect(server.refused.length).toBeLessThan(20);
  });
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
