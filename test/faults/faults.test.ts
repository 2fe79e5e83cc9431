import { execFileSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Behaviour } from '../helpers/capi-server.js';
import { randomFrom } from './random.js';
import { type Claim, openScene, type Scene } from './scene.js';

/**
 * The real program as a process, a server on a real socket, and the books of both. Short in `npm test`, long in
 * `npm run test:faults`. `SEED=n` repeats a run.
 */
const LONG = process.env.FAULTS === 'long';
const SEED = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31));
const ROWS = LONG ? 20_000 : 2_000;
const KILLS = LONG ? 200 : 8;
const MINUTE_MS = LONG ? 60_000 : 3_000;
/** Much longer than any of it takes, in ms: what has failed often is waited for, and the machine may be busy. */
const HOURS = LONG ? 7_200_000 : 900_000;

const random = randomFrom(SEED);
const totals = { kills: 0, requests: 0, dropped: 0, rows: 0 };
let scene: Scene | undefined;

beforeAll(() => {
  process.stdout.write(`Fault injection, SEED=${SEED}\n`);
  return () => {
    process.stdout.write(`SEED=${SEED}: ${JSON.stringify(totals)}\n`);
  };
});
afterEach(async () => {
  await scene?.close();
  scene = undefined;
});

/** Every row is held once, no more is claimed than is held, and all is claimed at the end. */
async function checkBooks({ held, claimed, server }: Scene, rows = ROWS): Promise<void> {
  const ids = held();
  expect(new Set(ids).size, 'rows that the server holds').toBe(rows);
  expect(ids.length, 'rows that the server counts').toBe(rows);
  expect(await claimed(), 'rows that the program claims').toBe(rows);
  totals.requests += server.requests.length;
  totals.dropped += server.duplicates;
  totals.rows += rows;
}

/** How long a run of all rows takes just now, in ms: kills are spread over it. */
async function runMs(): Promise<number> {
  const undisturbed = await openScene(ROWS);
  const startedAt = performance.now();
  expect((await undisturbed.send()).code).toBe(0);
  const took = performance.now() - startedAt;
  await undisturbed.close();
  return took;
}

function expectBalanced({ result }: Claim): void {
  if (result === undefined) return;
  const { read, accepted, duplicate, skipped, rejected, pending } = result;
  const sum = [accepted, duplicate, skipped, rejected, pending].reduce<number>(
    (all, n) => all + Number(n),
    0,
  );
  expect(sum).toBe(read);
}

/** Runs until it is through, at most `most` times. */
async function sendUntilDone(target: Scene, most: number, args: readonly string[] = []): Promise<Claim> {
  for (let attempt = 1; ; attempt += 1) {
    const claim = await target.send({ args });
    expectBalanced(claim);
    if (claim.code === 0 || attempt === most) return claim;
    expect(claim.code, claim.stderr).toBe(5);
  }
}

describe('kill -9', () => {
  it(
    `at ${KILLS} random moments: every row is held exactly once`,
    async () => {
      const usual = await runMs();
      for (let kills = 0; kills < KILLS; ) {
        scene = await openScene(ROWS, () => ({ kind: 'accept', delayMs: Math.floor(random() * 20) }));
        for (let killed = 0; ; killed += 1) {
          // Longer each time, so that a run comes to its end also where the machine has become slower.
          const delay = random() * usual * (1 + killed / 8);
          const claim = await scene.send({
            onStart: (child) => {
              setTimeout(() => child.kill('SIGKILL'), delay);
            },
          });
          expectBalanced(claim);
          if (claim.signal !== 'SIGKILL') {
            expect(claim.code, claim.stderr).toBe(0);
            break;
          }
          kills += 1;
          totals.kills += 1;
        }
        await checkBooks(scene);
        await scene.close();
        scene = undefined;
      }
    },
    HOURS,
  );
});

/** A server that sends half and then nothing is waited for 30 s. */
const HALF = LONG ? 'half-answer' : 'half-answer-and-drop';
const PERCENT_OF = (share: number): boolean => random() < share;
/** Whether a fault comes up: at the third of requests, so that none goes without, and at a share of the others. */
const comesUp = (number: number, share: number): boolean => number === 3 || PERCENT_OF(share);

const FAULTS: [string, () => Promise<Scene>][] = [
  [
    'connections reset before the body',
    () => openScene(ROWS, undefined, (n) => (comesUp(n, 0.2) ? 'before the body' : undefined)),
  ],
  [
    'connections reset in the body',
    () => openScene(ROWS, undefined, (n) => (comesUp(n, 0.2) ? 'in the body' : undefined)),
  ],
  [
    'connections reset after the body, the batches taken or not',
    () => openScene(ROWS, (n) => (comesUp(n, 0.4) ? pick(['accept-and-drop', 'drop']) : { kind: 'accept' })),
  ],
  [
    'half of a response',
    () =>
      openScene(ROWS, (number) => ({
        kind: number % 40 === 3 ? HALF : PERCENT_OF(0.1) ? 'half-answer-and-drop' : 'accept',
      })),
  ],
  ['slow responses', () => openScene(ROWS, () => ({ kind: 'accept', delayMs: Math.floor(random() * 400) }))],
  [
    'a storm of 429',
    () =>
      openScene(ROWS, (number) =>
        number % 20 > 15
          ? { kind: 'answer', status: 429, headers: PERCENT_OF(0.5) ? { 'retry-after': '1' } : {} }
          : { kind: 'accept' },
      ),
  ],
];

function pick(kinds: readonly ('accept' | 'accept-and-drop' | 'drop')[]): Behaviour {
  return { kind: kinds[Math.floor(random() * kinds.length)] ?? 'accept' };
}

describe('a network and a server that fail', () => {
  it.each(FAULTS)(
    '%s: every row is held exactly once',
    async (name, open) => {
      scene = await open();
      const claim = await sendUntilDone(scene, 3, ['--concurrency', '8']);
      expect(claim.code, claim.stderr).toBe(0);
      if (name !== 'slow responses') expect(claim.result?.retries, 'the fault came up').toBeGreaterThan(0);
      await checkBooks(scene);
    },
    HOURS,
  );

  it(
    `${MINUTE_MS / 1000} s of 503, each answered after the batches were taken: no hammering, and no row twice`,
    async () => {
      let from = 0;
      let during = 0;
      // And until it has failed often enough to be taken for down: a busy machine may not ask that often in its time.
      const down = (): boolean => from > 0 && (performance.now() - from < MINUTE_MS || during < 7);
      scene = await openScene(ROWS, (number) => {
        if (number === 8) from = performance.now();
        if (!down()) return { kind: 'accept' };
        during += 1;
        return during % 2 === 0 ? { kind: 'answer', status: 503 } : { kind: 'accept-and-drop' };
      });
      const claim = await scene.send();
      expect(claim.code, claim.stderr).toBe(0);
      expect(claim.stderr).toContain('Pausing for');
      expect(during).toBeLessThan(30);
      await checkBooks(scene);
    },
    HOURS,
  );

  it(
    'killed in the middle of all of that, again and again',
    async () => {
      scene = await openScene(
        ROWS,
        () => pick(['accept', 'accept', 'accept-and-drop', 'drop']),
        () => (PERCENT_OF(0.05) ? 'in the body' : undefined),
      );
      const usual = await runMs();
      for (let kills = 0; kills < (LONG ? 20 : 3); kills += 1) {
        const delay = usual * (0.3 + random());
        const claim = await scene.send({
          onStart: (child) => {
            setTimeout(() => child.kill('SIGKILL'), delay);
          },
        });
        expectBalanced(claim);
        if (claim.signal === 'SIGKILL') totals.kills += 1;
      }
      const claim = await sendUntilDone(scene, 3);
      expect(claim.code, claim.stderr).toBe(0);
      await checkBooks(scene);
    },
    HOURS,
  );
});

describe('a disk that is full', () => {
  it(
    'stops with a clear error, nothing is sent that is not recorded, and the next run sends the rest',
    async () => {
      scene = await openScene(ROWS);
      const full = await scene.send({ quotaKb: LONG ? 300 : 60 });
      expect(full.code, full.stderr).toBe(5);
      expect(full.stderr).toContain('STATE_DISK_FULL');
      expect(full.stderr).not.toMatch(/^\s+at /m);
      expectBalanced(full);
      expect(Number(full.result?.accepted)).toBeLessThanOrEqual(scene.held().length);
      expect((await scene.send()).code).toBe(0);
      await checkBooks(scene);
    },
    HOURS,
  );

  it(
    'the same on a real file system without room',
    async ({ skip }) => {
      scene = await openScene(ROWS);
      const state = join(scene.path, 'small');
      mkdirSync(state);
      try {
        execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${LONG ? 300 : 60}k`, 'tmpfs', state], {
          stdio: 'ignore',
        });
      } catch {
        skip('only root can mount here; the test above has the same faults by a quota');
      }
      try {
        const full = await scene.send({ args: ['--state', state] });
        expect(full.code, full.stderr).toBe(5);
        expect(full.stderr).toContain('STATE_DISK_FULL');
        expectBalanced(full);
        execFileSync('mount', ['-o', 'remount,size=64m', state]);
        const rest = await scene.send({ args: ['--state', state] });
        expect(rest.code, rest.stderr).toBe(0);
        expect(scene.held().sort()).toEqual([...new Set(scene.held())].sort());
        expect(scene.held()).toHaveLength(ROWS);
      } finally {
        execFileSync('umount', [state]);
      }
    },
    HOURS,
  );
});

describe('a clock that jumps', () => {
  it(
    'by hours and days, to and fro, in runs that are killed: every row is held exactly once',
    async () => {
      scene = await openScene(ROWS, () => ({ kind: 'accept', delayMs: 5 }));
      const usual = await runMs();
      for (let round = 0; round < (LONG ? 10 : 3); round += 1) {
        const delay = round === 0 ? 60_000 : usual * (0.3 + random());
        const jump = Math.floor((random() - 0.5) * 2 * 40 * 86_400_000);
        const code = `const real = Date.now; let n = 0; Date.now = () => real() + ((n += 1) % 3 - 1) * ${jump};`;
        const claim = await scene.send({
          args: ['--accept-changed', ...(round === 0 ? ['--max-duration', '400ms'] : [])],
          env: { NODE_OPTIONS: `--import "data:text/javascript,${encodeURIComponent(code)}"` },
          onStart: (child) => {
            setTimeout(() => child.kill('SIGKILL'), delay);
          },
        });
        expectBalanced(claim);
      }
      expect((await scene.send()).code).toBe(0);
      await checkBooks(scene);
    },
    HOURS,
  );
});
