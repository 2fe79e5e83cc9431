import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER } from '../helpers/orders.js';
import { CREDENTIALS, type Ended, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer;
beforeEach(async () => {
  server = await startCapiServer();
});
afterEach(async () => {
  await server.close();
});

const paidAt = new Date(Date.now() - 3_600_000).toISOString();
const line = (id: string, user = id): string =>
  `${JSON.stringify({ type: 'track', event: 'Order Completed', messageId: id, userId: user, timestamp: paidAt, properties: { order_id: id } })}\n`;
const row = (id: string): string => `${id},${id}@example.com,5,USD,${paidAt}\n`;

/** Starts a run of standard input, which stays open. */
function start(options: readonly string[]): { readonly child: ChildProcess; readonly ended: Promise<Ended> } {
  const started: ChildProcess[] = [];
  const ended = run(['send', '-', '--endpoint', server.url, '--json', '--rate', '5000', ...options], {
    cwd: folder.path,
    env: CREDENTIALS,
    onStart: (child) => started.push(child),
  });
  const [child] = started;
  if (child === undefined) throw new Error('It was not started.');
  return { child, ended };
}

const events = (): string[] =>
  server.held.flatMap((batch) => (batch.events ?? []).map(({ data }) => data.source_message_id));

async function held(count: number): Promise<void> {
  await expect.poll(() => events().length, { timeout: 50_000 }).toBe(count);
}

const result = (ended: Ended): Record<string, unknown> => JSON.parse(ended.stdout);

describe('what comes through a pipe that stays open (tail -f events.ndjson | rokt-capi send -)', () => {
  it.each([
    ['NDJSON, from its first line on', [line('a'), line('b') + line('c'), line('d')], [1, 3, 4]],
    ['NDJSON, without the half of a line', [line('a') + line('b').slice(0, 20), line('b').slice(20)], [1, 2]],
    ['a table', [HEADER + row('a') + row('b'), row('c')], [2, 3]],
  ])('is sent when nothing more has come for a second: %s', async (_, pieces, counts) => {
    const { child, ended } = start([]);
    for (const [index, piece] of pieces.entries()) {
      child.stdin?.write(piece);
      await held(counts[index] ?? 0);
    }
    child.stdin?.end();
    expect((await ended).code).toBe(0);
    expect(result(await ended)).toMatchObject({ read: counts.at(-1), accepted: counts.at(-1), duplicate: 0 });
  });

  it('is sent also where it never stops coming, a little at a time', async () => {
    const { child, ended } = start([]);
    let written = 0;
    const timer = setInterval(() => {
      written += 1;
      child.stdin?.write(line(`m${written}`));
    }, 200);
    await expect.poll(() => events().length, { timeout: 50_000 }).toBeGreaterThanOrEqual(3);
    clearInterval(timer);
    child.stdin?.end();
    expect(result(await ended)).toMatchObject({ read: written, accepted: written });
  });

  it('is sent also after so much that worker threads have it in hand', async () => {
    const { child, ended } = start(['--workers', '2', '--rate', '100000']);
    const many = Array.from({ length: 21_000 }, (_, n) => line(`m${n}`));
    child.stdin?.write(many.join(''));
    await held(21_000);
    child.stdin?.write(line('last'));
    await held(21_001);
    child.stdin?.end();
    expect(result(await ended)).toMatchObject({ read: 21_001, accepted: 21_001 });
  });

  it('is sent again as the same batches, also when the run is killed before the answers and all of it comes at once', async () => {
    await server.close();
    let answers = false;
    server = await startCapiServer(() => ({ kind: answers ? 'accept' : 'accept-and-hang' }));
    const first = start([]);
    const lines = ['u', 'v', 'u', 'u'].map((user, n) => line(`m${n}`, user));
    first.child.stdin?.write(lines.slice(0, 2).join(''));
    await held(2);
    first.child.kill('SIGKILL');
    await first.ended;
    answers = true;
    writeFileSync(join(folder.path, 'all.ndjson'), lines.join(''));
    const again = await run(['send', 'all.ndjson', '--endpoint', server.url, '--json'], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect(result(again)).toMatchObject({ read: 4, accepted: 4 });
    expect(server.duplicates).toBe(2);
    expect(events().toSorted()).toEqual(['m0', 'm1', 'm2', 'm3']);
  });

  it('is sent once, also when the run is killed and all of it comes at once the next time', async () => {
    const first = start([]);
    const users = ['u', 'v', 'u', 'u', 'v', 'w'];
    const lines = users.map((user, n) => line(`m${n}`, user));
    for (let at = 0; at < lines.length; at += 2) {
      first.child.stdin?.write(lines.slice(at, at + 2).join(''));
      await held(at + 2);
    }
    first.child.kill('SIGKILL');
    await first.ended;
    writeFileSync(join(folder.path, 'all.ndjson'), lines.join(''));
    const again = await run(['send', 'all.ndjson', '--endpoint', server.url, '--json'], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect(again.code).toBe(0);
    expect(events().toSorted()).toEqual(users.map((_, n) => `m${n}`));
  });

  it('makes the batches of a file with --no-state, since only the server could know that it was sent', async () => {
    const { child, ended } = start(['--no-state']);
    child.stdin?.write(line('a', 'one'));
    await delay(2_500);
    expect(events()).toEqual([]);
    child.stdin?.end(line('b', 'one'));
    expect((await ended).code).toBe(0);
    expect(server.held.length).toBe(1);
    expect(events()).toEqual(['a', 'b']);
  });

  it.each([
    ['send', ''],
    ['send', `${HEADER.slice(0, 9)}`],
    ['sync-audience', '{"name":"vip","members":[{"user_id":"a"},'],
  ])('ends with --max-duration also where nothing more comes: %s of "%s"', async (command, beginning) => {
    const ended = await run([command, '-', '--endpoint', server.url, '--max-duration', '1s'], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: (child) => child.stdin?.write(beginning),
    });
    expect([ended.code, ended.stdout]).toEqual([5, '']);
    expect(ended.stderr).toMatch(/^INPUT_UNREADABLE: The time of --max-duration is over/);
    expect(server.requests).toEqual([]);
  });

  it('is not sent before --max-rejects has seen enough to judge a share by', async () => {
    const { child, ended } = start(['--max-rejects', '5%']);
    child.stdin?.write(line('a'));
    await delay(2_500);
    expect(events()).toEqual([]);
    child.stdin?.end();
    expect(result(await ended)).toMatchObject({ accepted: 1 });
  });
});

it('a compressed snapshot, which is no pipe, is read to its end whatever --max-duration says', async () => {
  const members = Array.from({ length: 100_000 }, (_, index) => `u${index}\n`);
  writeFileSync(join(folder.path, 'vip.csv.gz'), gzipSync(`user_id\n${members.join('')}`));
  const ended = await run(['sync-audience', 'vip.csv.gz', '--dry-run', '--json', '--max-duration', '1s'], {
    cwd: folder.path,
  });
  expect(JSON.parse(ended.stdout)).toMatchObject({ read: members.length });
});
