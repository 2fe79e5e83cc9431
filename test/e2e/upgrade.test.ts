import { createHash } from 'node:crypto';
import { chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, describe, expect, it } from 'vitest';
import { readJournal } from '../../src/state/journal.js';
import { badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
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

/** The lines of a file of an audience, without its checksum. */
const linesOf = (path: string): string[] => readFileSync(path, 'utf8').trimEnd().split('\n').slice(0, -1);

/** Writes a file of an audience anew, with its checksum. */
const writeLines = (path: string, lines: readonly string[]): void => {
  const text = `${lines.join('\n')}\n`;
  const sha256 = createHash('sha256').update(text).digest('hex');
  writeFileSync(path, `${text}${JSON.stringify({ lines: lines.length, sha256 })}\n`);
};

describe('after an update of rokt-capi', () => {
  const snapshot = (from: number, to: number): void => {
    const members = Array.from({ length: to - from }, (_, n) => ({ user_id: `u${from + n}` }));
    writeFileSync(join(folder.path, 'vip.json'), JSON.stringify(members));
  };
  /** How many deliveries the run that goes on has written down as accepted. */
  const recorded = async (): Promise<number> => {
    const state = join(folder.path, '.rokt-capi');
    const journal = readdirSync(state).find((name) => name.startsWith('journal-'));
    let count = 0;
    if (journal === undefined) return count;
    for await (const event of readJournal(join(state, journal))) {
      if (event.kind === 'accepted') count += event.numbers.length;
    }
    return count;
  };
  /** @param killed once the server has so many requests of it, and what the first `answered` of them held is written down. */
  const sync = (killed?: { readonly requests: number; readonly answered?: number }) => {
    const before = server?.requests.length ?? 0;
    const isTime = async (requests: number, answered: number): Promise<boolean> => {
      const seen = (server?.requests ?? []).slice(before);
      if (seen.length < requests) return false;
      const batches = seen.slice(0, answered).flatMap((request) => request.batches);
      return (await recorded()) >= batches.length;
    };
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
        onStart: async (child) => {
          if (killed === undefined) return;
          const { requests, answered = 0 } = killed;
          while (child.exitCode === null && !(await isTime(requests, answered))) await delay(5);
          child.kill('SIGKILL');
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
      if (!hangs || asked === 1) return { kind: 'accept' };
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
      expect((await sync({ requests: 2, answered: 1 })).signal).toBe('SIGKILL');
      hangs = false;
      const plan = fileIn(audiences(), '.planned');
      const [header = '', ...planned] = linesOf(plan);
      writeLines(plan, [JSON.stringify({ generation: JSON.parse(header).generation }), ...planned]);
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

  describe('somebody who was perhaps added, and then perhaps taken out,', () => {
    /** The members file, once a sync that is killed has written down whom the two before it left in doubt. */
    const inDoubt = async (): Promise<string> => {
      let kind: 'accept' | 'accept-and-hang' | 'drop' = 'accept';
      server = await startCapiServer(() => ({ kind }));
      snapshot(0, 2);
      await sync();
      kind = 'accept-and-hang';
      snapshot(0, 3);
      await sync({ requests: 1 });
      snapshot(0, 2);
      await sync({ requests: 1 });
      kind = 'drop';
      snapshot(0, 4);
      await sync({ requests: 1 });
      kind = 'accept';
      expect(changes().slice(2)).toEqual(['u2 add', 'u2 drop']);
      rmSync(fileIn(audiences(), '.planned'));
      return fileIn(audiences(), '.members');
    };

    it('is written down so that a version before, which knows nothing of both, adds them again', async () => {
      const [, ...lines] = linesOf(await inDoubt());
      // To such a version each letter but these is that of a member.
      expect(lines.map((line) => line.charAt(0))).toEqual(['-', '-', 'a']);
    });

    it('is added again, also where a version wrote it that had a letter of its own for it', async () => {
      const path = await inDoubt();
      writeLines(
        path,
        linesOf(path).map((line) => line.replace(/^a(.*)\tboth$/, 'b$1')),
      );
      expect(readFileSync(path, 'utf8')).toContain('\nb\t');
      const { stdout } = await sync();
      expect(JSON.parse(stdout).audiences[0]).toMatchObject({ members: 4, joined: 2, left: 0 });
      expect(changes().slice(4).sort()).toEqual(['u2 add', 'u3 add']);
    });
  });

  describe('somebody whom one of two mappings has added, and the server has refused to the other,', () => {
    /** The members file after such a sync. */
    const inPart = async (): Promise<string> => {
      const preset = 'sync-engage-audience';
      const mappings = [
        { name: 'A', preset },
        { name: 'B', preset, fields: { user_attributes: { plan: 'gold' } } },
      ];
      writeFileSync(join(folder.path, 'rokt-capi.config.yaml'), JSON.stringify({ version: 1, mappings }));
      let refuses = true;
      server = await startCapiServer((_, { body }) =>
        refuses && body.includes('gold') && body.includes('"u1"') ? badRequest('no') : { kind: 'accept' },
      );
      snapshot(0, 2);
      expect((await sync()).code).toBe(3);
      refuses = false;
      return fileIn(audiences(), '.members');
    };
    /** How many requests for that one the next sync makes. */
    const triedAgain = async (): Promise<number> => {
      const before = server?.requests.length ?? 0;
      const { stdout } = await sync();
      expect(JSON.parse(stdout).audiences[0]).toMatchObject({ members: 2, joined: 1 });
      return (server?.requests ?? []).slice(before).filter(({ body }) => body.includes('"u1"')).length;
    };

    it('is written down so that a version before, which knows nothing of that, adds them again', async () => {
      const [, ...lines] = linesOf(await inPart());
      expect(lines.map((line) => line.charAt(0))).toEqual(['-', 'a']);
      expect(await triedAgain()).toBe(1);
    });

    it('is added again, also where a version wrote it that had a letter of its own for it', async () => {
      const path = await inPart();
      writeLines(
        path,
        linesOf(path).map((line) => line.replace(/^a(.*)\tpart$/, 'p$1')),
      );
      expect(readFileSync(path, 'utf8')).toContain('\np\t');
      expect(await triedAgain()).toBe(1);
    });
  });
});

describe('a state that cannot be used', () => {
  const orders = (...args: readonly string[]) =>
    run(['send', 'orders.csv', '--endpoint', server?.url ?? '', '--json', ...args], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
  const errorOf = (stdout: string): { code: string; message: string; hint: string } =>
    JSON.parse(stdout).errors[0];
  const AGAIN = /Another directory \(--state\) knows nothing of earlier runs: .* sent again\./;

  it('since a later version has written it is refused, with the advice to use that again, and not another directory', async () => {
    server = await startCapiServer();
    const rows = 'Order Number,E-mail,Total,Paid at\no1,a@example.com,10,2026-11-20T10:00:00Z\n';
    writeFileSync(join(folder.path, 'orders.csv'), rows);
    expect((await orders()).code).toBe(0);
    const path = join(folder.path, '.rokt-capi', 'state.json');
    writeFileSync(path, readFileSync(path, 'utf8').replace('"format": 1', '"format": 2'));
    const { code, stdout } = await orders();
    expect(code).toBe(2);
    expect(errorOf(stdout)).toMatchObject({
      code: 'STATE_TOO_NEW',
      message: expect.stringMatching(/^A later version of rokt-capi has written the state: /),
      hint: expect.stringMatching(/^Use that version again\./),
    });
    expect(errorOf(stdout).hint).toMatch(AGAIN);
    expect(server.requests).toHaveLength(1);
  });

  it('since a later version has written the members of an audience is refused in the same way: it is not damaged', async () => {
    server = await startCapiServer();
    const sync = () =>
      run(['sync-audience', 'vip.json', '--endpoint', server?.url ?? '', '--json'], {
        cwd: folder.path,
        env: CREDENTIALS,
      });
    writeFileSync(join(folder.path, 'vip.json'), '[{"user_id":"u1"}]');
    expect((await sync()).code).toBe(0);
    const path = fileIn(audiences(), '.members');
    writeLines(
      path,
      linesOf(path).map((line) => line.replace('"format":1', '"format":2')),
    );
    const { code, stdout } = await sync();
    expect(code).toBe(2);
    expect(errorOf(stdout)).toMatchObject({ code: 'STATE_TOO_NEW', hint: expect.stringMatching(AGAIN) });
  });

  it.skipIf(process.getuid?.() !== 0)(
    'since it is of another user is refused, and what another directory means is said',
    async () => {
      server = await startCapiServer();
      const state = join(folder.path, '.rokt-capi');
      mkdirSync(state, { mode: 0o755 });
      chmodSync(folder.path, 0o755);
      writeFileSync(join(folder.path, 'orders.csv'), 'E-mail\na@example.com\n');
      const { code, stdout } = await run(['send', 'orders.csv', '--endpoint', server.url, '--json'], {
        cwd: folder.path,
        env: CREDENTIALS,
        uid: 65_534,
      });
      expect(code).toBe(2);
      expect(errorOf(stdout)).toMatchObject({
        code: 'STATE_UNWRITABLE',
        hint: expect.stringMatching(/^Let this user write there\./),
      });
      expect(errorOf(stdout).hint).toMatch(AGAIN);
    },
  );
});
