import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Clock } from '../../src/delivery/clock.js';
import { Pacer, steadyRequestSize } from '../../src/delivery/pacer.js';
import type { Ticket } from '../../src/delivery/sent-tickets.js';

/** A clock that jumps to where a sleeper wants to be. */
function fakeClock(): Clock & { time: number } {
  return {
    time: 0,
    now() {
      return this.time;
    },
    async sleep(ms) {
      this.time += ms;
    },
  };
}

const never = new AbortController().signal;

async function sendFor(pacer: Pacer, clock: { time: number }, ms: number, onSent?: (ticket: Ticket) => void) {
  const sent: { at: number; batches: number }[] = [];
  const end = clock.time + ms;
  while (clock.time < end) {
    const batches = pacer.requestSize();
    const ticket = await pacer.acquire(batches, never);
    sent.push({ at: clock.time, batches });
    pacer.onAnswer(ticket);
    onSent?.(ticket);
  }
  return sent;
}

const total = (sent: readonly { batches: number }[]) => sent.reduce((sum, { batches }) => sum + batches, 0);

describe('the pace', () => {
  it('uses at least 95 % of any limit, and never more than it in any one second', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 10_000 }), async (limit) => {
        const clock = fakeClock();
        const sent = await sendFor(new Pacer(limit, clock), clock, 20_000);
        const steady = sent.filter(({ at }) => at >= 5_000);
        expect(total(steady)).toBeGreaterThanOrEqual(15 * limit * 0.95 - limit * 0.1);
        for (const { at } of sent.slice(0, 200)) {
          const inSecond = sent.filter((other) => other.at >= at && other.at < at + 1_000);
          expect(total(inSecond)).toBeLessThanOrEqual(Math.max(1, limit * 1.02));
        }
      }),
      { numRuns: 40 },
    );
  });

  it('grows by no more from one second to the next than a server allows', async () => {
    const clock = fakeClock();
    const sent = await sendFor(new Pacer(1_000, clock), clock, 6_000);
    const within = (from: number, to: number) => total(sent.filter(({ at }) => at > from && at <= to));
    for (const { at } of sent) {
      expect(within(at - 1_000, at)).toBeLessThanOrEqual(within(at - 2_000, at - 1_000) + 600);
    }
    expect(within(4_000, 5_000)).toBeGreaterThan(950);
  });

  it('grows more slowly once the server has said that it grew too fast', async () => {
    const clock = fakeClock();
    const pacer = new Pacer(1_000, clock);
    pacer.onThrottled(await pacer.acquire(10, never), { retryAfterMs: 1_000, limit: 'acceleration' }, 0);
    const first = await sendFor(pacer, clock, 2_000);
    expect(total(first)).toBeLessThanOrEqual(360);
  });

  it('divides 270 a second into 30 requests of 9, and 5,000 into full ones', () => {
    expect(steadyRequestSize(270, 0)).toBe(9);
    expect(steadyRequestSize(5_000, 0)).toBe(100);
    expect(steadyRequestSize(1, 0)).toBe(1);
  });

  it('makes larger requests when few go out, so that a slow network does not cost the rate', async () => {
    const clock = fakeClock();
    const pacer = new Pacer(270, clock);
    await sendFor(pacer, clock, 5_000);
    clock.time += 300;
    expect(pacer.requestSize()).toBeGreaterThan(50);
  });

  it('pauses for as long as a 429 says', async () => {
    const clock = fakeClock();
    const pacer = new Pacer(100, clock);
    await sendFor(pacer, clock, 3_000);
    pacer.onThrottled(await pacer.acquire(10, never), { retryAfterMs: 5_000, limit: 'org' }, 0);
    expect(pacer.waitMs()).toBe(5_000);
  });

  it('pauses for the longest of what several requests in flight were told, in whatever order', async () => {
    for (const waits of [
      [5_000, 1_000],
      [1_000, 5_000],
    ]) {
      const pacer = new Pacer(270, fakeClock());
      const tickets = [await pacer.acquire(1, never), await pacer.acquire(1, never)];
      for (const [index, ticket] of tickets.entries())
        pacer.onThrottled(ticket, { retryAfterMs: waits[index] ?? 0 }, 0);
      expect(pacer.waitMs()).toBeGreaterThanOrEqual(5_000);
    }
  });

  it('comes down to what the server still allows when its header says that the limit is used up', async () => {
    const clock = fakeClock();
    const pacer = new Pacer(400, clock);
    await sendFor(pacer, clock, 3_000);
    const slow = await sendFor(pacer, clock, 5_000, (ticket) => pacer.onUsage(ticket, 200));
    expect(total(slow) / 5).toBeLessThan(250);
  });

  it('is not slowed by a header that says that its own pace is the limit', async () => {
    const clock = fakeClock();
    const pacer = new Pacer(270, clock);
    await sendFor(pacer, clock, 5_000);
    const sent = await sendFor(pacer, clock, 10_000, (ticket) => pacer.onUsage(ticket, 100));
    expect(total(sent)).toBeGreaterThan(2_700 * 0.95);
  });
});
