import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { CREDENTIALS, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const audiences = (): string => join(folder.path, '.rokt-capi', 'audiences');
const fileIn = (directory: string, ending: string): string =>
  join(directory, readdirSync(directory).find((name) => name.endsWith(ending)) ?? '');

/** Writes the first line of a file of an audience anew, and its checksum. */
const rewriteHeader = (
  path: string,
  change: (header: Record<string, unknown>) => Record<string, unknown>,
) => {
  const [first = '', ...rest] = readFileSync(path, 'utf8').trimEnd().split('\n');
  const lines = [JSON.stringify(change(JSON.parse(first))), ...rest.slice(0, -1)];
  const text = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(path, `${text}${JSON.stringify({ lines: lines.length, sha256 })}\n`);
};

describe('after an update of rokt-capi', () => {
  const snapshot = (from: number, to: number): void => {
    const members = Array.from({ length: to - from }, (_, n) => ({ user_id: `u${from + n}` }));
    writeFileSync(join(folder.path, 'vip.json'), JSON.stringify(members));
  };
  const sync = (killed?: CapiServer) => {
    const before = killed?.requests.length ?? 0;
    return run(
      [
        'sync-audience',
        'vip.json',
        '--endpoint',
        server?.url ?? '',
        '--rate',
        '100000',
        '--max-drop',
        '100%',
        '--json',
      ],
      {
        cwd: folder.path,
        env: CREDENTIALS,
        onStart: (child) => {
          const timer = setInterval(() => {
            if (killed === undefined || killed.requests.length < before + 2) return;
            clearInterval(timer);
            setTimeout(() => child.kill('SIGKILL'), 300);
          }, 5);
          child.on('exit', () => clearInterval(timer));
        },
      },
    );
  };
  const changes = (): string[] =>
    (server?.held ?? []).flatMap(({ user_identities: who, events = [] }) =>
      events.map(({ data }) => `${who.customerid} ${data.custom_attributes.status}`),
    );
  const members = (): Set<string> => {
    const now = new Set<string>();
    for (const change of changes()) {
      const [who = '', status] = change.split(' ');
      if (status === 'add') now.add(who);
      else now.delete(who);
    }
    return now;
  };

  it('a sync that was killed before it is gone on with, though its plan says neither whose it is nor which members it numbers', async () => {
    let hangs = false;
    let asked = 0;
    let inDoubt = 0;
    server = await startCapiServer((_, { batches }) => {
      asked += 1;
      if (!hangs || asked % 2 === 1) return { kind: 'accept' };
      inDoubt += batches.length;
      return { kind: 'accept-and-hang' };
    });
    snapshot(0, 400);
    expect((await sync()).code).toBe(0);
    for (const [killedFrom, killedTo, from, to] of [
      [30, 700, 40, 690],
      [200, 690, 150, 690],
    ] as const) {
      snapshot(killedFrom, killedTo);
      hangs = true;
      asked = 0;
      expect((await sync(server)).signal).toBe('SIGKILL');
      hangs = false;
      rewriteHeader(fileIn(audiences(), '.planned'), ({ generation }) => ({ generation }));
      snapshot(from, to);
      const { code, stderr, stdout } = await sync();
      expect(code, stderr).toBe(0);
      const { joined } = JSON.parse(stdout).audiences[0];
      expect(joined, 'who surely has joined is not counted again').toBeLessThanOrEqual(inDoubt);
      const wanted = Array.from({ length: to - from }, (_, n) => `u${from + n}`);
      expect([...members()].sort(), 'nobody is lost').toEqual(wanted.sort());
    }
    const last = new Map<string, string>();
    for (const change of changes()) {
      const [who = '', status = ''] = change.split(' ');
      expect(last.get(who), `${who} ${status} twice`).not.toBe(status);
      last.set(who, status);
    }
  });
});
