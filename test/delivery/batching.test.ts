import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { separate } from '../../src/delivery/batching.js';
import { userKeysOf } from '../../src/delivery/grouping.js';
import { Delivery } from '../../src/payload/delivery.js';
import { sha256Hex } from '../../src/payload/hash.js';
import { membershipItem } from '../../src/payload/membership.js';
import type { Batch } from '../../src/payload/wire.js';
import { identify } from '../../src/state/keys.js';
import { batchesFor, conversion, jsonOf } from '../helpers/units.js';

const group = (deliveries: Parameters<typeof batchesFor>[0]) =>
  batchesFor(deliveries).map((batch) => ({
    batch,
    events: batch.events,
    route: batch.route,
    json: jsonOf(batch),
  }));
const parse = (json: string): Batch => JSON.parse(json);
const idsOf = (json: string) => (parse(json).events ?? []).map((event) => event.data.source_message_id);

describe('events that share a batch', () => {
  it('are those of one user, so that they cost the rate limit one', () => {
    const batches = group([
      conversion('1', { user: 'a' }),
      conversion('2', { user: 'b' }),
      conversion('3', { user: 'a' }),
    ]);
    expect(batches.map((batch) => idsOf(batch.json))).toEqual([['1', '3'], ['2']]);
    expect(batches.map((batch) => batch.events)).toEqual([2, 1]);
  });

  it('are not those of one user with different RTIDs', () => {
    const batches = group([
      conversion('1', { user: 'a', rtid: 'x' }),
      conversion('2', { user: 'a', rtid: 'y' }),
    ]);
    expect(batches).toHaveLength(2);
  });

  it('are not those that go to different paths', () => {
    const batches = group([
      conversion('1', { user: 'a' }),
      conversion('2', { user: 'a', route: 'historical' }),
    ]);
    expect(batches.map((batch) => batch.route)).toEqual(['live', 'historical']);
  });

  it('never overtake another batch of the same user', () => {
    const batches = group([
      conversion('1', { user: 'a' }),
      conversion('2', { user: 'a', rtid: 'x' }),
      conversion('3', { user: 'a' }),
    ]);
    expect(batches.map((batch) => idsOf(batch.json))).toEqual([['1'], ['2'], ['3']]);
  });

  it('are ordered after each other also where one has the address plain and one hashed', () => {
    const { batch } = conversion('1');
    const keysOf = (user_identities: typeof batch.user_identities) =>
      userKeysOf({ ...batch, user_identities });
    expect(keysOf({ other: sha256Hex('a@example.com') })).toEqual(keysOf({ email: 'a@example.com' }));
    expect(keysOf({ email: 'b@example.com' })).not.toEqual(keysOf({ email: 'a@example.com' }));
  });

  it('bring their user attributes together in time order, the latest winning', () => {
    const [batch] = group([
      conversion('new', { user: 'a', timestampMs: 2_000, attributes: { city: 'Oslo', zip: '1' } }),
      conversion('old', { user: 'a', timestampMs: 1_000, attributes: { city: 'Rome', state: 'x' } }),
    ]);
    expect(parse(batch?.json ?? '').user_attributes).toEqual({ city: 'Oslo', zip: '1', state: 'x' });
    expect(idsOf(batch?.json ?? '')).toEqual(['old', 'new']);
  });

  it('keep the limits: 100 events, 100 user attributes, 128 KB', () => {
    const many = group(Array.from({ length: 250 }, (_, n) => conversion(String(n), { user: 'a' })));
    expect(many.map((batch) => batch.events)).toEqual([100, 100, 50]);
    const wide = group(
      Array.from({ length: 60 }, (_, n) =>
        conversion(String(n), { user: 'a', attributes: { [`x${n}`]: 1, [`y${n}`]: 1 } }),
      ),
    );
    expect(wide.map((batch) => Object.keys(parse(batch.json).user_attributes).length)).toEqual([100, 20]);
    const heavy = group(
      Array.from({ length: 90 }, (_, n) => conversion(String(n), { user: 'a', padding: 'é'.repeat(2_000) })),
    );
    expect(heavy.length).toBeGreaterThan(1);
    for (const batch of heavy) expect(Buffer.byteLength(batch.json)).toBeLessThanOrEqual(131_072);
  });
});

it('a batch has the user keys of its own deliveries alone, wherever it stands in a slice', () => {
  const deliveries = ['a', 'b', 'c'].map((user, n) =>
    conversion(user, { user, ...(n === 1 && { rtid: 'x' }) }),
  );
  const keys = batchesFor(deliveries).map(({ first }) => [
    ...first.userKeys.subarray(first.userKeysFrom, first.userKeysEnd),
  ]);
  expect(keys).toEqual(deliveries.map(({ batch }) => userKeysOf(batch)));
});

describe('a batch', () => {
  it('has the same source_request_id whenever its content is the same, and another when it is not', () => {
    const id = (json: string | undefined) => parse(json ?? '').source_request_id;
    expect(id(group([conversion('1')])[0]?.json)).toBe(id(group([conversion('1')])[0]?.json));
    expect(id(group([conversion('1')])[0]?.json)).not.toBe(id(group([conversion('2')])[0]?.json));
  });

  it('is taken apart so that the latest comes last, as it counts in the whole', () => {
    const newestFirst = [3, 2, 1].map((n) => conversion(`o${n}`, { user: 'u', timestampMs: n }));
    const [batch] = batchesFor(newestFirst);
    const ids = (batch === undefined ? [] : separate(batch)).map(({ first }) => first.timestampMs);
    expect(ids).toEqual([1, 2, 3]);
  });

  it('has a change of an audience before a conversion of the same time', () => {
    const bought = conversion('o', { user: 'u' });
    const joined = new Delivery('Audience', identify('test', { messageId: 'o', mapping: 'Audience' }), {
      ...bought,
      batch: {
        ...bought.batch,
        events: [membershipItem('vip', 'add', 'o', bought.timestampMs)],
      },
    });
    const [batch, ...others] = group([bought, joined]);
    expect(others).toEqual([]);
    expect(parse(batch?.json ?? '').events?.map(({ data }) => data.event_name)).toEqual([
      'audiencemembershipupdate',
      'conversion',
    ]);
  });

  it('can be taken apart into the batches of its events alone', () => {
    const [merged] = group([conversion('1', { user: 'a' }), conversion('2', { user: 'a' })]);
    const alone = merged === undefined ? [] : separate(merged.batch);
    expect(alone.map(jsonOf)).toEqual([
      group([conversion('1', { user: 'a' })])[0]?.json,
      group([conversion('2', { user: 'a' })])[0]?.json,
    ]);
  });

  it('loses no event, whatever comes, and keeps each user in order', () => {
    const anyDelivery = fc.record({
      user: fc.constantFrom('a', 'b', 'c'),
      rtid: fc.constantFrom(undefined, 'x', 'y'),
      padding: fc.constantFrom('', 'p'.repeat(3_000)),
    });
    fc.assert(
      fc.property(fc.array(anyDelivery, { maxLength: 300 }), (list) => {
        const deliveries = list.map(({ user, rtid, padding }, index) =>
          conversion(String(index), {
            user,
            padding,
            timestampMs: index,
            ...(rtid === undefined ? {} : { rtid }),
          }),
        );
        const batches = group(deliveries);
        const byUser = new Map<string, number[]>();
        for (const batch of batches) {
          const { user_identities: identities } = parse(batch.json);
          const ids = idsOf(batch.json).map(Number);
          byUser.set(identities.customerid ?? '', [
            ...(byUser.get(identities.customerid ?? '') ?? []),
            ...ids,
          ]);
          expect(batch.events).toBeLessThanOrEqual(100);
          expect(batch.batch.body.length).toBeLessThanOrEqual(131_072);
        }
        const sent = [...byUser.values()];
        expect(sent.flat().length).toBe(list.length);
        for (const ids of sent) expect(ids).toEqual([...ids].sort((a, b) => a - b));
      }),
    );
  });
});
