import fc from 'fast-check';
import { expect, it } from 'vitest';
import { Delivery } from '../../src/payload/delivery.js';
import { addToQuality, emptyQuality, mergeQuality, type Quality } from '../../src/payload/quality.js';
import type { BatchContent, EventKind } from '../../src/payload/wire.js';

/** A delivery to someone with an e-mail address. */
const delivery = new Delivery('M', new Uint32Array(), {
  batch: {
    environment: 'production',
    device_info: {},
    user_identities: { email: 'a@example.com' },
    user_attributes: {},
  },
  route: 'live',
  timestampMs: 0,
  atMidnight: false,
  emailCameHashed: false,
});

it('an address that more than a ninth of the records have is found, and never counted too often', () => {
  const key = fc.oneof(fc.integer({ min: 1, max: 4 }), fc.integer({ min: 5, max: 1_000 }));
  fc.assert(
    fc.property(fc.array(fc.array(key, { maxLength: 60 }), { maxLength: 4 }), (slices) => {
      const total = emptyQuality();
      for (const keys of slices) {
        const quality = emptyQuality();
        for (const each of keys) addToQuality(quality, [delivery], each);
        mergeQuality(total, quality);
      }
      const all = slices.flat();
      expect(total.identifiers.email).toBe(all.length);
      const { keys, counts } = total.emails;
      for (const each of new Set(all)) {
        const times = all.filter((other) => other === each).length;
        const place = keys.findIndex((other, at) => other === each && (counts[at] ?? 0) > 0);
        const counted = counts[place] ?? 0;
        expect(counted).toBeLessThanOrEqual(times);
        expect(counted).toBeGreaterThanOrEqual(times - all.length / 9);
      }
    }),
  );
});

const CURRENCIES = ['EUR', 'eur', ' usd ', 'Rabatt', 7, '', undefined] as const;
const maybe = fc.option(fc.constant('x'), { nil: undefined });
/** What one mapping may make of a record. */
const made = fc
  .record({
    email: fc.constantFrom('plain', 'hashed', 'came hashed', undefined),
    customerid: maybe,
    other2: maybe,
    device: fc.constantFrom(
      ...(['ios_advertising_id', 'android_advertising_id', 'ios_idfv', 'android_uuid', undefined] as const),
    ),
    userAgent: maybe,
    ip: maybe,
    event: fc.constantFrom<(EventKind | undefined)[]>(
      { event_name: 'conversion', custom_event_type: 'transaction' },
      { event_name: 'audiencemembershipupdate', custom_event_type: 'other' },
      undefined,
    ),
    amount: fc.constantFrom(0, 5, 12, -3, undefined),
    currency: fc.constantFrom(...CURRENCIES),
    timestampMs: fc
      .tuple(fc.integer({ min: -10_000, max: 40_000 }), fc.constantFrom(-1, 0, 1, 7_000_000))
      .map(([day, ms]) => day * 86_400_000 + ms),
    atMidnight: fc.boolean(),
  })
  .map(({ email, customerid, other2, device, userAgent, ip, event, amount, currency, ...time }) => {
    const batch: BatchContent = {
      environment: 'production',
      device_info: {
        ...(device && { [device]: 'd' }),
        ...(userAgent && { http_header_user_agent: userAgent }),
      },
      user_identities: {
        ...(email && { [email === 'plain' ? 'email' : 'other']: 'e' }),
        ...(customerid && { customerid }),
        ...(other2 && { other2 }),
      },
      user_attributes: {},
      ...(ip && { ip }),
      ...(event && {
        events: [
          {
            event_type: 'custom_event',
            data: {
              ...event,
              source_message_id: 'm',
              timestamp_unixtime_ms: 0,
              custom_attributes: {
                ...(amount !== undefined && { amount }),
                ...(currency !== undefined && { currency }),
              },
            },
          },
        ],
      }),
    };
    const found = [
      ...(email ? ['email'] : []),
      ...(customerid ? ['customerId'] : []),
      ...(other2 ? ['rtid'] : []),
      ...(device ? ['deviceId'] : []),
      ...(ip && userAgent ? ['ip'] : []),
    ];
    const worth =
      event?.event_name === 'conversion' && amount !== undefined ? { amount, currency } : undefined;
    const emailCameHashed = email === 'came hashed';
    return { payload: { batch, route: 'live' as const, emailCameHashed, ...time }, found, worth };
  });

it('counts each record once, of all that its mappings found, whatever slices it was read in', () => {
  const record = fc.array(made, { minLength: 1, maxLength: 3 });
  fc.assert(
    fc.property(fc.array(fc.array(record, { maxLength: 8 }), { maxLength: 4 }), (slices) => {
      const total = emptyQuality();
      for (const slice of slices) {
        const quality = emptyQuality();
        for (const each of slice) {
          const deliveries = each.map(({ payload }) => new Delivery('M', new Uint32Array(), payload));
          addToQuality(quality, deliveries, 1);
        }
        mergeQuality(total, quality);
      }
      const records = slices.flat();
      const found = records.map((each) => new Set(each.flatMap((one) => one.found)));
      const having = (name: string) => found.filter((names) => names.has(name)).length;
      const first = records.flatMap(([one]) => (one === undefined ? [] : [one.payload]));
      const amounts: Quality['amounts'] = new Map();
      for (const each of records) {
        const worth = each.find((one) => one.worth !== undefined)?.worth;
        if (worth === undefined) continue;
        const written = String(worth.currency ?? '').trim();
        const currency = /^(?:[a-z]{3})?$/i.test(written) ? written.toUpperCase() : 'other';
        const tally = amounts.get(currency) ?? { events: 0, zero: 0, total: 0 };
        amounts.set(currency, {
          events: tally.events + 1,
          zero: tally.zero + (worth.amount === 0 ? 1 : 0),
          total: tally.total + worth.amount,
        });
      }
      const days = new Map<number, number>();
      for (const { timestampMs } of first) {
        const day = Date.parse(new Date(timestampMs).toISOString().slice(0, 10)) / 86_400_000;
        days.set(day, (days.get(day) ?? 0) + 1);
      }
      expect(total).toMatchObject({
        records: records.length,
        identifiers: Object.fromEntries(
          ['email', 'customerId', 'rtid', 'deviceId', 'ip'].map((name) => [name, having(name)]),
        ),
        several: found.filter(({ size }) => size > 1).length,
        hashedEmails: records.filter((each) => each.some(({ payload }) => payload.emailCameHashed)).length,
        midnight: first.filter(({ atMidnight }) => atMidnight).length,
        oldestMs: Math.min(...first.map(({ timestampMs }) => timestampMs)),
        newestMs: Math.max(...first.map(({ timestampMs }) => timestampMs)),
      });
      expect(total.days).toEqual(days);
      expect(total.amounts).toEqual(amounts);
    }),
  );
});

it('tells fifty currencies apart, and no more: where the wrong column is mapped, each row has another one', () => {
  const total = emptyQuality();
  for (let n = 0; n < 60; n += 1) {
    const currency = `A${String.fromCharCode(65 + (n % 26))}${String.fromCharCode(65 + Math.floor(n / 26))}`;
    mergeQuality(total, {
      ...emptyQuality(),
      amounts: new Map([[currency, { events: 1, zero: 0, total: 2 }]]),
    });
  }
  expect(total.amounts.size).toBe(51);
  expect(total.amounts.get('other')).toEqual({ events: 10, zero: 0, total: 20 });
});
