import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { audienceKey, nameOfFile } from '../../src/audience/key.js';
import {
  applyChanges,
  type ChangeOutcome,
  type Member,
  type PlannedChange,
  type WrittenChanges,
} from '../../src/audience/member.js';
import { identifiersOf } from '../../src/audience/person.js';
import { changeId } from '../../src/audience/profile.js';
import { AudienceSync } from '../../src/audience/sync.js';
import { Delivery } from '../../src/payload/delivery.js';
import { sha256Hex } from '../../src/payload/hash.js';
import type { BatchContent, BatchSubject } from '../../src/payload/wire.js';
import { Spool } from '../../src/spool.js';
import { identify } from '../../src/state/keys.js';

const KEY = 'vip';

/** A server that drops a batch that it has, and knows who is in the audience. */
class Server {
  readonly seen = new Map<string, number>();
  readonly members = new Map<string, boolean>();
  /** @returns whether it was new. */
  take(json: string, who: string, member: boolean): boolean {
    const count = this.seen.get(json) ?? 0;
    this.seen.set(json, count + 1);
    if (count > 0) return false;
    this.members.set(who, member);
    return true;
  }
  in(): string[] {
    return [...this.members].flatMap(([who, member]) => (member ? [who] : [])).sort();
  }
}

const subjectOf = (who: string): BatchSubject => ({
  environment: 'production',
  device_info: {},
  user_identities: { customerid: who },
});

/** That somebody is in the audience now, or is not any more. */
type Said = readonly [who: string, isMember: boolean];

/** One sync of a snapshot, of which the server gets the first `arrive` changes and the program learns of `known` of those. */
function syncOnce(
  state: { members: Member[]; generation: number },
  snapshot: readonly string[],
  server: Server,
  arrive: number,
  known: number,
): Promise<void> {
  return sync(
    state,
    snapshot.map((who): Said => [who, true]),
    true,
    server,
    arrive,
    known,
  );
}

/** The same of single changes, two of each time. */
function syncStream(
  state: { members: Member[]; generation: number },
  said: readonly Said[],
  server: Server,
  arrive: number,
  known: number,
): Promise<void> {
  return sync(state, said, false, server, arrive, known);
}

async function sync(
  state: { members: Member[]; generation: number },
  said: readonly Said[],
  isSnapshot: boolean,
  server: Server,
  arrive: number,
  known: number,
): Promise<void> {
  state.generation += 1;
  const spool = new Spool();
  const before = state.members;
  async function* members(): AsyncGenerator<Member> {
    yield* before;
  }
  const audience = new AudienceSync({
    key: KEY,
    isSnapshot,
    full: false,
    generation: state.generation,
    environment: 'production',
    mapping: 'M',
    expected: 0,
    members,
    identify: (key) => identify('s', key),
    isApplied: () => false,
    spool,
  });
  await audience.load();
  for (const [line, [who, isMember]] of said.entries()) {
    const identifiers = identifiersOf(subjectOf(who), 's');
    const generation = isSnapshot
      ? audience.generationFor(identifiers)
      : state.generation * 100 + (line >> 1);
    const messageId = isSnapshot ? changeId(KEY, generation, 'add', who) : `m-${state.generation}-${line}`;
    const batch: BatchContent = {
      ...subjectOf(who),
      user_attributes: { segment_vip: isMember },
      events: [
        {
          event_type: 'custom_event',
          data: {
            event_name: 'audiencemembershipupdate',
            custom_event_type: 'other',
            source_message_id: `aud_${messageId}`,
            timestamp_unixtime_ms: generation,
            custom_attributes: { audience_name: KEY, status: isMember ? 'add' : 'drop' },
          },
        },
      ],
    };
    const id = identify('s', { messageId, mapping: 'M' });
    const payload = {
      batch,
      route: 'live',
      timestampMs: generation,
      atMidnight: false,
      emailCameHashed: false,
    } as const;
    const delivery = new Delivery('M', id, payload);
    const outcome = { kind: 'ready', messageId, deliveries: [delivery] } as const;
    const record = { line, source: { kind: 'object', value: {} }, messageId, warnings: [], outcome } as const;
    audience.take({ file: 'f', record, identifiers }, isMember, isSnapshot ? 0 : generation);
  }
  const changes: PlannedChange[] = [];
  for await (const change of audience.planned()) changes.push(change);
  const outcomes = new Map<PlannedChange, ChangeOutcome>();
  let number = 0;
  for await (const { record, decision } of audience.changes(() => undefined)) {
    const [delivery] = record.outcome.kind === 'ready' ? record.outcome.deliveries : [];
    const planned = changes.find(({ messageId }) => messageId === record.messageId);
    if (planned === undefined) throw new Error('A change is not planned.');
    number += 1;
    const who = delivery?.batch.user_identities.customerid ?? '';
    if (number <= arrive) server.take(delivery?.json ?? '', who, decision !== 'left');
    // What arrived and was not answered, and what was sent and did not arrive, look the same.
    outcomes.set(planned, number <= known ? 'delivered' : number <= arrive + 1 ? 'in doubt' : 'not sent');
  }
  const written: WrittenChanges = {
    async *all(replacing) {
      for (const [place, change] of changes.entries()) {
        if ((change.replaces !== undefined) === replacing) yield { change, place };
      }
    },
    at(place) {
      const change = changes[place];
      if (change === undefined) throw new Error('No change is at this place.');
      return change;
    },
  };
  const after: Member[] = [];
  for await (const member of applyChanges(
    members(),
    written,
    (change) => outcomes.get(change) ?? 'not sent',
  )) {
    after.push(member);
  }
  state.members = after;
  spool.close();
}

describe('syncs that die', () => {
  const people = fc.uniqueArray(
    fc.integer({ min: 0, max: 12 }).map((n) => `u${n}`),
    { maxLength: 12 },
  );
  const attempt = fc.record({ snapshot: people, arrive: fc.nat(14), unknown: fc.nat(3) });

  it('repeated, lead to exactly the members of the snapshot, whatever arrived before', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 5 }), people, async (attempts, last) => {
        const state = { members: [] as Member[], generation: 0 };
        const server = new Server();
        for (const { snapshot, arrive, unknown } of attempts) {
          await syncOnce(state, snapshot, server, arrive, Math.max(0, arrive - unknown));
        }
        await syncOnce(state, last, server, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY);
        expect(server.in()).toEqual([...last].sort());
        expect(state.members.map(({ inDoubt }) => inDoubt).filter(Boolean)).toEqual([]);
        expect(state.members).toHaveLength(last.length);
      }),
      { numRuns: 500 },
    );
  });

  it('of one snapshot after another, make each change once', async () => {
    await fc.assert(
      fc.asyncProperty(people, people, fc.nat(14), fc.nat(3), async (one, two, arrive, unknown) => {
        const state = { members: [] as Member[], generation: 0 };
        const server = new Server();
        const all = Number.POSITIVE_INFINITY;
        await syncOnce(state, one, server, all, all);
        const before = server.seen.size;
        await syncOnce(state, two, server, arrive, Math.max(0, arrive - unknown));
        await syncOnce(state, two, server, all, all);
        const joined = two.filter((who) => !one.includes(who)).length;
        const left = one.filter((who) => !two.includes(who)).length;
        expect(server.seen.size - before).toBe(joined + left);
        await syncOnce(state, two, server, all, all);
        expect(server.seen.size - before, 'nothing more').toBe(joined + left);
      }),
      { numRuns: 300 },
    );
  });
});

it('what replaces members is read again when their turn comes, since there may be millions of changes', async () => {
  const member = (name: string): Member => ({ identifiers: name, subject: '{}', generation: 1 });
  async function* members(): AsyncGenerator<Member> {
    yield* ['a', 'b', 'c', 'd'].map(member);
  }
  // In another order than the members are in.
  const changes = [3, 0, 2].map((replaces): PlannedChange => {
    const name = 'ABCD'.charAt(replaces);
    return {
      what: replaces === 2 ? 'drop' : 'put',
      replaces,
      messageId: name,
      mappings: [],
      member: member(name),
    };
  });
  const read: number[] = [];
  const written: WrittenChanges = {
    async *all(replacing) {
      if (replacing) yield* changes.map((change, place) => ({ change, place }));
    },
    at(place) {
      read.push(place);
      return changes[place] ?? { what: 'drop', messageId: '', mappings: [], member: member('') };
    },
  };
  const after: string[] = [];
  for await (const { identifiers } of applyChanges(members(), written, () => 'delivered'))
    after.push(identifiers);
  expect(after).toEqual(['A', 'b', 'D']);
  expect(read).toEqual([1, 0]);
});

describe('single changes', () => {
  const changes = fc.array(
    fc.tuple(
      fc.integer({ min: 0, max: 6 }).map((n) => `u${n}`),
      fc.boolean(),
    ),
    {
      maxLength: 10,
    },
  );

  it('lead to who was added and has not left since, of one time in their order, also when a sync dies and is repeated', async () => {
    const attempt = fc.record({ said: changes, arrive: fc.nat(8), unknown: fc.nat(3) });
    await fc.assert(
      fc.asyncProperty(fc.array(attempt, { maxLength: 4 }), async (attempts) => {
        const state = { members: [] as Member[], generation: 0 };
        const server = new Server();
        const expected = new Set<string>();
        const all = Number.POSITIVE_INFINITY;
        for (const { said, arrive, unknown } of attempts) {
          await syncStream(state, said, server, arrive, Math.max(0, arrive - unknown));
          await syncStream(state, said, server, all, all);
          for (const [who, isMember] of said) isMember ? expected.add(who) : expected.delete(who);
          expect(server.in()).toEqual([...expected].sort());
          expect(state.members).toHaveLength(expected.size);
        }
      }),
      { numRuns: 300 },
    );
  });
});

describe('who a person is', () => {
  const of = (identities: BatchSubject['user_identities']) =>
    identifiersOf({ ...subjectOf(''), user_identities: identities }, 's');

  it('a plain address and its SHA-256 are one identifier', () => {
    fc.assert(
      fc.property(fc.emailAddress(), (email) => {
        const address = email.toLowerCase();
        expect(of({ email: address })).toEqual(of({ other: sha256Hex(address) }));
      }),
    );
  });

  it('each of the identifiers tells people apart, also where there is no other one', () => {
    const device = (device_info: BatchSubject['device_info']): BatchSubject => ({
      environment: 'production',
      device_info,
      user_identities: {},
    });
    const id = '6D92078A-8246-4BA4-AE5B-76104861E7DC';
    const [ip, http_header_user_agent] = ['192.0.2.1', 'curl/8'];
    const people = [
      [
        of({ customerid: 'x' }),
        of({ customerid: 'y' }),
        of({ email: 'x' }),
        of({ other2: 'x' }),
        of({ other2: 'y' }),
      ],
      [{ ios_idfv: id }, { ios_advertising_id: id }, { android_uuid: id }].map((info) =>
        identifiersOf(device(info), 's'),
      ),
      [
        { ...device({ http_header_user_agent }), ip },
        { ...device({ http_header_user_agent }), ip: '192.0.2.2' },
        { ...device({ http_header_user_agent: 'curl/9' }), ip },
      ].map((subject) => identifiersOf(subject, 's')),
    ].flat();
    for (const found of people) expect(found).toHaveLength(1);
    expect(new Set(people.flat()).size).toBe(people.length);
    expect(identifiersOf(device({ ios_idfv: id.toLowerCase() }), 's')).toEqual(people[5]);
  });

  it('another secret gives others, and no identifier is in them', () => {
    const [one = ''] = of({ customerid: 'anna' });
    expect(one).not.toContain('anna');
    expect(identifiersOf(subjectOf('anna'), 'other')).not.toEqual([one]);
  });
});

it.each([
  ['Premium Users', 'premium_users'],
  ['orderCompletedLast30Days', 'order_completed_last30_days'],
  ['  VIP -- (EU) ', 'vip_eu'],
  ['Käufer 2026', 'käufer_2026'],
  ['order_completed_last_30days', 'order_completed_last_30days'],
  ['!!', ''],
])('the key of an audience called %s is %s', (name, key) => {
  expect(audienceKey(name)).toBe(key);
});

it('a file names its audience', () => {
  expect(nameOfFile('/exports/Premium Users.csv.gz')).toBe('Premium Users');
});
