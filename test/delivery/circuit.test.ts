import { expect, it } from 'vitest';
import { Circuit, type Pause } from '../../src/delivery/circuit.js';
import type { Clock } from '../../src/delivery/clock.js';

/** What the clock shows when a test begins: a process has run for a while, too, before an endpoint fails. */
const START = 7_000_000;

/** A clock that goes on by itself when someone sleeps. */
function testClock(): Clock & { advance(ms: number): void } {
  let now = START;
  return {
    now: () => now,
    sleep: async (ms) => {
      now += Math.max(0, ms);
    },
    advance: (ms) => {
      now += ms;
    },
  };
}

function circuitWith(giveUpAfterMs = 900_000) {
  const clock = testClock();
  const pauses: Pause[] = [];
  const circuit = new Circuit({
    clock,
    random: () => 1,
    giveUpAfterMs,
    onPause: (pause) => pauses.push(pause),
  });
  return { clock, circuit, pauses };
}

const never = new AbortController().signal;
/** Lets everything go on that can. */
const turn = () => new Promise((resolve) => setImmediate(resolve));

it('lets requests pass as long as fewer than five fail in a row', async () => {
  const { circuit, clock } = circuitWith();
  for (let round = 0; round < 10; round += 1) {
    for (let n = 0; n < 4; n += 1) circuit.onFailure('x');
    expect(circuit.isOpen).toBe(false);
    circuit.onSuccess();
  }
  await circuit.pass(never);
  expect(clock.now()).toBe(START);
});

it('pauses longer each time, a minute at the most, and lets one request at a time try', async () => {
  const { circuit, clock, pauses } = circuitWith(3_600_000);
  for (let n = 0; n < 5; n += 1) circuit.onFailure('the server answered 503');
  for (let n = 0; n < 9; n += 1) {
    const others = [circuit.pass(never), circuit.pass(never), circuit.pass(never)];
    let through = 0;
    for (const other of others) other.then(() => (through += 1));
    await turn();
    expect(through, 'one tries').toBe(1);
    clock.advance(10);
    circuit.onFailure('the server answered 503');
  }
  expect(pauses.map(({ waitMs }) => waitMs / 1_000)).toEqual([1, 2, 4, 8, 16, 32, 60, 60, 60, 60]);
  expect(pauses[0]).toMatchObject({ failures: 5, reason: 'the server answered 503' });
  circuit.onSuccess();
  expect(circuit.isOpen).toBe(false);
});

it('is given up after its time without a break, tried once more at the very end', async () => {
  const { circuit, clock } = circuitWith(10_000);
  let tooLong = false;
  for (let n = 0; n < 5; n += 1) tooLong = circuit.onFailure('x');
  while (!tooLong) {
    await circuit.pass(never);
    expect(clock.now()).toBeLessThanOrEqual(START + 10_000);
    tooLong = circuit.onFailure('x');
  }
  expect(clock.now()).toBe(START + 10_000);
});

it('a server that throttles is not down, but not for ever', () => {
  const { circuit, clock } = circuitWith(10_000);
  for (let n = 0; n < 20; n += 1) expect(circuit.onThrottled()).toBe(false);
  expect(circuit.isOpen).toBe(false);
  clock.advance(10_000);
  expect(circuit.onThrottled()).toBe(true);
});

it('whoever waits is let go when the run stops', async () => {
  const { circuit } = circuitWith();
  for (let n = 0; n < 5; n += 1) circuit.onFailure('x');
  await circuit.pass(never);
  const stop = new AbortController();
  let isLetGo = false;
  circuit.pass(stop.signal).then(() => {
    isLetGo = true;
  });
  await turn();
  expect(isLetGo).toBe(false);
  stop.abort();
  circuit.release();
  await turn();
  expect(isLetGo).toBe(true);
});
