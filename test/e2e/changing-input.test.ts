import { appendFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { CREDENTIALS, type Ended, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer;
beforeEach(async () => {
  server = await startCapiServer(() => ({ kind: 'accept', delayMs: 20 }));
});
afterEach(async () => {
  await server.close();
});

const path = (name: string): string => join(folder.path, name);
const paidAt = new Date(Date.now() - 3_600_000).toISOString();
const rows = (night: string, count: number): string =>
  Array.from({ length: count }, (_, n) => `${night}${n},${night}${n}@example.com,5,USD,${paidAt}\n`).join('');
const HEADER = 'Order Number,Email,Total,Currency,Paid at\n';
const COUNT = 15_000;

/** Sends o.csv, and does something to it as soon as the first orders have come. */
async function sendWhile(change: () => void): Promise<Ended> {
  writeFileSync(path('o.csv'), HEADER + rows('monday', COUNT));
  return run(['send', 'o.csv', '--endpoint', server.url, '--json', '--rate', '100000', '--workers', '0'], {
    cwd: folder.path,
    env: CREDENTIALS,
    onStart: (child) => {
      child.stdin?.end();
      const timer = setInterval(() => {
        if (server.requests.length === 0) return;
        clearInterval(timer);
        change();
      }, 5);
    },
  });
}

describe('a file on which the next export begins while it is read', () => {
  it.each([
    ['longer', COUNT + 500],
    ['as long', COUNT],
    ['still empty', 0],
  ])('in place, is no success: some of it was never read (%s)', async (_, count) => {
    const ended = await sendWhile(() => writeFileSync(path('o.csv'), HEADER + rows('tuesday', count)));
    expect(ended.code).toBe(5);
    expect(ended.stderr).toMatch(/^o\.csv: INPUT_UNREADABLE: The file was overwritten, .*\n {2}→ .*\n/m);
    const result: Record<string, number> = JSON.parse(ended.stdout);
    expect(result.accepted).toBe(server.held.length);
    const again = await run(['send', 'o.csv', '--endpoint', server.url], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect([again.code, again.stderr]).toEqual([2, expect.stringContaining('INPUT_CHANGED')]);
  });

  it('under another name, which then takes its place, is read to its end', async () => {
    const ended = await sendWhile(() => {
      writeFileSync(path('new.csv'), HEADER + rows('tuesday', 10));
      renameSync(path('new.csv'), path('o.csv'));
    });
    expect([ended.code, JSON.parse(ended.stdout).accepted]).toEqual([0, COUNT]);
  });

  it('at its end, is read with what was added', async () => {
    const ended = await sendWhile(() => appendFileSync(path('o.csv'), rows('more', 3)));
    expect([ended.code, JSON.parse(ended.stdout).accepted]).toEqual([0, COUNT + 3]);
    expect(server.held.map(({ user_identities }) => user_identities.email)).toContain('more2@example.com');
  });
});
