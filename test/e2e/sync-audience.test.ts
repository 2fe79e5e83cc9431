import { execFileSync, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Batch } from '../../src/payload/wire.js';
import { type Behaviour, badRequest, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { clockAhead } from '../helpers/clock.js';
import { useFolder } from '../helpers/folder.js';
import { CREDENTIALS, run } from '../helpers/program.js';
import { signalWhen } from '../helpers/until.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

const write = (name: string, content: unknown): void =>
  writeFileSync(
    join(folder.path, name),
    typeof content === 'string' || Buffer.isBuffer(content) ? content : JSON.stringify(content),
  );
const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
const user = (n: number) => ({
  user_id: `u${n}`,
  traits: { email: `user${n}@example.com`, first_name: 'Ann' },
});
const users = (...numbers: number[]) => numbers.map(user);
const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

async function sync(args: readonly string[], input?: string | Buffer, env: Record<string, string> = {}) {
  const ended = await run(
    ['sync-audience', ...args, '--endpoint', server?.url ?? '', '--rate', '100000', '--json'],
    {
      cwd: folder.path,
      env: { ...CREDENTIALS, ...env },
      ...(input === undefined ? {} : { input }),
    },
  );
  const result = ended.stdout === '' ? {} : JSON.parse(ended.stdout);
  return { ...ended, result, audience: result.audiences?.[0] };
}

interface Change {
  readonly who: string;
  readonly audience: unknown;
  readonly status: unknown;
}

const changesIn = (batches: readonly Batch[]): Change[] =>
  batches.flatMap(({ user_identities: who, events = [] }) =>
    events.map(({ data }) => ({
      who: who.customerid ?? who.email ?? who.other ?? '',
      audience: data.custom_attributes.audience_name,
      status: data.custom_attributes.status,
    })),
  );

/** Who the server has in an audience, by customer id or address, from all that it holds. */
const membersOnServer = (audience: string): string[] => {
  const members = new Set<string>();
  for (const change of changesIn(server?.held ?? [])) {
    if (change.audience !== audience) continue;
    if (change.status === 'add') members.add(change.who);
    else members.delete(change.who);
  }
  return [...members].sort();
};

describe('sync-audience', () => {
  it('sends everyone at first, then who joined and who left', async () => {
    server = await startCapiServer();
    write('audience.json', { name: 'Premium Users', members: users(1, 2, 3) });
    const first = await sync(['audience.json']);
    expect(first.code, first.stderr).toBe(0);
    expect(first.audience).toMatchObject({
      audience: 'premium_users',
      members: 3,
      joined: 3,
      left: 0,
      updated: 0,
      unchanged: 0,
    });
    expect(server.held[0]).toMatchObject({
      user_identities: { customerid: 'u1', email: 'user1@example.com' },
      user_attributes: { segment_premium_users: true, firstname: 'Ann' },
      events: [
        {
          data: {
            event_name: 'audiencemembershipupdate',
            custom_event_type: 'other',
            custom_attributes: { audience_name: 'premium_users', status: 'add' },
          },
        },
      ],
    });
    write('audience.json', { name: 'Premium Users', members: users(2, 3, 4) });
    const second = await sync(['audience.json']);
    expect(second.audience).toMatchObject({ members: 3, joined: 1, left: 1, unchanged: 2 });
    expect(second.result).toMatchObject({ read: 3, accepted: 1, duplicate: 2, batches: 2 });
    expect(server.held.at(-2)).toEqual({
      source_request_id: expect.any(String),
      environment: 'production',
      device_info: {},
      user_identities: { customerid: 'u1', email: 'user1@example.com' },
      user_attributes: { segment_premium_users: false },
      events: [expect.objectContaining({ event_type: 'custom_event' })],
    });
    expect(membersOnServer('premium_users')).toEqual(['u2', 'u3', 'u4']);
    const third = await sync(['audience.json']);
    expect(third.result).toMatchObject({ requests: 0, duplicate: 3 });
  });

  it.each<[string, string, string | Buffer, string[]]>([
    [
      'a list in an object, its name after it',
      'x.json',
      JSON.stringify({ users: users(1, 2), meta: { name: 'no' }, name: 'vip' }),
      [],
    ],
    ['a list', 'vip.json', JSON.stringify(users(1, 2), null, 2), []],
    [
      'NDJSON',
      'vip.ndjson',
      users(1, 2)
        .map((one) => JSON.stringify(one))
        .join('\n'),
      [],
    ],
    ['a CSV', 'VIP.csv', 'user_id,email\nu1,user1@example.com\nu2,user2@example.com\n', []],
    ['gzip', 'vip.csv.gz', gzipSync('user_id,email\nu1,user1@example.com\nu2,user2@example.com\n'), []],
    [
      'a name by option',
      'x.csv',
      'userId,email\nu1,user1@example.com\nu2,user2@example.com\n',
      ['--audience', 'VIP'],
    ],
    [
      'profiles with external ids',
      'vip.json',
      JSON.stringify(
        range(1, 3).map((n) => ({
          external_ids: [
            { type: 'user_id', id: `u${n}` },
            { type: 'email', id: `user${n}@example.com` },
          ],
        })),
      ),
      [],
    ],
    [
      'a table of profiles with external ids as JSON',
      'vip.csv',
      `ID,EXTERNAL_IDS\n${[1, 2]
        .map((n) => {
          const ids = [
            { type: 'user_id', id: `u${n}` },
            { type: 'email', id: `user${n}@example.com` },
          ];
          return `p${n},"${JSON.stringify(ids).replaceAll('"', '""')}"\n`;
        })
        .join('')}`,
      [],
    ],
    [
      'profiles with an address beside their traits or their context',
      'vip.json',
      JSON.stringify([
        { user_id: 'u1', email: 'user1@example.com', traits: { first_name: 'Ann' } },
        { user_id: 'u2', email: 'user2@example.com', context: { locale: 'de' } },
      ]),
      [],
    ],
    [
      'profiles with an address beside their properties',
      'vip.json',
      JSON.stringify(
        [1, 2].map((n) => ({
          user_id: `u${n}`,
          email: `user${n}@example.com`,
          properties: { plan: 'gold' },
        })),
      ),
      [],
    ],
    [
      'one pretty-printed object',
      'x.json',
      JSON.stringify({ audience: { id: 1 }, key: 'vip', data: users(1, 2) }, null, 2),
      [],
    ],
    [
      'a list that begins late, in an object with an id of its own',
      'x.json',
      JSON.stringify({
        user_id: 'of-the-export',
        about: '["'.repeat(100_000),
        users: users(1, 2),
        key: 'vip',
      }),
      [],
    ],
  ])('reads %s', async (_, name, content, args) => {
    server = await startCapiServer();
    write(name, content);
    const { code, audience, stderr } = await sync([name, ...args]);
    expect(code, stderr).toBe(0);
    expect(audience).toMatchObject({ audience: 'vip', members: 2 });
    expect(server.held.map((batch) => batch.user_identities)).toEqual([
      { customerid: 'u1', email: 'user1@example.com' },
      { customerid: 'u2', email: 'user2@example.com' },
    ]);
  });

  it('takes what stands beside the traits of a profile for a trait, but not its ids and what a call has there', async () => {
    server = await startCapiServer();
    write('rokt-capi.config.yaml', {
      version: 1,
      mappings: [
        {
          name: 'A',
          preset: 'sync-engage-audience',
          fields: { user_attributes: { '@path': '$.traits' } },
        },
      ],
    });
    const profile = { user_id: 'u1', anonymous_id: 'a1', channel: 'web', plan: 'gold', logins: 4 };
    const flat = { user_id: 'u2', plan: 'gold', 'First Name': 'Ann', context: { locale: 'de' } };
    write('vip.json', [{ ...profile, traits: { city: 'Bonn' } }, flat]);
    const { code, stderr } = await sync(['vip.json']);
    expect(code, stderr).toBe(0);
    const membership = { vip: true, segment_vip: true };
    expect(server.held.map(({ user_attributes }) => user_attributes)).toEqual([
      { ...membership, city: 'Bonn', plan: 'gold', logins: 4 },
      { ...membership, plan: 'gold', first_name: 'Ann' },
    ]);
  });

  it.each(['preset: shopify', 'groupBy: Name'])(
    'takes each row for a person, where the config groups the rows of orders: %s',
    async (source) => {
      server = await startCapiServer();
      write('rokt-capi.config.yaml', `version: 1\nsource: { ${source} }\n`);
      write('vip.csv', 'Name,Email\nAnn,a@example.com\nAnn,b@example.com\nBea,c@example.com\n');
      const { result, audience, stderr } = await sync(['vip.csv']);
      expect(result.read, stderr).toBe(3);
      expect(audience).toMatchObject({ joined: 3 });
      write('other.csv', 'Email\na@example.com\n');
      expect((await sync(['other.csv'])).audience).toMatchObject({ audience: 'other', joined: 1 });
    },
  );

  it.each([3, 1_000])('finds the name in the object itself, with %d members in it', async (count) => {
    const members = users(...range(0, count));
    const removed = users(...range(0, count));
    const objects: readonly [string, object][] = [
      ['premium_0', { members, name: 'Premium 0', source: { name: 'Snowflake', list: [{ key: 'x' }] } }],
      ['premium_1', { source: { name: 'Snowflake' }, members, paging: { key: 'abc' }, name: 'Premium 1' }],
      ['premium_2', { audience_name: 'Premium 2', members, paging: { key: 'cursor abc' } }],
      ['premium_3', { name: 'Premium 3', members, key: 'something_else' }],
      ['premium_4', { members, removed, 'na"me': '"name":"x"', name: 'Premium 4', key: null }],
      ['first', { members, name: 'second', audience_key: 'first' }],
      ['premium_6', { key: '', members, audience: '-', name: 'Premium 6' }],
      ['file_name_7', { members, source: { name: 'Snowflake' } }],
    ];
    const names = objects.map((_, n) => `file name ${n}.json`);
    for (const [n, name] of names.entries()) write(name, objects[n]?.[1]);
    const { stdout, stderr } = await run(['sync-audience', ...names, '--dry-run', '--no-state', '--json'], {
      cwd: folder.path,
    });
    expect(JSON.parse(stdout).audiences, stderr).toMatchObject(
      objects.map(([audience]) => ({ audience, joined: count })),
    );
    const piped = await run(['sync-audience', '-', '--dry-run', '--no-state'], {
      cwd: folder.path,
      input: JSON.stringify({ members, name: 'after the list' }),
    });
    expect(piped.stderr).toContain('AUDIENCE_NAME_MISSING');
  });

  it('tells where a date in the file name makes another audience of each night, which nobody leaves; --audience makes it one', async () => {
    server = await startCapiServer();
    const codes = (warnings: readonly { code: string }[]): string[] => warnings.map(({ code }) => code);
    write('vip-2026-11-27.csv', 'email\na@example.com\nb@example.com\n');
    write('vip-2026-11-28.csv', 'email\na@example.com\n');
    const dated = await sync(['vip-2026-11-27.csv']);
    expect(dated).toMatchObject({ code: 0, audience: { audience: 'vip_2026_11_27', joined: 2 } });
    expect(codes(dated.result.warnings)).toEqual(['AUDIENCE_NAME_DATED']);
    await sync(['vip-2026-11-27.csv', '--audience', 'vip']);
    const named = await sync(['vip-2026-11-28.csv', '--audience', 'vip']);
    expect(named.audience).toMatchObject({ audience: 'vip', left: 1, unchanged: 1 });
    expect(codes(named.result.warnings)).toEqual([]);
    write('vip-2026-11-28.json', { name: 'vip', members: users(1) });
    expect(codes((await sync(['vip-2026-11-28.json'])).result.warnings)).toEqual([]);
  });

  it('reads standard input, and several audiences in one run', async () => {
    server = await startCapiServer();
    expect((await sync(['-', '--audience', 'a b'], JSON.stringify(users(1)))).audience.audience).toBe('a_b');
    expect((await sync(['-'], JSON.stringify(users(1)))).stderr).toContain('AUDIENCE_NAME_MISSING');
    write('one.json', users(1, 2));
    write('two.json', users(2, 3));
    const { result } = await sync(['one.json', 'two.json']);
    expect(result.audiences).toMatchObject([
      { audience: 'one', joined: 2 },
      { audience: 'two', joined: 2 },
    ]);
  });

  it('applies a stream of changes, the latest of each person and audience', async () => {
    server = await startCapiServer();
    const at = (minute: number) => new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString();
    const identify = (n: number, member: boolean, minute: number, key = 'vip') => ({
      type: 'identify',
      messageId: `m-${n}-${minute}-${key}`,
      userId: `u${n}`,
      timestamp: at(minute),
      traits: { email: `user${n}@example.com`, [key]: member },
      context: { personas: { computation_key: key, computation_class: 'audience' } },
    });
    const events = [
      identify(1, true, 1),
      identify(2, true, 3),
      identify(2, false, 2),
      identify(3, true, 4),
      identify(3, false, 5),
      identify(1, true, 6, 'other'),
    ];
    write('changes.ndjson', events.map((one) => JSON.stringify(one)).join('\n'));
    const first = await sync(['changes.ndjson']);
    expect(first.code, first.stderr).toBe(0);
    expect(first.result.audiences).toMatchObject([
      { audience: 'vip', members: 2, joined: 2, left: 1 },
      { audience: 'other', joined: 1 },
    ]);
    expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
    const again = await sync(['changes.ndjson']);
    expect(again.result).toMatchObject({ requests: 0 });
    expect(again.audience).toMatchObject({ members: 2, joined: 0, left: 0 });
    write('later.ndjson', JSON.stringify(identify(1, false, 8)));
    expect((await sync(['later.ndjson'])).audience).toMatchObject({ left: 1, joined: 0 });
    expect(membersOnServer('vip')).toEqual(['u2']);
    expect(server.held.at(-1)?.user_attributes).toEqual({ segment_vip: false });
    // An export of the days before comes again: what was applied is not what is so now.
    expect((await sync(['changes.ndjson'])).audience).toMatchObject({ members: 1, joined: 0, left: 0 });
    const full = await sync(['changes.ndjson', '--full']);
    expect(full.result).toMatchObject({ duplicate: full.result.read, requests: 0 });
    expect(full.audience).toMatchObject({ members: 1, joined: 0, left: 0 });
    write('back.ndjson', JSON.stringify(identify(1, true, 9)));
    expect((await sync(['back.ndjson'])).audience).toMatchObject({ members: 2, joined: 1 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
  });

  it('does not take a file of calls for a snapshot, with changes among them or without', async () => {
    server = await startCapiServer();
    write('vip.json', users(1, 2, 3));
    await sync(['vip.json']);
    const requests = server.requests.length;
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();
    const page = { type: 'page', messageId: 'm-1', userId: 'u9', timestamp };
    const personas = { computation_key: 'vip', computation_class: 'audience' };
    const left = { type: 'identify', messageId: 'm-2', userId: 'u2', timestamp, traits: { vip: false } };
    const lines = [JSON.stringify(page), JSON.stringify({ ...left, context: { personas } })];
    write('calls.ndjson', lines.join('\n'));
    for (const args of [[], ['--audience', 'vip', '--max-drop', '100%']]) {
      const { code, stderr } = await sync(['calls.ndjson', ...args]);
      expect([code, stderr]).toEqual([
        2,
        expect.stringMatching(/^calls\.ndjson:2: AUDIENCE_TWICE: .*\n.*put one first/),
      ]);
    }
    expect(server.requests).toHaveLength(requests);
    write('calls.ndjson', JSON.stringify(page));
    const { code: ofPages, stderr } = await sync(['calls.ndjson', '--audience', 'vip', '--max-drop', '100%']);
    expect([ofPages, stderr]).toEqual([
      2,
      expect.stringMatching(/^calls\.ndjson:1: AUDIENCE_EMPTY: The file has calls/),
    ]);
    expect(server.requests).toHaveLength(requests);
    write('calls.ndjson', lines.toReversed().join('\n'));
    const { code, result, audience } = await sync(['calls.ndjson']);
    expect([code, result.skipped, audience.left]).toEqual([0, 1, 1]);
    expect(membersOnServer('vip')).toEqual(['u1', 'u3']);
  });

  it('where --audience names no snapshot, it takes changes of no other audience: they say themselves whose they are', async () => {
    server = await startCapiServer();
    const timestamp = new Date(Date.now() - 3_600_000).toISOString();
    const rows = ['u1,VIP', 'u2,vip', 'u3,other'].map((row) => `${row},true,${timestamp}\n`);
    write('changes.csv', `user_id,audience_name,audience_membership,timestamp\n${rows.join('')}`);
    const { code, stderr } = await sync(['changes.csv', '--audience', 'Vip']);
    expect([code, stderr]).toEqual([
      2,
      expect.stringMatching(/^changes\.csv:4: OPTION_CONFLICT: .*--audience/),
    ]);
    expect(server.requests).toHaveLength(0);
    write('changes.csv', `user_id,audience_name,audience_membership,timestamp\n${rows.slice(0, 2).join('')}`);
    const named = await sync(['changes.csv', '--audience', 'Vip']);
    expect(named.code, named.stderr).toBe(0);
    // As send sends it, and Segment: by the name that it has.
    expect(membersOnServer('VIP')).toEqual(['u1']);
    expect(membersOnServer('vip')).toEqual(['u2']);
  });

  describe('is applied once', () => {
    const anHourAgo = Date.now() - 3_600_000;
    const change = (messageId: string, member: boolean, minute: number) =>
      JSON.stringify({
        type: 'identify',
        messageId,
        userId: 'u1',
        timestamp: new Date(anHourAgo + minute * 60_000).toISOString(),
        traits: { vip: member },
        context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
      });
    const nothing = { accepted: 0, duplicate: 1, requests: 0 };
    beforeEach(async () => {
      write('left.ndjson', change('m-left', false, 2));
      write('back.ndjson', change('m-back', true, 3));
      write('changed.yaml', 'version: 1\ndelivery: { resendChanged: true }\n');
    });

    it('also where a leave does not say all that the member was added with', async () => {
      server = await startCapiServer();
      write('vip.json', users(1, 2));
      await sync(['vip.json']);
      for (const more of [[], ['--config', 'changed.yaml']]) {
        expect((await sync(['left.ndjson', ...more])).code).toBe(0);
        expect((await sync(['left.ndjson', ...more])).result).toMatchObject(nothing);
      }
      await sync(['back.ndjson']);
      const { result, audience } = await sync(['left.ndjson']);
      expect(result).toMatchObject(nothing);
      expect(audience).toMatchObject({ members: 2, left: 0 });
      expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
    });

    it('also where it changed nothing when it came, or a later one of the same input made it void', async () => {
      server = await startCapiServer((_, request) =>
        request.body.includes('m-refused') ? badRequest('no') : { kind: 'accept' },
      );
      write('vip.json', [{ user_id: 'u1' }, { user_id: 'u2' }]);
      await sync(['vip.json']);
      write('same.ndjson', change('m-same', true, 0));
      expect((await sync(['same.ndjson'])).audience).toMatchObject({ joined: 0, updated: 0, unchanged: 1 });
      write('void.ndjson', change('m-void', true, 1));
      write('both.ndjson', `${change('m-void', true, 1)}\n${change('m-left', false, 2)}`);
      expect((await sync(['both.ndjson'])).audience).toMatchObject({ members: 1, left: 1 });
      for (const old of ['same.ndjson', 'void.ndjson']) {
        for (const more of [[], ['--full'], ['--config', 'changed.yaml']]) {
          const { result, audience } = await sync([old, ...more]);
          expect(result, [old, ...more].join(' ')).toMatchObject(nothing);
          expect(audience).toMatchObject({ members: 1, joined: 0, unchanged: 1 });
        }
      }
      expect(membersOnServer('vip')).toEqual(['u2']);
      const events = await run(['runs', '--event', 'm-same'], { cwd: folder.path });
      expect(events.stdout).toContain('No accepted delivery');
      // What the server has refused was not applied.
      write('refused.ndjson', change('m-refused', true, 4));
      for (let night = 0; night < 2; night += 1) {
        expect((await sync(['refused.ndjson'])).result).toMatchObject({ rejected: 1, duplicate: 0 });
      }
    });

    it('unless --resend says that it is to be sent again: then they leave, and nobody else in their place', async () => {
      server = await startCapiServer();
      write('vip.json', users(1, 2, 3));
      await sync(['vip.json']);
      await sync(['left.ndjson']);
      await sync(['back.ndjson']);
      const ofAnother = change('m-left-2', false, 4).replace('"u1"', '"u2"');
      write('left.ndjson', `${change('m-left', false, 2)}\n${ofAnother}`);
      const { result, audience, stderr } = await sync(['left.ndjson', '--resend', '--max-drop', '100%']);
      expect(result, stderr).toMatchObject({ read: 2, accepted: 2 });
      expect(audience).toMatchObject({ members: 1, left: 2 });
      expect(membersOnServer('vip')).toEqual(['u3']);
    });

    it('but with resendChanged, a corrected one with the same id is another: also one that says now that they left', async () => {
      server = await startCapiServer();
      const config = ['--config', 'changed.yaml'];
      const night = async (line: string, args = config) => {
        write('m.ndjson', line);
        const { audience, result } = await sync(['m.ndjson', ...args]);
        return [audience.joined, audience.left, result.duplicate];
      };
      const joined = change('m-1', true, 1);
      const left = change('m-1', false, 2);
      expect(await night(joined)).toEqual([1, 0, 0]);
      expect(await night(left, []), 'without it, the id is what counts').toEqual([0, 0, 1]);
      expect(membersOnServer('vip')).toEqual(['u1']);
      expect(await night(left)).toEqual([0, 1, 0]);
      expect(membersOnServer('vip')).toEqual([]);
      expect(await night(left)).toEqual([0, 0, 1]);
      // Back by another change: the old leave says nothing of that.
      await night(change('m-2', true, 3));
      expect(await night(left)).toEqual([0, 0, 1]);
      expect(await night(joined)).toEqual([0, 0, 1]);
      expect(membersOnServer('vip')).toEqual(['u1']);
      // Whom it is of was corrected.
      await night(change('m-3', true, 3).replace('"u1"', '"u2"'));
      expect(await night(left.replace('"u1"', '"u2"'))).toEqual([0, 1, 0]);
      expect(membersOnServer('vip')).toEqual(['u1']);
    });

    it('but not by having been another change before: what the server has refused of it is tried again', async () => {
      let refuses = true;
      server = await startCapiServer((_, { body }) =>
        refuses && body.includes('refused@x.de') ? badRequest('no') : { kind: 'accept' },
      );
      const night = async (line: string, ...args: string[]) => {
        write('m.ndjson', line);
        const { audience, result } = await sync(['m.ndjson', '--config', 'changed.yaml', ...args]);
        const { joined, left, updated } = audience;
        return { ...result, joined, left, updated };
      };
      const of = (email: string, id: string, member: boolean, minute: number) =>
        change(id, member, minute).replace('"vip":', `"email":"${email}","vip":`);
      const refused = { rejected: 1, exitCode: 3 };
      await night(of('a@x.de', 'm-1', true, 1));
      for (const more of [[], [], ['--resend']]) {
        expect(await night(of('refused@x.de', 'm-1', true, 2), ...more)).toMatchObject(refused);
      }
      refuses = false;
      expect(await night(of('refused@x.de', 'm-1', true, 2))).toMatchObject({ accepted: 1, updated: 1 });
      refuses = true;
      for (const more of [[], [], ['--resend']]) {
        expect(await night(of('refused@x.de', 'm-1', false, 3), ...more)).toMatchObject(refused);
      }
      refuses = false;
      expect(await night(of('refused@x.de', 'm-1', false, 3))).toMatchObject({ accepted: 1, left: 1 });
      expect(membersOnServer('vip')).toEqual([]);
    });

    it('also where it was send that had delivered it', async () => {
      server = await startCapiServer();
      write('vip.json', [{ user_id: 'u1' }, { user_id: 'u2' }]);
      await sync(['vip.json']);
      await run(['send', 'left.ndjson', '--endpoint', server.url], { cwd: folder.path, env: CREDENTIALS });
      const { result, audience, stderr } = await sync(['left.ndjson']);
      expect(result, stderr).toMatchObject(nothing);
      expect(audience).toMatchObject({ members: 1, left: 1 });
      expect(membersOnServer('vip')).toEqual(['u2']);
    });

    it('also where it was one of more than a thousand that changed nothing', async () => {
      server = await startCapiServer();
      const everyone = range(0, 1_100);
      write(
        'vip.json',
        everyone.map((n) => ({ user_id: `u${n}` })),
      );
      await sync(['vip.json']);
      const same = everyone.map((n) => change(`m-same-${n}`, true, 0).replace('"u1"', `"u${n}"`));
      write('same.ndjson', same.join('\n'));
      expect((await sync(['same.ndjson'])).audience).toMatchObject({ joined: 0, unchanged: 1_100 });
      write('vip.json', [{ user_id: 'u0' }]);
      await sync(['vip.json', '--max-drop', '100%']);
      expect((await sync(['same.ndjson'])).result).toMatchObject({ duplicate: 1_100, requests: 0 });
      expect(membersOnServer('vip')).toEqual(['u0']);
    });
  });

  it('of changes on one day, as tables have them, the last one counts; one that names nobody is rejected alone', async () => {
    server = await startCapiServer();
    const day = new Date().toISOString().slice(0, 10);
    const rows = ['u1,true', 'u1,false', 'u2,false', 'u2,true', 'u3,true', ',true'].map(
      (row, n) => `${row},${day},m${n}`,
    );
    write(
      'changes.csv',
      `user_id,audience_membership,timestamp,messageId,audience_name\n${rows.map((row) => `${row},vip\n`).join('')}`,
    );
    const { code, result, stderr } = await sync(['changes.csv']);
    expect(result, stderr).toMatchObject({ read: 6, rejected: 1, pending: 0, exitCode: 3 });
    expect(code).toBe(3);
    expect(membersOnServer('vip')).toEqual(['u2', 'u3']);
    write('vip.json', users(1, 2, 3));
    const later = await sync(['changes.csv']);
    expect(later.result).toMatchObject({ requests: 0, rejected: 1 });
  });

  it('rejects a change that says neither that a person joined nor that they left, and knows it in numbers and words', async () => {
    server = await startCapiServer();
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const change = (who: string, membership: unknown) => ({
      type: 'track',
      event: 'Audience Updated',
      messageId: who,
      userId: who,
      timestamp: at,
      properties: { audience_name: 'vip', audience_membership: membership },
    });
    write('changes.json', [
      ...[change('one', 1), change('zero', 0), change('yes', 'yes'), change('no', 'No')],
      ...[change('unclear', 'maybe'), change('nothing', null)],
    ]);
    const { code, result, stdout, stderr } = await sync(['changes.json']);
    expect(code, stdout + stderr).toBe(3);
    expect(changesIn(server.held).map(({ who, status }) => [who, status])).toEqual([
      ['one', 'add'],
      ['zero', 'drop'],
      ['yes', 'add'],
      ['no', 'drop'],
    ]);
    expect(result).toMatchObject({ read: 6, accepted: 4, rejected: 1, skipped: 1 });
    expect(result.rejections).toMatchObject([{ code: 'MEMBERSHIP_UNREADABLE', count: 1 }]);
  });

  it.each([
    ['Snowflake', 'USER_ID,AUDIENCE_NAME,AUDIENCE_MEMBERSHIP,MESSAGE_ID,TIMESTAMP'],
    ['a spreadsheet', 'User ID,Audience Name,Audience Membership,Message ID,Timestamp'],
  ])(
    'knows changes by the names that the columns have in %s: who has left does not join',
    async (_, header) => {
      server = await startCapiServer();
      const at = new Date(Date.now() - 3_600_000).toISOString();
      write('changes.csv', `${header}\nu1,vip,TRUE,m1,${at}\nu2,vip,FALSE,m2,${at}\n`);
      const { code, stderr } = await sync(['changes.csv']);
      expect(code, stderr).toBe(0);
      expect(changesIn(server.held)).toEqual([
        { who: 'u1', audience: 'vip', status: 'add' },
        { who: 'u2', audience: 'vip', status: 'drop' },
      ]);
    },
  );

  it.each([
    'user_id,audience_name,audience_membership,timestamp',
    'user_id,message_id,type,context_personas_computation_key,context_personas_computation_class,vip,timestamp',
  ])('a table of changes without a row is a night without changes, and no error: %s', async (header) => {
    server = await startCapiServer();
    write('changes.csv', `${header}\n`);
    const { code, result } = await sync(['changes.csv']);
    expect(code).toBe(0);
    expect(result).toMatchObject({ read: 0, audiences: [] });
  });

  it('of a table of identify calls those of Engage are changes, also where others come first, or nobody could be found by them', async () => {
    server = await startCapiServer();
    const at = new Date(Date.now() - 60_000).toISOString();
    const header =
      'user_id,email,anonymous_id,context_personas_computation_key,context_personas_computation_class,vip,timestamp';
    const others = [
      `u1,a@example.com,n1,,,,${at}`,
      `,,n2,,,,${at}`,
      `u3,c@example.com,n3,ltv,computed_trait,,${at}`,
    ];
    write('identifies.csv', `${[header, ...others, `u4,,n4,vip,audience,true,${at}`].join('\n')}\n`);
    const { code, result } = await sync(['identifies.csv']);
    expect(code).toBe(0);
    expect(result).toMatchObject({
      read: 4,
      skipped: 3,
      accepted: 1,
      audiences: [{ audience: 'vip', joined: 1 }],
    });
    write('identifies.csv', `${[header, ...others].join('\n')}\n`);
    expect((await sync(['identifies.csv'])).result, 'nobody joins for having called').toMatchObject({
      skipped: 3,
      accepted: 0,
      audiences: [],
    });
  });

  it('applies track calls of Engage, and events with audience_name and audience_membership, of a CSV as well', async () => {
    server = await startCapiServer();
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const track = (n: number, properties: object, context = {}) =>
      JSON.stringify({
        type: 'track',
        event: n === 0 ? 'Audience Entered' : 'Order Completed',
        messageId: `t-${n}`,
        userId: `u${n}`,
        timestamp: at,
        properties: { ...properties, order_id: `o-${n}` },
        context,
      });
    const personas = { computation_key: 'vip', computation_class: 'audience' };
    write(
      'track.ndjson',
      [
        track(0, { vip: true }, { personas }),
        track(1, { audience_name: 'vip', audience_membership: true }),
        track(2, { audience_name: 'vip', audience_membership: false }),
        track(3, {}, { personas }),
      ].join('\n'),
    );
    const idfa = '6D92078A-8246-4BA4-AE5B-76104861E7DC';
    write(
      'rows.csv',
      `user_id,idfa,timestamp,audience_name,audience_membership\nu7,,${at},other,true\n,${idfa},${at},other,TRUE\n`,
    );
    const { code, result, stderr } = await sync(['track.ndjson', 'rows.csv']);
    expect(code, stderr).toBe(0);
    expect(result).toMatchObject({ read: 6, accepted: 5, skipped: 1 });
    expect(result.audiences).toMatchObject([
      { audience: 'vip', joined: 2, left: 1 },
      { audience: 'other', joined: 2, left: 0 },
    ]);
    expect(membersOnServer('vip')).toEqual(['u0', 'u1']);
    expect(changesIn(server.held), 'memberships, and no conversion').toHaveLength(5);
    expect(server.held.map((batch) => batch.device_info)).toContainEqual({ ios_advertising_id: idfa });
  });

  it.each([
    [
      'of a table with other columns than those of its traits',
      'traits.email,traits.vip,version',
      ['true,2', 'false,2'],
    ],
    [
      'whose columns have an event’s objects as JSON, in the upper case of Snowflake',
      'TRAITS',
      ['"{""email"":""a@example.com"",""vip"":true}"', '"{""email"":""a@example.com"",""vip"":false}"'],
    ],
  ])('applies identify calls %s', async (_, columns, [yes = '', no = '']) => {
    server = await startCapiServer();
    const isUpper = columns === 'TRAITS';
    const header = `type,user_id,message_id,timestamp,context,${columns}`;
    const context = '"{""personas"":{""computation_key"":""vip"",""computation_class"":""audience""}}"';
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const email = isUpper ? '' : 'a@example.com,';
    const rows = [yes, no].map((cells, n) => `identify,u${n},m${n},${at},${context},${email}${cells}`);
    write('calls.csv', [isUpper ? header.toUpperCase() : header, ...rows].join('\n'));
    const { code, result, stderr } = await sync(['calls.csv']);
    expect(code, stderr).toBe(0);
    expect(result.audiences).toMatchObject([{ audience: 'vip', joined: 1, left: 1 }]);
    expect(membersOnServer('vip')).toEqual(['u0']);
    expect(server.held[0]?.user_identities).toEqual({ customerid: 'u0', email: 'a@example.com' });
  });

  it.each([
    [
      'as Segment’s documentation shows them',
      'calls.ndjson',
      ['Entered', 'Exited'].map((what, n) =>
        JSON.stringify({
          type: 'track',
          event: `Audience ${what}`,
          userId: `u${n}`,
          timestamp: new Date(Date.now() - 3_600_000).toISOString(),
          properties: { audience_key: 'vip', vip: n === 0 },
        }),
      ),
    ],
    [
      'of a table of them, with the audience’s key alone',
      'vip.csv',
      [
        'event,user_id,timestamp,audience_key',
        ...['entered', 'exited'].map((what, n) => `audience_${what},u${n},${new Date().toISOString()},vip`),
      ],
    ],
  ])('applies Audience Entered and Audience Exited also without a context: %s', async (_, name, lines) => {
    server = await startCapiServer();
    write(name, lines.join('\n'));
    const { code, result, stderr } = await sync([name]);
    expect(code, stderr).toBe(0);
    expect(result).toMatchObject({
      accepted: 2,
      skipped: 0,
      audiences: [{ audience: 'vip', joined: 1, left: 1 }],
    });
    expect(membersOnServer('vip')).toEqual(['u0']);
  });

  describe('sends the RTID of a member,', () => {
    const rtids = () =>
      server?.held.map(({ user_identities: { other2 }, integration_attributes: of }) => [
        other2,
        of?.['1277']?.passbackconversiontrackingid,
      ]);

    it.each([
      ['a column of a table', 'members.csv', 'email,rtid\nann@example.com,click-1\n,click-2\n'],
      ['a key of a flat profile', 'members.json', [{ user_id: 'u1', rtid: 'click-1' }, { rtid: 'click-2' }]],
      [
        'where the browser plugin puts it',
        'members.ndjson',
        ['click-1', 'click-2']
          .map((rtid) => JSON.stringify({ integrations: { 'Rokt Conversions API': { rtid } } }))
          .join('\n'),
      ],
      [
        'a column beside those that report changes',
        'changes.csv',
        'timestamp,rtid,audience_name,audience_membership\n' +
          '2026-11-01T10:00:00Z,click-1,vip,true\n2026-11-01T10:00:00Z,click-2,vip,true\n',
      ],
    ])('which is %s', async (_, name, content) => {
      server = await startCapiServer();
      write(name, content);
      const ended = await sync([name]);
      expect(ended.code, ended.stderr).toBe(0);
      expect(rtids()).toEqual([
        ['click-1', 'click-1'],
        ['click-2', 'click-2'],
      ]);
    });

    it('and that of its traits, where there are both', async () => {
      server = await startCapiServer();
      const integrations = { 'Rokt Conversions API': { rtid: 'click-1' } };
      write('vip.json', [{ user_id: 'u1', traits: { rtid: 'click-2' }, integrations }]);
      expect((await sync(['vip.json'])).code).toBe(0);
      expect(rtids()).toEqual([['click-2', 'click-2']]);
    });
  });

  it('knows a person by customer id, else by address or its hash, else by device', async () => {
    server = await startCapiServer();
    const idfa = '6D92078A-8246-4BA4-AE5B-76104861E7DC';
    write('vip.json', [
      { traits: { email: 'A@example.com' } },
      { user_id: 'u2', traits: { email: 'b@example.com' } },
      { context: { device: { type: 'ios', advertisingId: idfa } }, traits: {} },
      { traits: { email: sha256('a@example.com') } },
    ]);
    const first = await sync(['vip.json']);
    expect(first.audience).toMatchObject({ members: 3, joined: 3 });
    expect(first.result).toMatchObject({ accepted: 3, duplicate: 1 });
    write('vip.json', [
      { traits: { email: sha256('a@example.com') } },
      { user_id: 'u2', traits: { email: 'new@example.com' } },
      { user_id: 'u3', context: { device: { type: 'ios', advertisingId: idfa } }, traits: {} },
    ]);
    const second = await sync(['vip.json']);
    expect(second.audience).toMatchObject({ members: 3, joined: 0, left: 0, updated: 2, unchanged: 1 });
    write('vip.json', [{ user_id: 'u9', traits: { email: 'new@example.com' } }]);
    expect((await sync(['vip.json'])).audience).toMatchObject({ joined: 1, left: 3 });
    expect(server.held.map((batch) => batch.user_identities)).toContainEqual({
      customerid: 'u2',
      email: 'new@example.com',
    });
  });

  it('people whose customer id a database wrote as NULL are not one person, in JSON as in a CSV', async () => {
    server = await startCapiServer();
    const people = ['a', 'b', 'c'].map((name) => ({ user_id: 'NULL', email: `${name}@example.com` }));
    write('csv.csv', `user_id,email\n${people.map(({ email }) => `NULL,${email}\n`).join('')}`);
    write('lines.ndjson', people.map((each) => JSON.stringify(each)).join('\n'));
    write('list.json', { name: 'list', members: people });
    for (const file of ['csv.csv', 'lines.ndjson', 'list.json']) {
      const { audience } = await sync([file]);
      expect(audience, file).toMatchObject({ members: 3, joined: 3 });
      expect(server.held.slice(-3).map((batch) => batch.user_identities)).toEqual(
        people.map(({ email }) => ({ email })),
      );
    }
    write('lines.ndjson', JSON.stringify({ user_id: 'NULL', email: 'b@example.com' }));
    expect((await sync(['lines.ndjson'])).audience).toMatchObject({ joined: 0, left: 2, unchanged: 1 });
  });

  it.each(['N/A', 'None', 'guest'])('nor are guests who all have the customer id %s', async (none) => {
    server = await startCapiServer();
    write('vip.csv', `customer_id,email\n${none},a@example.com\n${none},b@example.com\nc1,c@example.com\n`);
    const synced = await sync(['vip.csv']);
    expect(synced.audience).toMatchObject({ members: 3, joined: 3 });
    expect(membersOnServer('vip')).toEqual(['a@example.com', 'b@example.com', 'c1']);
    expect(synced.result.warnings).toMatchObject([{ code: 'ID_UNUSABLE', count: 2 }]);
  });

  it('tells of records whose customer id another record has with another address: they are taken for one person', async () => {
    server = await startCapiServer();
    const rows = ['gast,a@example.com', 'gast,b@example.com', 'gast,c@example.com', 'c1,d@example.com'];
    write(
      'vip.csv',
      `customer_id,email\n${[...rows, 'c1,d@example.com', 'gast,', 'gast,b@example.com'].join('\n')}\n`,
    );
    const synced = await sync(['vip.csv']);
    expect(synced.audience).toMatchObject({ members: 2, joined: 2 });
    expect(synced.result).toMatchObject({ accepted: 2, duplicate: 5 });
    expect(synced.result.warnings).toMatchObject([
      { code: 'MEMBER_TWICE', count: 2, places: [{ line: 3 }, { line: 4 }] },
    ]);
    expect((await sync(['vip.csv'])).result.warnings).toMatchObject([{ code: 'MEMBER_TWICE', count: 2 }]);
  });

  it('what stands below a table is no member: it is rejected, and nobody leaves for it', async () => {
    server = await startCapiServer();
    write('vip.csv', 'email\na@example.com\nb@example.com\n');
    await sync(['vip.csv']);
    write('vip.csv', 'email\na@example.com\n\nTotal: 1\n-- 1 rows --\n');
    const second = await sync(['vip.csv']);
    expect(second.code).toBe(3);
    expect(second.audience).toMatchObject({ members: 2, joined: 0, left: 0, held: 1 });
    expect(second.result.rejections).toMatchObject([{ code: 'IDENTIFIER_MISSING', count: 2 }]);
    expect(membersOnServer('vip')).toEqual(['a@example.com', 'b@example.com']);
  });

  it('nobody is taken out by an address that is now that of another member of the snapshot', async () => {
    server = await startCapiServer();
    const drops = () => changesIn(server?.held ?? []).filter(({ status }) => status === 'drop');
    const [guest, account, both] = [',a@example.com\n', 'u1,\n', 'u1,a@example.com\n'];
    const csv = (...rows: string[]) => write('vip.csv', `user_id,email\nu2,b@example.com\n${rows.join('')}`);
    csv(account, guest);
    await sync(['vip.csv']);
    for (const rows of [[both], [guest, both], [both, guest], [both]]) {
      csv(...rows);
      const { audience } = await sync(['vip.csv']);
      expect(audience).toMatchObject({ members: 3, joined: 0, left: 0 });
    }
    expect(drops()).toEqual([]);
    write('earlier.csv', `user_id,email\n${both}${guest}u2,\n`);
    write('later.csv', `user_id,email\n${both}`);
    for (const earlier of ['earlier.csv', 'vip.csv']) {
      const { audience } = await sync(['later.csv', '--audience', 'vip', '--previous', earlier]);
      expect(audience).toMatchObject({ left: 1 });
    }
    expect(new Set(drops().map(({ who }) => who))).toEqual(new Set(['u2']));
    csv('u1,c@example.com\n');
    expect((await sync(['vip.csv'])).audience).toMatchObject({ members: 2, updated: 1, left: 1 });
    expect(drops().map(({ who }) => who)).toContain('a@example.com');
    csv();
    expect((await sync(['vip.csv'])).audience).toMatchObject({ members: 1, left: 1 });
  });

  it('whoever leaves does not take out another member who has the same address or device', async () => {
    server = await startCapiServer();
    const idfa = '6D92078A-8246-4BA4-AE5B-76104861E7DC';
    const csv = (...rows: string[]) => write('vip.csv', `user_id,email,idfa\n${rows.join('\n')}\n`);
    csv('u1,a@example.com,', `u2,b@example.com,${idfa}`, `u3,a@example.com,${idfa}`, 'u4,d@example.com,');
    await sync(['vip.csv']);
    csv('u1-new,a@example.com,', `u3,a@example.com,${idfa}`);
    expect((await sync(['vip.csv'])).audience).toMatchObject({ joined: 1, left: 3, unchanged: 1 });
    const left = server.held.filter(({ user_attributes: { segment_vip } }) => segment_vip === false);
    expect(left.map(({ user_identities, device_info }) => [user_identities, device_info])).toEqual([
      [{ customerid: 'u1' }, {}],
      [{ email: 'b@example.com', customerid: 'u2' }, {}],
      [{ email: 'd@example.com', customerid: 'u4' }, {}],
    ]);
  });

  it('leaves are sent before joins: an export with addresses instead of customer ids takes out nobody of whom both are known', async () => {
    server = await startCapiServer();
    write('vip.csv', 'user_id\nu1\n');
    await sync(['vip.csv']);
    write('vip.csv', 'email\na@example.com\n');
    expect((await sync(['vip.csv'])).audience).toMatchObject({ joined: 1, left: 1 });
    expect(changesIn(server.held).map(({ who, status }) => [who, status])).toEqual([
      ['u1', 'add'],
      ['u1', 'drop'],
      ['a@example.com', 'add'],
    ]);
  });

  it('two records that share nothing are two people, though one member had what both have', async () => {
    server = await startCapiServer();
    const rows = ['u1,\n', ',a@example.com\n'];
    for (const [name, two] of [
      ['vip.csv', rows],
      ['other.csv', rows.toReversed()],
    ] as const) {
      write(name, 'user_id,email\nu1,a@example.com\n');
      await sync([name]);
      write(name, `user_id,email\n${two.join('')}`);
      const { result, audience } = await sync([name]);
      expect(result).toMatchObject({ accepted: 2, duplicate: 0 });
      expect(audience).toMatchObject({ members: 2, joined: 1, updated: 1, left: 0 });
      const added = server.held.slice(-2).map(({ user_identities }) => user_identities);
      expect(added).toEqual(expect.arrayContaining([{ customerid: 'u1' }, { email: 'a@example.com' }]));
      expect((await sync([name])).audience).toMatchObject({ members: 2, unchanged: 2 });
    }
  });

  it('of two records of one person that with a customer id is sent, wherever in the snapshot it stands', async () => {
    server = await startCapiServer();
    const rows = [',a@example.com\n', 'u1,a@example.com\n', ',a@example.com\n', ',b@example.com\n'];
    for (const [name, listed] of [
      ['vip.csv', rows],
      ['other.csv', rows.toReversed()],
    ] as const) {
      write(name, `user_id,email\n${listed.join('')}`);
      const { result, audience } = await sync([name]);
      expect(result).toMatchObject({ read: 4, accepted: 2, duplicate: 2 });
      expect(audience).toMatchObject({ members: 2, joined: 2 });
      const added = server.held.slice(-2).map(({ user_identities }) => user_identities);
      expect(added).toContainEqual({ email: 'a@example.com', customerid: 'u1' });
      expect((await sync([name])).audience).toMatchObject({ members: 2, unchanged: 2 });
    }
    const taken = server.held.length;
    write('vip.csv', 'user_id,email\n,b@example.com\nu2,b@example.com\n,a@example.com\nu1,a@example.com\n');
    const { result, audience } = await sync(['vip.csv']);
    expect(result).toMatchObject({ read: 4, accepted: 1, duplicate: 3 });
    expect(audience).toMatchObject({ members: 2, updated: 1, unchanged: 1, left: 0 });
    expect(server.held.slice(taken).map(({ user_identities }) => user_identities)).toEqual([
      { email: 'b@example.com', customerid: 'u2' },
    ]);
    expect((await sync(['vip.csv', '--full'])).result).toMatchObject({ accepted: 2, duplicate: 2 });
  });

  it('who is best known by an identifier is not taken for one who has it besides', async () => {
    server = await startCapiServer();
    const rows = ['u1,\n', ',a@example.com\n'];
    write('vip.csv', `user_id,email\n${rows.join('')}`);
    await sync(['vip.csv']);
    for (let night = 0; night < 3; night += 1) {
      write('vip.csv', 'user_id,email\n,a@example.com\nu1,a@example.com\n');
      expect((await sync(['vip.csv'])).audience).toMatchObject(
        night === 0 ? { updated: 1, unchanged: 1 } : { updated: 0, unchanged: 2 },
      );
    }
  });

  it('who leaves by a device that a later change says is another person’s leaves all the same', async () => {
    server = await startCapiServer();
    const at = (minute: number) => new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString();
    const [idfa, idfv] = ['6D92078A-8246-4BA4-AE5B-76104861E7DC', '7D92078A-8246-4BA4-AE5B-76104861E7DC'];
    const change = (minute: number, who: object, device: object, member: boolean): string =>
      JSON.stringify({
        ...{ type: 'identify', messageId: `m-${minute}`, timestamp: at(minute), ...who },
        traits: { vip: member },
        context: {
          device: { type: 'ios', ...device },
          personas: { computation_key: 'vip', computation_class: 'audience' },
        },
      });
    write('first.ndjson', change(1, { userId: 'u1' }, { id: idfv }, true));
    await sync(['first.ndjson']);
    const second = [
      change(2, {}, { id: idfv }, false),
      change(3, {}, { advertisingId: idfa }, true),
      change(4, {}, { advertisingId: idfa, id: idfv }, true),
    ];
    write('second.ndjson', second.join('\n'));
    const { result, audience, stderr } = await sync(['second.ndjson']);
    expect(audience, stderr).toMatchObject({ members: 1, joined: 1, left: 1 });
    expect(result).toMatchObject({ read: 3, accepted: 2, duplicate: 1 });
    expect(membersOnServer('vip')).not.toContain('u1');
    expect((await sync(['second.ndjson'])).result).toMatchObject({ requests: 0, duplicate: 3 });
  });

  it.each<[string, string[], string[]]>([
    ['one person by more and more', [',a@example.com', 'u1,a@example.com', 'u1,b@example.com'], ['u1']],
    [
      'two customers who have the address of a guest',
      [',a@example.com', 'u1,a@example.com', 'u2,a@example.com'],
      ['u1', 'u2'],
    ],
  ])('rows of %s: a sync of them again has nothing to send', async (_, rows, members) => {
    server = await startCapiServer();
    write('vip.csv', `user_id,email\n${rows.join('\n')}\n`);
    await sync(['vip.csv']);
    expect(membersOnServer('vip')).toEqual(members);
    expect((await sync(['vip.csv'])).result).toMatchObject({ requests: 0, duplicate: 3 });
  });

  it('with hashing on, no address is in the state; without, it is, in private files', async () => {
    server = await startCapiServer();
    const texts = (): string =>
      readdirSync(join(folder.path, '.rokt-capi'), { recursive: true, withFileTypes: true })
        .filter((entry) => entry.isFile())
        .map((entry) => {
          const path = join(entry.parentPath, entry.name);
          expect(statSync(path).mode & 0o077, path).toBe(0);
          return readFileSync(path, 'utf8');
        })
        .join('');
    write('rokt-capi.config.yaml', 'version: 1\nhashing:\n  email: true\n');
    write('hashed.json', users(1, 2));
    expect((await sync(['hashed.json'])).code).toBe(0);
    expect(texts()).not.toContain('@example.com');
    write('hashed.json', users(2));
    await sync(['hashed.json', '--max-drop', '100%']);
    expect(server.held.at(-1)?.user_identities).toEqual({
      customerid: 'u1',
      other: sha256('user1@example.com'),
    });
    write('rokt-capi.config.yaml', 'version: 1\n');
    write('plain.json', users(1));
    await sync(['plain.json']);
    expect(texts()).toContain('user1@example.com');
  });

  it('a person whom the server refuses is no member, and is tried again', async () => {
    let refuses = true;
    server = await startCapiServer((_, { body }) =>
      refuses && body.includes('"u2"') ? badRequest('no') : { kind: 'accept' },
    );
    write('vip.json', users(1, 2, 3));
    const first = await sync(['vip.json']);
    expect(first.code).toBe(3);
    expect(first.audience).toMatchObject({ members: 2, joined: 2 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u3']);
    refuses = false;
    const second = await sync(['vip.json']);
    expect(second.code, second.stderr).toBe(0);
    expect(second.audience).toMatchObject({ members: 3, joined: 1, unchanged: 2 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u2', 'u3']);
  });

  it('whom the server takes by one of two mappings alone is tried again each night by the other, and leaves as by one', async () => {
    const preset = 'sync-engage-audience';
    const customerid = { '@path': '$.userId' };
    const mappings = [
      { name: 'A', preset },
      { name: 'B', preset, fields: { user_identities: { customerid } } },
    ];
    write('rokt-capi.config.yaml', { version: 1, mappings });
    let refuses = (text: string) => text.includes('user2@');
    server = await startCapiServer((_, { body }) => (refuses(body) ? badRequest('no') : { kind: 'accept' }));
    write('vip.json', users(1, 2));
    for (const accepted of [1, 0]) {
      const { result, audience } = await sync(['vip.json']);
      expect(result).toMatchObject({ accepted, rejected: 1, exitCode: 3 });
      expect(audience).toMatchObject({ members: 1, joined: accepted });
    }
    expect(changesIn(server.held).map(({ who }) => who)).toEqual(['u1', 'u1', 'u2']);
    const { stdout } = await run(['runs', '--audiences', '--json'], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject([{ members: 1 }]);
    write('vip.json', users(1));
    refuses = (text) => text.includes('"u2"');
    for (let night = 0; night < 2; night += 1) {
      expect((await sync(['vip.json'])).audience).toMatchObject({ members: 1, left: 0, refused: 1 });
    }
    refuses = (text) => text.includes('user2@');
    const left = await sync(['vip.json']);
    expect([left.code, left.audience]).toEqual([0, expect.objectContaining({ members: 1, left: 1 })]);
    expect(membersOnServer('vip')).toEqual(['u1']);
    expect((await sync(['vip.json'])).result).toMatchObject({ requests: 0 });
  });

  it('nor is one whose row has the same message id as that of a member', async () => {
    server = await startCapiServer((_, { body }) =>
      body.includes('"u2"') ? badRequest('no') : { kind: 'accept' },
    );
    write('vip.csv', 'message_id,user_id\nexport-7,u1\nexport-7,u2\nexport-7,u3\n');
    for (const joined of [2, 0]) {
      const { result, audience } = await sync(['vip.csv']);
      expect(result).toMatchObject({ accepted: joined, rejected: 1 });
      expect(audience).toMatchObject({ members: 2, joined, unchanged: 2 - joined });
    }
  });
});

it.each([
  ['ahead', 365, 365],
  ['behind', -100, -1],
])(
  'after a night whose clock was %s, later changes have the right time, and nobody leaves before joining',
  async (_, wrong, told) => {
    server = await startCapiServer();
    const nights: [number, number[]][] = [
      [-3, [1]],
      [-2, [1, 2]],
      [-1, [1, 2]],
      [wrong, [1, 3]],
      [1, [1, 4]],
      [2, [1, 4, 5]],
    ];
    for (const [day, members] of nights) {
      write('vip.json', users(...members));
      const { result } = await sync(['vip.json'], undefined, clockAhead(day));
      if (day > 0) expect(result.warnings).toEqual([]);
    }
    const times = server.held.flatMap(({ events = [] }) =>
      events.map(({ data }) => data.timestamp_unixtime_ms),
    );
    const days = times.map((time) => Math.round((time - Date.now()) / 86_400_000));
    expect(changesIn(server.held).map(({ who, status }, index) => [who, status, days[index]])).toEqual([
      ['u1', 'add', -3],
      ['u2', 'add', -2],
      ['u2', 'drop', told],
      ['u3', 'add', told],
      ['u3', 'drop', Math.max(1, told)],
      ['u4', 'add', 1],
      ['u5', 'add', 2],
    ]);
    expect(times[4]).toBeGreaterThan(times[3] ?? 0);
  },
);

it('a clock that is an hour behind the last sync dates a change after that one', async () => {
  server = await startCapiServer();
  const nights: [day: number, members: number[]][] = [
    [-3, [1, 2]],
    [-2, [1, 2]],
    [-1, [1, 2]],
    [0, [1]],
    [-1 / 24, [1, 2]],
  ];
  for (const [day, members] of nights) {
    write('vip.json', users(...members));
    await sync(['vip.json'], undefined, clockAhead(day));
  }
  const [, , left, again] = server.held.flatMap(({ events = [] }) => events.map(({ data }) => data));
  expect([left, again].map((data) => data?.custom_attributes.status)).toEqual(['drop', 'add']);
  expect(again?.timestamp_unixtime_ms).toBeGreaterThan(left?.timestamp_unixtime_ms ?? Number.NaN);
});

describe('guards', () => {
  beforeEach(async () => {
    server = await startCapiServer();
    write('vip.json', users(...range(0, 200)));
    await sync(['vip.json']);
  });

  it('an empty snapshot leaves the audience as it is, unless --allow-empty', async () => {
    const requests = server?.requests.length;
    for (const [name, content] of [
      ['vip.json', '[]'],
      ['vip.csv', 'user_id,email\n'],
      ['x.json', '{"name":"vip","members":[]}'],
    ]) {
      write(name ?? '', content);
      const empty = await sync([name ?? '']);
      expect(empty.code, name).toBe(2);
      expect(empty.stderr).toMatch(/AUDIENCE_EMPTY: .*members now: 200.*\n.*--allow-empty/);
    }
    expect(server?.requests.length).toBe(requests);
  });

  it('everyone leaves with --allow-empty', async () => {
    write('vip.json', '[]');
    const { audience, code, stderr } = await sync(['vip.json', '--allow-empty']);
    expect(code, stderr).toBe(0);
    expect(audience).toMatchObject({ members: 0, left: 200 });
    expect(membersOnServer('vip')).toEqual([]);
  });

  it('more than a fifth leaving stops before anything is sent, unless --max-drop allows it', async () => {
    const requests = server?.requests.length;
    write('vip.json', users(...range(50, 260)));
    const stopped = await sync(['vip.json']);
    expect(stopped.code).toBe(2);
    expect(stopped.stderr).toMatch(
      /AUDIENCE_DROP_TOO_LARGE: 50 of 200 members .*\(25\.0 %\).*60 would join\.\n.*--max-drop 25%/,
    );
    expect(server?.requests.length).toBe(requests);
    // As fractions, 0.29 times 100 is less than 29.
    write('some.json', { name: 'vip', members: users(...range(0, 100)) });
    write('most.json', { name: 'vip', members: users(...range(0, 71)) });
    const exactly = ['most.json', '--previous', 'some.json', '--max-drop'];
    expect((await sync([...exactly, '28%', '--dry-run'])).stderr).toContain('more than 28%; 0 would join.');
    expect((await sync([...exactly, '29%', '--dry-run'])).audience).toMatchObject({ left: 29 });
    expect((await sync(['vip.json', '--max-drop', '25%'])).audience).toMatchObject({
      left: 50,
      joined: 60,
      members: 210,
    });
  });

  it('a file that ends early is an error before anything is sent', async () => {
    const requests = server?.requests.length;
    const whole = JSON.stringify({ name: 'vip', members: users(...range(0, 220)) });
    write('vip.json', whole.slice(0, whole.length - 300));
    const cut = await sync(['vip.json', '--max-drop', '100%']);
    expect(cut.code).toBe(2);
    expect(cut.stderr).toContain('AUDIENCE_TRUNCATED');
    write('vip.json.gz', gzipSync(whole).subarray(0, 500));
    expect((await sync(['vip.json.gz', '--max-drop', '100%'])).code).toBe(2);
    expect(server?.requests.length).toBe(requests);
  });

  it('so is a file that is damaged beside its list, wherever the name comes from', async () => {
    const requests = server?.requests.length;
    const members = JSON.stringify(users(...range(0, 200)));
    for (const damaged of [
      `{"audience_name":"v\tip","members":${members}}`,
      `{"audience_name":"vip","source":{x},"members":${members}}`,
      `{"members":${members},"note":"C:\\path","name":"vip"}`,
      `{"name":"vip","members":${members},"note":"C:\\path"}`,
      `{"members":${members},"name":"vip"`,
      `{"members":${members},"na`,
      `{"members":${members}`,
      `{"members":${members},"name" "vip"}`,
    ]) {
      for (const args of [[], ['--audience', 'vip']]) {
        write('vip.json', damaged);
        const { code, stderr } = await sync(['vip.json', ...args]);
        expect(code, damaged.replace(members, '')).toBe(2);
        expect(stderr).toMatch(/^vip\.json: AUDIENCE_TRUNCATED: .*\n {2}→ .*\n$/);
      }
    }
    expect(server?.requests.length).toBe(requests);
    write(
      'vip.json',
      `{"a":"\\"{[","members":${members},"b":[{"]":"}"}],"c":"\\\\","d":{"e":[]},"name":"vip"}\n`,
    );
    expect((await sync(['vip.json'])).audience).toMatchObject({ audience: 'vip', unchanged: 200 });
  });

  it('a list that begins behind 8 MB is not read, and nobody is taken in or out for what stands before it', async () => {
    const about = 'x'.repeat(9 << 20);
    write('vip.json', { user_id: 'of-the-export', about, members: users(...range(0, 200)) });
    const { code, result, audience } = await sync(['vip.json']);
    expect(code).toBe(3);
    expect(result.rejections).toMatchObject([{ code: 'RECORD_TOO_LARGE', count: 1 }]);
    expect(audience).toMatchObject({ joined: 0, left: 0, held: 200, members: 200 });
  });

  it('a list of people under a name that is not known is an error: what it is in is no member, and nobody leaves', async () => {
    server = await startCapiServer();
    write('vip.json', users(1, 2, 3));
    expect((await sync(['vip.json'])).code).toBe(0);
    for (const beside of [{}, { client_id: 'acme' }]) {
      write('vip.json', { name: 'vip', ...beside, customers: users(1, 2, 4) });
      const { code, stderr } = await sync(['vip.json', '--allow-empty']);
      expect(code).toBe(2);
      expect(stderr).toContain(
        'AUDIENCE_EMPTY: The snapshot is one object, whose list "customers" is not read.',
      );
    }
    write('vip.json', { ...user(1), orders: [{ order_id: 'o1', email: 'user1@example.com' }] });
    expect((await sync(['vip.json'])).audience, 'one profile that has a list').toMatchObject({
      members: 1,
      left: 2,
    });
    expect(membersOnServer('vip')).toEqual(['u1']);
  });

  it.each(['Audience Name', 'audience', 'audience_key', 'computation_key'])(
    'a table of the members of several audiences, named in a column %s, is no snapshot of one',
    async (column) => {
      server = await startCapiServer();
      write('members.csv', `user_id,${column}\nu1,VIP\nu2,vip\nu3,gold\n`);
      for (const args of [[], ['--audience', 'vip']]) {
        const { code, stderr } = await sync(['members.csv', ...args]);
        expect(code).toBe(2);
        expect(stderr).toContain('members.csv:4: AUDIENCE_NAME_MISSING');
      }
      expect(server.held).toEqual([]);
      write('members.csv', `user_id,${column}\nu1,VIP\nu2,vip\n`);
      expect((await sync(['members.csv', '--audience', 'vip'])).audience).toMatchObject({ joined: 2 });
    },
  );

  it('who has false in a column that does not say of which audience neither joins nor leaves: that is an error', async () => {
    server = await startCapiServer();
    write('vip.csv', 'user_id,is_member\nu1,true\nu2,false\n');
    const { code, stderr } = await sync(['vip.csv']);
    expect(code).toBe(2);
    expect(stderr).toContain('vip.csv:3: AUDIENCE_NAME_MISSING: The record has false for');
    expect(server.requests).toEqual([]);
  });

  it('a membership that is neither true nor false is rejected, and nobody leaves for it', async () => {
    server = await startCapiServer();
    write('vip.csv', 'user_id,audience_membership\nu1,true\nu2,true\n');
    expect((await sync(['vip.csv'])).code).toBe(0);
    write('vip.csv', 'user_id,audience_membership\nu1,drop\nu3,add\n');
    const { code, result, audience } = await sync(['vip.csv']);
    expect(code).toBe(3);
    expect(result.rejections).toMatchObject([{ code: 'MEMBERSHIP_UNREADABLE', count: 2 }]);
    expect(audience).toMatchObject({ joined: 0, left: 0, held: 2 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
  });

  it('records that cannot be read hold the leaves back, not the joins', async () => {
    write(
      'vip.ndjson',
      `${users(...range(5, 210))
        .map((one) => JSON.stringify(one))
        .join('\n')}\n{"user_id":\n`,
    );
    const { code, audience } = await sync(['vip.ndjson']);
    expect(code).toBe(3);
    expect(audience).toMatchObject({ joined: 10, left: 0, held: 5, members: 210 });
  });

  it('a snapshot of which every record is rejected says why, and nobody leaves', async () => {
    const requests = server?.requests.length;
    write('vip.csv', 'mail_adr,nm\na@example.com,Ann\nb@example.com,Ben\n');
    const { code, stderr, result, audience } = await sync(['vip.csv']);
    expect(code, stderr).toBe(3);
    expect(result).toMatchObject({
      rejected: 2,
      rejections: [{ code: 'IDENTIFIER_MISSING', count: 2, places: [{ line: 2 }, { line: 3 }] }],
    });
    expect(audience).toMatchObject({ joined: 0, left: 0, held: 200, members: 200 });
    expect(server?.requests.length).toBe(requests);
  });

  it('so do those of members whose identifiers the export has lost; of another audience nothing is held back', async () => {
    write('other.csv', 'user_id\nu1\nu2\n');
    await sync(['other.csv']);
    const rows = range(3, 201).map((n) => `u${n},user${n}@example.com,Ann\n`);
    write('vip.csv', `user_id,email,first_name\n,,Ann\n${rows.join('')}`);
    write('other.csv', 'user_id\nu2\n');
    const { code, result, stdout } = await sync(['vip.csv', 'other.csv']);
    expect(code, stdout).toBe(3);
    expect(result.audiences).toMatchObject([
      { audience: 'vip', joined: 1, left: 0, held: 3, members: 201 },
      { audience: 'other', left: 1, held: 0, members: 1 },
    ]);
    expect(membersOnServer('vip')).toHaveLength(201);
    write('vip.csv', `user_id,email,first_name\nu2,user2@example.com,Ann\n${rows.join('')}`);
    expect((await sync(['vip.csv'])).audience).toMatchObject({ joined: 0, left: 2, held: 0, members: 199 });
  });

  it('visitors of whom only an anonymous id is known, as Engage has many, hold no leaves back', async () => {
    write('fans.csv', 'user_id,anonymous_id\nu1,a1\nu2,a2\nu3,\nu4,\nu5,\nu6,\n');
    await sync(['fans.csv']);
    write('fans.csv', 'user_id,anonymous_id\n,a1\nu2,a2\nu3,\nu4,\nu5,\nu6,\n');
    expect((await sync(['fans.csv'])).audience).toMatchObject({ left: 1, held: 0, members: 5 });
    const ids = ['u3', 'u4', 'u5', 'u6'].map((user_id) => ({ user_id }));
    const visitor = { external_ids: [{ type: 'anonymous_id', id: 'a2' }] };
    write('fans.json', JSON.stringify([visitor, ...ids]));
    const { code, audience } = await sync(['fans.json', '--audience', 'fans']);
    expect(code).toBe(3);
    expect(audience).toMatchObject({ left: 1, held: 0, members: 4 });
  });

  it('a member whose record is wrong does not leave, also where an anonymous id of theirs is known', async () => {
    const fans = (name: string) => `user_id,anonymous_id,first_name\nu1,a1,${name}\nu2,a2,Bea\n`;
    write('fans.csv', fans('Ann'));
    await sync(['fans.csv']);
    write('fans.csv', fans('x'.repeat(4_097)));
    const { code, audience } = await sync(['fans.csv']);
    expect(code).toBe(3);
    expect(audience).toMatchObject({ left: 0, held: 1, members: 2 });
  });
});

it.each([
  [
    'an audience of another name, which a leave would not be of',
    '{ "@literal": vip_2 }',
    '{ "@literal": { vip_2: true } }',
  ],
  ['no audience', '{ "@path": "$.context.personas.computation_key" }', '{}'],
])('a mapping by which members join %s, is told before anything is sent', async (_, name, bag) => {
  server = await startCapiServer();
  write('vip.csv', 'email\na@example.com\n');
  write(
    'rokt-capi.config.yaml',
    `version: 1
mappings:
  - name: Members
    preset: sync-engage-audience
    fields: { engageAudienceName: ${name}, traitsOrProps: ${bag} }
`,
  );
  const { code, stderr } = await sync(['vip.csv']);
  expect(code, stderr).toBe(2);
  expect(stderr).toContain(
    'vip.csv:2: AUDIENCE_NOT_MAPPED: The mapping Members does not add this member to vip.',
  );
  expect(server.held).toEqual([]);
});

it('a trigger and fields find a column of a snapshot as a trait, and where source.columns has led it', async () => {
  server = await startCapiServer();
  write('vip.csv', 'email,Land,tier\na@example.com,US,gold\nb@example.com,DE,gold\n');
  write(
    'rokt-capi.config.yaml',
    `version: 1
source: { columns: { Land: properties.country } }
mappings:
  - name: Members
    preset: sync-engage-audience
    trigger: 'type = "identify" and properties.country != "DE"'
    fields: { user_attributes: { country: { "@path": "$.properties.country" }, tier: { "@path": "$.traits.tier" } } }
`,
  );
  const { code, stderr } = await sync(['vip.csv']);
  expect(code, stderr).toBe(0);
  expect(server.held).toMatchObject([
    { user_identities: { email: 'a@example.com' }, user_attributes: { country: 'US', tier: 'gold' } },
  ]);
});

it('an error in the mapping of audiences is at its place in the config, also behind one of orders', async () => {
  write('vip.csv', 'email\na@example.com\n');
  write(
    'rokt-capi.config.yaml',
    `version: 1
mappings:
  - { name: Orders, preset: send }
  - name: Members
    preset: sync-engage-audience
    trigger: type = = "x"
`,
  );
  const { code, stderr } = await sync(['vip.csv']);
  expect(code, stderr).toBe(2);
  expect(stderr).toContain('rokt-capi.config.yaml:6:14: MAPPING_TRIGGER_INVALID');
});

it('where only the mapping of orders hashes addresses, members are not sent with theirs in clear', async () => {
  server = await startCapiServer();
  write('vip.csv', 'email,phone\na@example.com,+49301\n');
  write(
    'rokt-capi.config.yaml',
    `version: 1
hashing: { mobile: true }
mappings:
  - { name: Orders, preset: send, fields: { hashingConfiguration: { hashEmail: true, hashMobile: false } } }
`,
  );
  const { code, stderr } = await sync(['vip.csv']);
  expect(code, stderr).toBe(0);
  expect(server.held[0]?.user_identities).toEqual({ other: sha256('a@example.com') });
  expect(server.held[0]?.user_attributes).toMatchObject({ mobilesha256: sha256('+49301') });
});

it.each([
  `{ hashEmail: 'true' }`,
  '{ hashEmail: { "@literal": true } }',
  '{ hashEmail: yes }',
  '{ "@literal": { hashEmail: true } }',
])(
  'where the mapping of orders says to hash addresses with %s, members are not sent with theirs in clear',
  async (hashing) => {
    server = await startCapiServer();
    write('vip.csv', 'email,phone\na@example.com,+49301\n');
    write(
      'rokt-capi.config.yaml',
      `version: 1
mappings:
  - { name: Orders, preset: send, fields: { hashingConfiguration: ${hashing} } }
`,
    );
    const { code, stderr } = await sync(['vip.csv']);
    expect(code, stderr).toBe(0);
    expect(server.held[0]?.user_identities).toEqual({ other: sha256('a@example.com') });
  },
);

it("where the mapping of orders has hashEmail: 'false', members are sent as they are", async () => {
  server = await startCapiServer();
  write('vip.csv', 'email\na@example.com\n');
  write(
    'rokt-capi.config.yaml',
    `version: 1
mappings:
  - { name: Orders, preset: send, fields: { hashingConfiguration: { hashEmail: 'false', hashMobile: null } } }
`,
  );
  const { code, stderr } = await sync(['vip.csv']);
  expect(code, stderr).toBe(0);
  expect(server.held[0]?.user_identities).toEqual({ email: 'a@example.com' });
});

describe('a rejects file', () => {
  const CSV = 'email,first_name\na@example.com,A\n"b@example.com,B\nc@example.com,C,x\n';
  const fixed = (name: string): string =>
    readFileSync(join(folder.path, name), 'utf8').replace('"\\"b@example', '"b@example').replace('C,x', 'C');

  it('of a snapshot is no snapshot: the run says to fix that itself, and nothing is sent of the rejects', async () => {
    server = await startCapiServer();
    write('premium users.csv', CSV);
    const args = ['premium users.csv', '--rejects', 'r.ndjson'];
    expect((await sync(args)).audience).toMatchObject({ audience: 'premium_users', joined: 1 });
    const rehearsal = await run(['sync-audience', ...args, '--sandbox'], { cwd: folder.path });
    expect(rehearsal.stdout).toContain(
      "Next:\n  (fix the records in the input, then)  rokt-capi sync-audience 'premium users.csv' --rejects r.ndjson --sandbox\n",
    );
    const requests = server.requests.length;
    expect((await sync(['r.ndjson'])).stderr, 'still unreadable').toContain('AUDIENCE_OF_REJECTS');
    write('r.ndjson', fixed('r.ndjson'));
    for (const more of [[], ['--audience', 'premium users'], ['--previous', 'premium users.csv']]) {
      const { code, stderr } = await sync(['r.ndjson', ...more]);
      expect(code).toBe(2);
      expect(stderr).toMatch(/^r\.ndjson:1: AUDIENCE_OF_REJECTS: .*\n.*Fix the snapshot itself/m);
    }
    expect((await sync(['premium users.csv', '--previous', 'r.ndjson'])).stderr).toContain(
      'AUDIENCE_OF_REJECTS',
    );
    expect(server.requests).toHaveLength(requests);
    write('premium users.csv', CSV.replace('"b', 'b').replace(',x', ''));
    expect((await sync(args)).audience).toMatchObject({ members: 3, joined: 2, left: 0 });
  });

  it('of changes holds changes, and can be sent once it is fixed; but nothing that is none', async () => {
    server = await startCapiServer();
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const changes = `user_id,timestamp,audience_name,audience_membership\nu1,${at},vip,true\nu2,${at},vip,true,\n`;
    write('changes.csv', changes);
    const first = await sync(['changes.csv', '--rejects', 'r.ndjson']);
    expect(first.result).toMatchObject({ accepted: 1, rejected: 1 });
    write('r.ndjson', readFileSync(join(folder.path, 'r.ndjson'), 'utf8').replace('true,"', 'true"'));
    const { code, audience, stderr } = await sync(['r.ndjson']);
    expect(code, stderr).toBe(0);
    expect(audience).toMatchObject({ audience: 'vip', joined: 1, left: 0, members: 2 });
    write('vip.csv', CSV);
    await sync(['vip.csv', 'changes.csv', '--audience', 'other', '--rejects', 'both.ndjson']);
    write('both.ndjson', fixed('both.ndjson').replace('true,"', 'true"').split('\n').reverse().join('\n'));
    expect((await sync(['both.ndjson'])).stderr).toContain('AUDIENCE_OF_REJECTS');
  });

  it('has the whole record of a change that the server refuses', async () => {
    server = await startCapiServer(() => badRequest('no'));
    const change = {
      type: 'identify',
      messageId: 'm',
      userId: 'u1',
      timestamp: new Date(Date.now() - 3_600_000).toISOString(),
      traits: { vip: true },
      context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
    };
    write('changes.ndjson', change);
    await sync(['changes.ndjson', '--rejects', 'r.ndjson']);
    expect(JSON.parse(readFileSync(join(folder.path, 'r.ndjson'), 'utf8'))).toMatchObject({ record: change });
  });
});

describe('options', () => {
  it('--dry-run shows what would change by line, sends nothing and changes no state', async () => {
    server = await startCapiServer();
    write('vip.csv', 'user_id,email\nu1,user1@example.com\nu2,user2@example.com\n');
    await sync(['vip.csv']);
    const before = readdirSync(join(folder.path, '.rokt-capi'), { recursive: true });
    write('vip.csv', 'user_id,email\nu2,user2@example.com\nu3,user3@example.com\nu4,\n');
    const dry = await run(['sync-audience', 'vip.csv', '--dry-run', '--endpoint', server.url], {
      cwd: folder.path,
      env: CREDENTIALS,
    });
    expect(dry.code, dry.stderr).toBe(0);
    expect(dry.stdout).toMatch(/joined +2 +lines 3, 4\n +left +1\n +updated +0\n +unchanged +1 +lines 2/);
    expect(readdirSync(join(folder.path, '.rokt-capi'), { recursive: true })).toEqual(before);
    expect(server.requests).toHaveLength(1);
  });

  it('the lines that are reported are those of each audience, and not of rows that name somebody again', async () => {
    server = await startCapiServer();
    write('vip.csv', 'user_id\nu1\nu2\nu1\n');
    write('other.csv', 'user_id\nu1\n');
    const args = ['vip.csv', 'other.csv'];
    const none = { joined: [], left: [], updated: [], unchanged: [] };
    expect((await sync(args)).result.audiences).toMatchObject([
      { unchanged: 0, examples: { ...none, joined: [2, 3] } },
      { unchanged: 0, examples: { ...none, joined: [2] } },
    ]);
    expect((await sync([...args, '--dry-run'])).result.audiences).toMatchObject([
      { unchanged: 2, examples: { ...none, unchanged: [2, 3] } },
      { unchanged: 1, examples: { ...none, unchanged: [2] } },
    ]);
    const at = new Date(Date.now() - 3_600_000).toISOString();
    const row = (who: string, id: string) => `${who},${id},${at},vip,true\n`;
    const rows = `${row('u1', 'm1')}${row('u9', 'm9')}${row('u1', 'm2')}`;
    write('changes.csv', `user_id,messageId,timestamp,audience_name,audience_membership\n${rows}`);
    expect((await sync(['changes.csv'])).audience).toMatchObject({
      unchanged: 1,
      examples: { ...none, joined: [3], unchanged: [4] },
    });
  });

  it('--previous compares with an earlier file, keeps no state, and repeats with the same bytes', async () => {
    server = await startCapiServer();
    write('old.json', { name: 'vip', members: users(1, 2, 3) });
    write('new.json', { name: 'vip', members: users(2, 3, 4) });
    for (let n = 0; n < 2; n += 1) {
      const { audience, code, stderr } = await sync(['new.json', '--previous', 'old.json']);
      expect(code, stderr).toBe(0);
      expect(audience).toMatchObject({ joined: 1, left: 1, unchanged: 2, examples: { left: [1] } });
    }
    expect([server.held.length, server.duplicates]).toEqual([2, 2]);
    expect(existsSync(join(folder.path, '.rokt-capi'))).toBe(false);
  });

  it('--previous is of one audience: with several, an error, and nothing is sent', async () => {
    server = await startCapiServer();
    write('last.json', users(1, 2));
    write('vip.json', users(1, 2));
    write('gold.json', users(2, 3));
    const { code, stderr } = await sync(['vip.json', 'gold.json', '--previous', 'last.json']);
    expect(code).toBe(2);
    expect(stderr).toContain(
      'OPTION_CONFLICT: The files are of several audiences, and --previous is of one.',
    );
    expect(server.held).toEqual([]);
  });

  it('--previous that ends early is an error: who stood behind its end would never leave', async () => {
    server = await startCapiServer();
    const whole = JSON.stringify({ name: 'vip', members: users(1, 2, 3) });
    write('old.json', whole.slice(0, whole.length - 20));
    write('new.json', { name: 'vip', members: users(2, 4) });
    const { code, stderr } = await sync(['new.json', '--previous', 'old.json']);
    expect(code).toBe(2);
    expect(stderr).toContain('old.json:1: AUDIENCE_TRUNCATED: The earlier snapshot ends early');
    expect(server.requests).toEqual([]);
  });

  it('--previous with a row that cannot be read says which one: who is meant there does not leave', async () => {
    server = await startCapiServer();
    write('old.csv', 'user_id,email\nu1,a@example.com\nu2,b@example.com,and,more\nu3,c@example.com\n');
    write('new.csv', 'user_id,email\nu1,a@example.com\n');
    const { code, audience, result } = await sync(['new.csv', '--previous', 'old.csv', '--audience', 'vip']);
    expect([code, audience.left]).toEqual([0, 1]);
    expect(result.warnings).toMatchObject([
      { code: 'CSV_RAGGED_ROW', count: 1, places: [{ file: 'old.csv', line: 3 }] },
    ]);
    expect(result.warnings[0].message).toContain('does not leave');
  });

  it('--previous is read as the config says, like the file that it is compared with', async () => {
    server = await startCapiServer();
    write('rokt-capi.config.yaml', { version: 1, source: { columns: { Kennung: 'userId' } } });
    write('old.csv', 'Kennung\nu1\nu2\nu3\n');
    write('new.csv', 'Kennung\nu2\nu3\nu4\n');
    const { audience, stderr } = await sync(['new.csv', '--previous', 'old.csv', '--audience', 'vip']);
    expect(audience, stderr).toMatchObject({ joined: 1, left: 1, unchanged: 2 });
  });

  it('--full sends every member again', async () => {
    server = await startCapiServer();
    write('vip.json', users(1, 2, 3));
    await sync(['vip.json']);
    const { result, audience } = await sync(['vip.json', '--full']);
    expect(result).toMatchObject({ accepted: 3 });
    expect(audience).toMatchObject({ unchanged: 3, members: 3 });
  });

  it('runs --audiences shows each audience, its members and its last confirmed sync', async () => {
    server = await startCapiServer();
    write('vip.json', users(1, 2, 3));
    write('new.json', users(1));
    await sync(['vip.json', 'new.json']);
    const { stdout } = await run(['runs', '--audiences', '--json'], { cwd: folder.path });
    expect(JSON.parse(stdout)).toMatchObject([
      { audience: 'new', members: 1, endpoint: server.url },
      { audience: 'vip', members: 3 },
    ]);
    expect((await run(['runs', '--audiences'], { cwd: folder.path })).stdout).toMatch(/vip +3 +20/);
    expect((await run(['runs', '20'], { cwd: folder.path })).stdout).toMatch(
      /\naudiences \[\{"audience":"vip","members":3,"joined":3,.*"audience":"new"/,
    );
  });

  it('an audience whose file is damaged is STATE_DAMAGED, wherever in it that is', async () => {
    server = await startCapiServer();
    write('vip.json', users(1, 2, 3));
    await sync(['vip.json']);
    const audiences = join(folder.path, '.rokt-capi', 'audiences');
    const path = join(audiences, readdirSync(audiences)[0] ?? '');
    const whole = readFileSync(path);
    for (const at of [0, whole.indexOf('\n') + 3]) {
      const bytes = Buffer.from(whole);
      bytes[at] = 0x58;
      writeFileSync(path, bytes);
      expect(await sync(['vip.json'])).toMatchObject({
        code: 2,
        stderr: expect.stringMatching(
          /\.members: STATE_DAMAGED: [^\n]*\n {2}→ Move this file alone away; .* sync the last snapshot once more/,
        ),
      });
    }
    rmSync(path);
    // As the message says: what orders were delivered, and the other audiences, stay known.
    expect((await sync(['vip.json'])).stderr).toBe('');
    write('vip.json', users(2, 3));
    expect((await sync(['vip.json', '--max-drop', '1'])).audience).toMatchObject({ joined: 0, left: 1 });
    writeFileSync(path, whole.fill(0x58, 0, 1));
    expect(await run(['runs', '--audiences'], { cwd: folder.path })).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('STATE_DAMAGED'),
    });
  });
});

it('with a state from a backup: the changes since then and then the snapshots, and the server has who is in the newest', async () => {
  server = await startCapiServer();
  const change = (id: string, n: number, member: boolean) => ({
    type: 'identify',
    messageId: id,
    userId: `u${n}`,
    timestamp: new Date(Date.now() - 60_000).toISOString(),
    traits: { vip: member },
    context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
  });
  const [state, backup] = [join(folder.path, '.rokt-capi'), join(folder.path, 'backup')];
  write('monday.json', { name: 'vip', members: users(1) });
  await sync(['monday.json']);
  cpSync(state, backup, { recursive: true });
  write('tuesday.json', { name: 'vip', members: users(1, 2) });
  write('tuesday.ndjson', [change('m1', 2, false), change('m2', 3, true)]);
  for (const file of ['tuesday.json', 'tuesday.ndjson']) expect((await sync([file])).code).toBe(0);
  expect(membersOnServer('vip')).toEqual(['u1', 'u3']);
  rmSync(state, { recursive: true });
  renameSync(backup, state);
  write('wednesday.json', { name: 'vip', members: users(1, 4) });
  // After the snapshot the change m1 would take nobody out: the server has had it.
  for (const file of ['tuesday.ndjson', 'tuesday.json', 'wednesday.json']) {
    expect((await sync([file])).code).toBe(0);
  }
  expect(membersOnServer('vip')).toEqual(['u1', 'u4']);
});

it('an audience that a later version has written is STATE_TOO_NEW, as all of a state is, and not damaged', async () => {
  server = await startCapiServer();
  write('vip.json', users(1, 2, 3));
  await sync(['vip.json']);
  const audiences = join(folder.path, '.rokt-capi', 'audiences');
  const path = join(audiences, readdirSync(audiences)[0] ?? '');
  const later = readFileSync(path, 'utf8').replace('"format":1', '"format":2');
  writeFileSync(path, later);
  const tooNew = {
    code: 2,
    stderr: expect.stringContaining(
      `${path}: STATE_TOO_NEW: A later version of rokt-capi has written the state`,
    ),
  };
  expect(await run(['runs', '--audiences'], { cwd: folder.path })).toMatchObject(tooNew);
  expect(await sync(['vip.json'])).toMatchObject(tooNew);
  expect(readFileSync(path, 'utf8')).toBe(later);
});

describe('a sync that is stopped', () => {
  it.each<[string, Behaviour, string[], number]>([
    ['by its time', { kind: 'accept', delayMs: 600 }, ['--max-duration', '2s'], 5],
    ['by a refused key', { kind: 'answer', status: 401 }, [], 4],
  ])('%s says what is pending, and the next one sends it', async (_, behaviour, args, code) => {
    let stopped = true;
    server = await startCapiServer(() => (stopped ? behaviour : { kind: 'accept' }));
    write('vip.json', users(...range(0, 3_000)));
    const first = await sync(['vip.json', ...args]);
    expect([first.code, first.stderr]).toEqual([code, '']);
    const { read, accepted, pending } = first.result;
    expect([read, accepted + pending]).toEqual([3_000, 3_000]);
    expect(accepted).toBe(changesIn(server.held).length);
    stopped = false;
    const second = await sync(['vip.json']);
    expect([second.code, second.audience.members]).toEqual([0, 3_000]);
    expect(membersOnServer('vip')).toHaveLength(3_000);
    expect(changesIn(server.held)).toHaveLength(3_000);
  });

  describe('between the two mappings of a change', () => {
    const change = (n: number, member: boolean, minute: number, userId = `u${n}`) => ({
      type: 'identify',
      messageId: `m-${n}-${minute}`,
      userId,
      timestamp: new Date(Date.now() - 3_600_000 + minute * 60_000).toISOString(),
      traits: { email: `user${n}@example.com`, vip: member },
      context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
    });
    /** Syncs until a batch is to be sent that the server does not take. */
    let takes: (batch: Batch) => boolean = () => true;
    beforeEach(async () => {
      const preset = 'sync-engage-audience';
      const fields = { user_attributes: { plan: 'gold' } };
      const mappings = [
        { name: 'A', preset },
        { name: 'B', preset, fields },
      ];
      write('rokt-capi.config.yaml', { version: 1, mappings });
      server = await startCapiServer((_, { batches }) => {
        if (batches.every(takes)) return { kind: 'accept' };
        return batches.length > 1 ? badRequest('one at a time') : { kind: 'answer', status: 401 };
      });
    });

    it('and then once more: whoever has joined by both is counted as a member', async () => {
      write('changes.json', [change(1, true, 1), change(2, true, 2)]);
      const isFirst = (batch: Batch): boolean => batch.user_identities.customerid === 'u1';
      takes = (batch) => isFirst(batch) && batch.user_attributes.plan === undefined;
      expect((await sync(['changes.json'])).code).toBe(4);
      takes = isFirst;
      expect((await sync(['changes.json'])).code).toBe(4);
      takes = () => true;
      const { code, stderr, audience } = await sync(['changes.json']);
      expect(code, stderr).toBe(0);
      expect(audience).toMatchObject({ members: 2, joined: 1 });
      const { stdout } = await run(['runs', '--audiences', '--json'], { cwd: folder.path });
      expect(JSON.parse(stdout)).toMatchObject([{ audience: 'vip', members: 2 }]);
    });

    it('by which members leave: whoever has left does not leave again under other identifiers', async () => {
      write('joins.json', [change(1, true, 1), change(2, true, 2)]);
      expect((await sync(['joins.json'])).code).toBe(0);
      write('leaves.json', [change(1, false, 3, ''), change(2, false, 4)]);
      takes = (batch) => batch.user_identities.customerid === 'u1';
      expect((await sync(['leaves.json'])).code).toBe(4);
      takes = () => true;
      const { code, stderr, audience } = await sync(['leaves.json']);
      expect(code, stderr).toBe(0);
      expect(audience).toMatchObject({ members: 0, left: 1 });
      const left = changesIn(server?.held ?? []).filter(({ status }) => status === 'drop');
      expect(left.map(({ who }) => who)).toEqual(['u1', 'u2']);
    });
  });
});

describe('an audience in a pipe', () => {
  const piped = (content: unknown, name = 'pipe') => {
    execFileSync('mkfifo', [join(folder.path, name)]);
    write('content', content);
    spawn('sh', ['-c', `cat content > ${name}`], { cwd: folder.path });
    return name;
  };

  it('has the name that stands before its list, else none: it is not that of the pipe', async () => {
    server = await startCapiServer();
    const named = await sync([piped({ name: 'VIP', members: users(1) })]);
    expect(named.audience.audience).toBe('vip');
    const late = await sync([piped({ members: users(1), name: 'VIP' }, 'late.json')]);
    expect([late.code, late.stderr]).toEqual([2, expect.stringContaining('AUDIENCE_NAME_MISSING')]);
    const rows = await sync([piped('user_id\nu1\n', 'rows.csv')]);
    expect(rows.audience.audience).toBe('rows');
  });
});

it('a second object behind the first is an error, not an audience without its members', async () => {
  server = await startCapiServer();
  write('vip.json', { name: 'vip', members: users(1, 2) });
  await sync(['vip.json']);
  write(
    'vip.json',
    `{"name":"vip","members":[\n{"user_id":"u1"}]}\n{"name":"vip","members":[\n{"user_id":"u2"}]}\n`,
  );
  const ended = await sync(['vip.json', '--max-drop', '60%']);
  expect([ended.code, ended.stderr]).toEqual([2, expect.stringContaining('AUDIENCE_TRUNCATED')]);
  expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
});

describe('a sync that dies', () => {
  it('while adding and while dropping, again and again: then the server has exactly the members', async () => {
    server = await startCapiServer((number) => ({ kind: 'accept', delayMs: number % 3 === 0 ? 30 : 5 }));
    const syncKilled = async (after: number): Promise<void> => {
      const requests = server?.requests.length ?? 0;
      await run(
        [
          'sync-audience',
          'vip.json',
          '--endpoint',
          server?.url ?? '',
          '--rate',
          '100000',
          '--max-drop',
          '100%',
        ],
        {
          cwd: folder.path,
          env: CREDENTIALS,
          onStart: signalWhen(() => (server?.requests.length ?? 0) >= requests + after, 'SIGKILL'),
        },
      );
    };
    write('vip.json', users(...range(0, 2_000)));
    for (const after of [3, 6]) await syncKilled(after);
    expect((await sync(['vip.json', '--max-drop', '100%'])).code).toBe(0);
    expect(membersOnServer('vip')).toHaveLength(2_000);
    expect(changesIn(server.held)).toHaveLength(2_000);
    write('vip.json', users(...range(1_500, 2_500)));
    for (const after of [2, 4, 4]) await syncKilled(after);
    const last = await sync(['vip.json', '--max-drop', '100%']);
    expect(last.code, last.stderr).toBe(0);
    expect(last.audience.members).toBe(1_000);
    expect(membersOnServer('vip')).toEqual(
      range(1_500, 2_500)
        .map((n) => `u${n}`)
        .sort(),
    );
    expect(changesIn(server.held)).toHaveLength(2_000 + 500 + 1_500);
  });

  it('after the members were confirmed and before the plan was removed: the plan is not applied twice', async () => {
    const audiences = join(folder.path, '.rokt-capi', 'audiences');
    let plan: { readonly path: string; readonly text: string } | undefined;
    server = await startCapiServer(() => {
      const name = readdirSync(audiences).find((each) => each.endsWith('.planned'));
      const path = join(audiences, name ?? '');
      plan = { path, text: readFileSync(path, 'utf8') };
      return { kind: 'accept' };
    });
    write('vip.json', users(1, 2, 3, 4, 5, 6));
    await sync(['vip.json']);
    write('vip.json', users(1, 3, 4, 5, 6, 7));
    await sync(['vip.json']);
    // What a kill leaves there: everything was done but for this file's removal.
    writeFileSync(plan?.path ?? '', plan?.text ?? '');
    const again = await sync(['vip.json']);
    expect(again.result).toMatchObject({ requests: 0, duplicate: 6 });
    expect(existsSync(plan?.path ?? '')).toBe(false);
    writeFileSync(plan?.path ?? '', plan?.text ?? '');
    write('vip.json', users(1, 4, 5, 6, 7));
    const last = await sync(['vip.json']);
    expect(last.audience).toMatchObject({ members: 5, joined: 0, left: 1, unchanged: 5 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u4', 'u5', 'u6', 'u7']);
  });

  const killOnceAsked = ({ url, requests }: CapiServer, file = 'vip.json') => {
    const before = requests.length;
    return run(['sync-audience', file, '--endpoint', url], {
      cwd: folder.path,
      env: CREDENTIALS,
      onStart: signalWhen(() => requests.length > before, 'SIGKILL'),
    });
  };

  it('and then another snapshot: whoever may have been added and is not in it is taken out', async () => {
    server = await startCapiServer((number) => ({ kind: number === 1 ? 'accept-and-hang' : 'accept' }));
    write('vip.json', users(1, 2));
    await killOnceAsked(server);
    const before = changesIn(server.held);
    expect(before.map(({ who, status }) => [who, status])).toEqual([
      ['u1', 'add'],
      ['u2', 'add'],
    ]);
    write('vip.json', users(2, 3));
    const { code, stderr, result } = await sync(['vip.json']);
    expect(code, stderr).toBe(0);
    expect(result.warnings, 'nothing of the first one is left').toEqual([]);
    expect(changesIn(server.held)).toEqual([
      ...before,
      { who: 'u1', audience: 'vip', status: 'drop' },
      { who: 'u3', audience: 'vip', status: 'add' },
    ]);
    expect(server.duplicates, 'who stays is added again as the same batch').toBe(1);
  });

  it('of changes, and then a snapshot: the changes sent again say nothing of whom it has added or taken out since', async () => {
    let hangs = false;
    server = await startCapiServer(() => ({ kind: hangs ? 'accept-and-hang' : 'accept' }));
    const change = (n: number, member: boolean) => ({
      type: 'identify',
      messageId: `m${n}`,
      userId: `u${n}`,
      timestamp: new Date(Date.now() - 60_000).toISOString(),
      traits: { vip: member },
      context: { personas: { computation_key: 'vip', computation_class: 'audience' } },
    });
    write('vip.json', { name: 'vip', members: users(1, 2) });
    await sync(['vip.json']);
    write('changes.ndjson', [change(1, false), change(3, true)]);
    hangs = true;
    await killOnceAsked(server, 'changes.ndjson');
    hangs = false;
    expect(membersOnServer('vip')).toEqual(['u2', 'u3']);
    expect((await sync(['vip.json'])).audience).toMatchObject({ members: 2, joined: 1, left: 1 });
    expect(membersOnServer('vip')).toEqual(['u1', 'u2']);
    for (let time = 0; time < 2; time += 1) {
      const { code, result, audience } = await sync(['changes.ndjson']);
      expect(code).toBe(0);
      expect(result).toMatchObject({ read: 2, duplicate: 2, requests: 0, warnings: [] });
      expect(audience).toMatchObject({ members: 2, joined: 0, left: 0 });
    }
    write('vip.json', { name: 'vip', members: users(2, 3) });
    expect((await sync(['vip.json'])).audience).toMatchObject({ members: 2, joined: 1, left: 1 });
    expect(membersOnServer('vip')).toEqual(['u2', 'u3']);
  });

  it('and then a dry run: it shows what the next one would send, and changes nothing', async () => {
    server = await startCapiServer(() => ({ kind: 'accept-and-hang' }));
    write('vip.json', users(1, 2));
    await killOnceAsked(server);
    const audiences = join(folder.path, '.rokt-capi', 'audiences');
    const before = readdirSync(audiences);
    expect((await sync(['vip.json', '--dry-run'])).audience).toMatchObject({ joined: 2, members: 2 });
    expect(readdirSync(audiences)).toEqual(before);
  });

  it('and then the server refuses whom it was adding: once they have left the snapshot, all is well again', async () => {
    server = await startCapiServer((number, { body }) => {
      if (number === 1) return { kind: 'accept-and-hang' };
      return body.includes('"u1"') ? badRequest('no') : { kind: 'accept' };
    });
    write('vip.json', users(1, 2));
    await killOnceAsked(server);
    expect((await sync(['vip.json'])).audience).toMatchObject({ members: 1, joined: 1 });
    const { stdout } = await run(['runs', '--audiences', '--json'], { cwd: folder.path });
    expect(JSON.parse(stdout), 'runs counts the same members').toMatchObject([
      { audience: 'vip', members: 1 },
    ]);
    write('vip.json', users(2));
    expect((await sync(['vip.json'])).code, 'the leave is refused').toBe(3);
    const { code, result, audience } = await sync(['vip.json']);
    expect(code).toBe(0);
    expect(result).toMatchObject({ requests: 0 });
    expect(audience).toMatchObject({ members: 1, unchanged: 1, left: 0 });
  });

  it('and then no sync for 40 days, where old events are rejected: whoever is in the snapshot joins, and nobody leaves', async () => {
    write('rokt-capi.config.yaml', 'version: 1\ndelivery: { olderThan30Days: reject }\n');
    server = await startCapiServer((number) => ({ kind: number === 1 ? 'accept-and-hang' : 'accept' }));
    write('vip.json', users(1, 2));
    await killOnceAsked(server);
    const before = server.held.length;
    write('vip.json', users(1, 2, 3));
    const later = await sync(['vip.json'], undefined, clockAhead(40));
    expect(changesIn(server.held.slice(before))).toEqual([
      { who: 'u1', audience: 'vip', status: 'add' },
      { who: 'u2', audience: 'vip', status: 'add' },
      { who: 'u3', audience: 'vip', status: 'add' },
    ]);
    expect(later.code, later.stderr).toBe(0);
  });

  it('and then another while they leave: who may never have joined is no member, and a refused leave is the last', async () => {
    let isDown = true;
    server = await startCapiServer((number, { body }) => {
      if (number === 1) return { kind: 'accept-and-hang' };
      if (!body.includes('"u1"')) return { kind: 'accept' };
      return isDown ? { kind: 'answer', status: 503 } : badRequest('no');
    });
    write('rokt-capi.config.yaml', { version: 1, delivery: { giveUpAfter: '1s' } });
    write('vip.json', users(1));
    await killOnceAsked(server);
    write('vip.json', users(2));
    expect((await sync(['vip.json'])).code, 'the leave is in doubt as well').toBe(5);
    isDown = false;
    const refused = await sync(['vip.json']);
    expect([refused.code, refused.audience]).toEqual([
      3,
      expect.objectContaining({ members: 1, refused: 1 }),
    ]);
    const { code, result, audience } = await sync(['vip.json']);
    expect(code).toBe(0);
    expect(result).toMatchObject({ requests: 0 });
    expect(audience).toMatchObject({ members: 1, unchanged: 1, left: 0 });
  });

  it('while it gave a member another address: whoever has left since is taken out, and whoever stays is sent once', async () => {
    let hangs = false;
    server = await startCapiServer(() => ({ kind: hangs ? 'accept-and-hang' : 'accept' }));
    const moved = (n: number) => ({ ...user(n), traits: { email: `new${n}@example.com` } });
    write('vip.json', users(1, 2));
    await sync(['vip.json']);
    hangs = true;
    write('vip.json', [moved(1), moved(2)]);
    await killOnceAsked(server);
    hangs = false;
    write('vip.json', [moved(1)]);
    expect((await sync(['vip.json'])).audience).toMatchObject({ members: 1, updated: 1, left: 1 });
    expect(changesIn(server.held.slice(2))).toEqual([
      { who: 'u1', audience: 'vip', status: 'add' },
      { who: 'u2', audience: 'vip', status: 'add' },
      { who: 'u2', audience: 'vip', status: 'drop' },
    ]);
    expect(server.held.at(-1)?.user_identities.email, 'the one that is certain').toBe('user2@example.com');
    expect(server.duplicates).toBe(1);
    expect((await sync(['vip.json'])).result).toMatchObject({ requests: 0, exitCode: 0 });
  });
});
