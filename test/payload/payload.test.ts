import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { JsonObject, JsonValue } from '../../src/interfaces.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { batchJson } from '../../src/payload/batch-json.js';
import type { PayloadOptions } from '../../src/payload/options.js';
import { createPayloadBuilder } from '../../src/payload/payload.js';
import { bodyOf } from '../../src/payload/source-request-id.js';
import type { Batch } from '../../src/payload/wire.js';
import { PAYLOAD_OPTIONS } from '../helpers/payload-options.js';

const NOW = Date.parse('2026-11-20T00:00:00Z');
const ALL = { email: true, firstName: true, lastName: true, mobile: true, billingZipcode: true };

function build(
  properties: JsonObject,
  rest: JsonObject = {},
  options: Partial<PayloadOptions> = {},
  fields: JsonObject = {},
) {
  const [mapping] = compileMappings([{ name: 'M', preset: 'send', fields }]);
  if (mapping === undefined) expect.fail('There is no mapping.');
  const builder = createPayloadBuilder(mapping.fields, {
    ...PAYLOAD_OPTIONS,
    nowMs: NOW,
    ...options,
  });
  const event = {
    type: 'track',
    event: 'Order Completed',
    messageId: 'm',
    timestamp: '2026-11-10T10:00:00Z',
    userId: 'u',
    properties,
    ...rest,
  };
  return builder(event);
}
const batchOf = (...args: Parameters<typeof build>) => {
  const result = build(...args);
  return result.kind === 'batch' ? result.payload.batch : expect.fail(result.problem.code);
};
const codesOf = (...args: Parameters<typeof build>) => {
  const result = build(...args);
  return result.kind === 'batch' ? result.warnings.map(({ code }) => code) : [result.problem.code];
};
const attributesOf = (...args: Parameters<typeof build>) =>
  batchOf(...args).events?.at(-1)?.data.custom_attributes;
const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');

describe('hashing', () => {
  it('takes every field under its hashed name, cleaned', () => {
    const batch = batchOf(
      {
        email: ' Test@Example.COM ',
        first_name: ' Ada ',
        last_name: 'L',
        phone: ' 1 2 ',
        address: { postal_code: '01234' },
      },
      {},
      { hashing: ALL },
    );
    expect(batch.user_identities).toEqual({ other: sha256('test@example.com'), customerid: 'u' });
    expect(batch.user_attributes).toEqual({
      firstnamesha256: sha256('Ada'),
      lastnamesha256: sha256('L'),
      mobilesha256: sha256('1 2'),
      billingzipsha256: sha256('01234'),
    });
  });

  it('never hashes twice, nor a blank, and brings upper-case hashes down', () => {
    const hash = sha256('a@example.com');
    expect(
      batchOf({ email: hash.toUpperCase(), first_name: hash, phone: '  ' }, {}, { hashing: ALL }),
    ).toMatchObject({
      user_identities: { other: hash },
      user_attributes: { firstnamesha256: hash },
    });
    expect(batchOf({ email: ' ', phone: '' }, {}, { hashing: ALL }).user_attributes).toEqual({});
  });

  it('gives many people of one name the same hash, and others another one', () => {
    const [mapping] = compileMappings([{ name: 'M', preset: 'send' }]);
    if (mapping === undefined) expect.fail('There is no mapping.');
    const builder = createPayloadBuilder(mapping.fields, { ...PAYLOAD_OPTIONS, nowMs: NOW, hashing: ALL });
    const long = 'Maria Magdalena Josephine';
    for (const name of ['Ada', long, 'Bob', 'Ada', long, 'Bob', '']) {
      const traits = { first_name: name, last_name: name };
      const timestamp = '2026-11-10T10:00:00Z';
      const result = builder({ type: 'track', messageId: 'm', timestamp, userId: 'u', traits });
      expect(result.kind === 'batch' && result.payload.batch.user_attributes).toEqual(
        name === '' ? {} : { firstnamesha256: sha256(name), lastnamesha256: sha256(name) },
      );
    }
  });

  it("is what the mapping says before what the config's shorthand says", () => {
    const fields = { hashingConfiguration: { hashEmail: false } };
    expect(batchOf({ email: 'a@example.com', first_name: 'A' }, {}, { hashing: ALL }, fields)).toMatchObject({
      user_identities: { email: 'a@example.com' },
      user_attributes: { firstnamesha256: sha256('A') },
    });
  });

  describe('of a record that says itself what is hashed, is as it says, and never on a guess', () => {
    /** @param wrong the setting that cannot be read; undefined: all of them together. */
    const check = (configuration: JsonValue, said: JsonValue, name: string | undefined, wrong?: string) => {
      const fields = { hashingConfiguration: configuration };
      const result = build({ email: 'a@example.com', hash: said }, {}, { hashing: ALL }, fields);
      if (result.kind === 'batch') {
        expect(Object.keys(result.payload.batch.user_identities)).toContain(name);
      } else {
        const field = ['hashingConfiguration', wrong].filter((part) => part !== undefined).join('.');
        expect(name).toBeUndefined();
        expect(result.problem).toMatchObject({ code: 'HASHING_UNREADABLE', field });
      }
    };

    it.each<[JsonValue, string | undefined]>([
      [true, 'other'],
      ['TRUE', 'other'],
      ['false', 'email'],
      ['', 'other'],
      [null, 'other'],
      ['yes', undefined],
      [1, undefined],
      [['true'], undefined],
    ])('of addresses: %j', (said, name) => {
      check({ hashEmail: { '@path': '$.properties.hash' } }, said, name, 'hashEmail');
    });

    it.each<[JsonValue, string | undefined, string?]>([
      [{ hashEmail: true }, 'other'],
      [{ hashEmail: false }, 'email'],
      [{}, 'other'],
      ['', 'other'],
      [null, 'other'],
      ['true', undefined],
      ['{"hashEmail":true}', undefined],
      [true, undefined],
      [[{ hashEmail: true }], undefined],
      [{ hashEmails: true }, undefined, 'hashEmails'],
      [{ hashFirstName: true, hashemail: true }, undefined, 'hashemail'],
    ])('of all fields: %j', (said, name, wrong) => {
      check({ '@path': '$.properties.hash' }, said, name, wrong);
    });
  });

  it('brings down an upper-case hash that is mapped straight to its name', () => {
    const hash = sha256('Ada');
    const names = ['firstnamesha256', 'lastnamesha256', 'mobilesha256', 'billingzipsha256'];
    const fields = {
      user_attributes: Object.fromEntries(names.map((name) => [name, { '@path': '$.properties.hash' }])),
    };
    expect(batchOf({ hash: ` ${hash.toUpperCase()} ` }, {}, {}, fields).user_attributes).toEqual(
      Object.fromEntries(names.map((name) => [name, hash])),
    );
  });

  it.each([PAYLOAD_OPTIONS.hashing, ALL])(
    'sends no plain value under the name of a hash, also where it is mapped straight to that: %j',
    (hashing) => {
      const fields = {
        user_attributes: {
          firstnamesha256: { '@path': '$.properties.first_name' },
          mobilesha256: { '@path': '$.properties.phone' },
          billingzipsha256: { '@path': '$.properties.address.postal_code' },
          lastnamesha256: { '@path': '$.properties.last_name' },
        },
      };
      const properties = {
        first_name: ' Ada ',
        phone: 4912345,
        address: { postal_code: '01234' },
        last_name: ' ',
      };
      expect(batchOf(properties, {}, { hashing }, fields).user_attributes).toEqual({
        firstnamesha256: sha256('Ada'),
        mobilesha256: sha256('4912345'),
        billingzipsha256: sha256('01234'),
      });
      expect(codesOf({ phone: '4.91235E+11' }, {}, { hashing }, fields)).toEqual(['NUMBER_ROUNDED']);
    },
  );

  const PLACES: JsonObject = {
    user_attributes: { note: { '@path': '$.properties.note' }, list: { '@path': '$.properties.list' } },
    eventProperties: {
      page: { '@path': '$.properties.page' },
      confirmationref: { '@path': '$.properties.ref' },
    },
  };
  it.each<[what: string, properties: JsonObject, rest: JsonObject, field: string]>([
    ['the customer id', {}, { userId: 'Ada@Example.com' }, 'user_identities.customerid'],
    ['a text', { note: 'call ada@example.com, please' }, {}, 'user_attributes.note'],
    ['a list', { list: ['x', 'ada@example.com'] }, {}, 'user_attributes.list'],
    ['a URL', { page: '/thanks?to=ada%40example.com' }, {}, 'eventProperties.page'],
    ['an order id among the properties', { ref: 'ada@example.com-7' }, {}, 'eventProperties.confirmationref'],
    ['the order id', { order_id: 'ada@exämple.com-7' }, {}, 'eventDetails.confirmationref'],
    ['the id of the event', {}, { messageId: 'ada@example.com/7' }, 'eventDetails.source_message_id'],
  ])(
    'warns of an address that is sent as it is in %s, and only where addresses are hashed',
    (_, more, rest, field) => {
      const address = 'ada@example.com';
      const warningsOf = (email: string, hashing = ALL) => {
        const result = build({ email, ...more }, rest, { hashing }, PLACES);
        return result.kind === 'batch' ? result.warnings : expect.fail(result.problem.code);
      };
      const expected = [expect.objectContaining({ code: 'EMAIL_IN_CLEAR', field })];
      expect(warningsOf(address)).toEqual(expected);
      expect(warningsOf('')).toEqual(expected);
      expect(warningsOf(sha256(address), PAYLOAD_OPTIONS.hashing)).toEqual(expected);
      expect(warningsOf(address, PAYLOAD_OPTIONS.hashing)).toEqual([]);
      expect(JSON.stringify(warningsOf(address))).not.toContain('ada');
    },
  );

  it('takes no other text for an address', () => {
    const note = '@ada 3 @ 9.50 logo@2x.png a@b 40%40x x@10.50 a @ b.com';
    expect(codesOf({ email: 'a@example.com', note }, {}, { hashing: ALL }, PLACES)).toEqual([]);
  });

  it('rejects a megabyte of percent signs at once, instead of searching it for addresses for minutes', () => {
    const long = '%40'.repeat(350_000);
    const email = 'a@example.com';
    expect(codesOf({ email, note: long }, {}, { hashing: ALL }, PLACES)).toEqual([
      'ATTRIBUTE_VALUE_TOO_LONG',
    ]);
    expect(codesOf({ email }, { userId: long }, { hashing: ALL })).toEqual(['BATCH_TOO_LARGE']);
  });

  it('gives either a plain value or its hash, never both, and hashing a hash changes nothing', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), fc.boolean(), (name, firstName) => {
        const once = batchOf(
          { first_name: name },
          {},
          { hashing: { ...PAYLOAD_OPTIONS.hashing, firstName } },
        ).user_attributes;
        const { firstname, firstnamesha256 } = once;
        const blank = name.trim() === '';
        expect(firstname === undefined || firstnamesha256 === undefined).toBe(true);
        expect(firstname === undefined && firstnamesha256 === undefined).toBe(blank);
        if (typeof firstnamesha256 !== 'string') return;
        expect(batchOf({ first_name: firstnamesha256 }, {}, { hashing: ALL }).user_attributes).toEqual({
          firstnamesha256,
        });
      }),
    );
  });
});

describe('identifiers', () => {
  it.each<[string, JsonObject, boolean]>([
    ['a customer id', { userId: 'u' }, true],
    ['an e-mail', { properties: { email: 'a@example.com' } }, true],
    ['an RTID', { integrations: { 'Rokt Conversions API': { rtid: 'x' } } }, true],
    ['an ip with a user agent', { context: { ip: '203.0.113.7', userAgent: 'curl' } }, true],
    ['an ip alone', { context: { ip: '203.0.113.7' } }, false],
    ['an iOS id', { context: { device: { type: 'ios', id: '6D92078A-8246-4BA4-AE5B-76104861E7DC' } } }, true],
    [
      'an Android id that is no UUID',
      { context: { device: { type: 'android', id: '9774d56d682e549c' } } },
      true,
    ],
    [
      'the all-zero id',
      { context: { device: { type: 'ios', id: '00000000-0000-0000-0000-000000000000' } } },
      false,
    ],
    ['nothing', {}, false],
  ])('%s', (_, rest, enough) => {
    const result = build({}, { userId: null, ...rest });
    expect(result.kind === 'batch').toBe(enough);
    if (result.kind === 'rejected') expect(result.problem.code).toBe('IDENTIFIER_MISSING');
  });

  it.each<[string, string | undefined]>([
    ['?rtid=a%20b', 'a b'],
    ['rtid=x', 'x'],
    ['?xrtid=1', undefined],
    ['?rclid=new', 'new'],
    ['?rtid=&rclid=c', 'c'],
    ['https://shop.example.com/?a=1&rtid=y#z', 'y'],
  ])('the RTID in %s is read as a query parameter', (search, rtid) => {
    const batch = batchOf({}, { context: { page: { search } } });
    expect(batch.user_identities.other2).toBe(rtid);
    const sent: Batch = JSON.parse(batchJson(batch));
    expect(sent.integration_attributes?.['1277'].passbackconversiontrackingid).toBe(rtid);
  });
});

describe('what stands for none identifies nobody', () => {
  const RTID = (rtid: string): JsonObject => ({ integrations: { 'Rokt Conversions API': { rtid } } });
  const NONE = [
    ...['N/A', 'n/a', '#N/A', 'NA', '<NA>', 'NaN', 'nan', 'None', 'NONE', 'NULL', 'null', 'undefined'],
    ...['unknown', 'Anonymous', 'guest', 'Guest', '-', ' -- ', '—', '(not set)', '(none)'],
    '00000000-0000-0000-0000-000000000000',
  ];

  it.each(NONE)('a customer id, an order id, a phone and an RTID of %j, which all guests share', (none) => {
    const properties = { email: 'a@example.com', order_id: none, phone: none };
    const args = [properties, { userId: none, ...RTID(none) }] as const;
    expect(batchOf(...args)).toMatchObject({
      user_identities: { email: 'a@example.com' },
      user_attributes: {},
      events: [{ data: { custom_attributes: { conversiontype: 'Order Completed' } } }],
    });
    expect(JSON.stringify(batchOf(...args)).includes(JSON.stringify(none.trim()))).toBe(false);
    expect(codesOf(...args)).toEqual(Array(4).fill('ID_UNUSABLE'));
    expect(codesOf({}, { userId: none })).toEqual(['IDENTIFIER_MISSING']);
  });

  it.each(['0', '-1', 'guest-1', 'guests', 'Nana', 'none1', 'A/N', 'na-1', '0000-0000', 'Unknown Ltd'])(
    'an id such as %j is what it is',
    (id) => {
      expect(batchOf({}, { userId: id }).user_identities.customerid).toBe(id);
      expect(attributesOf({ order_id: id })?.confirmationref).toBe(id);
    },
  );

  it('a name such as None is what it is', () => {
    expect(batchOf({ first_name: 'None', last_name: 'Na' }).user_attributes).toMatchObject({
      firstname: 'None',
      lastname: 'Na',
    });
  });

  it('an event whose message id stands for none is rejected: all others with it would be duplicates', () => {
    expect(codesOf({}, { messageId: 'N/A' })).toEqual(['MESSAGE_ID_MISSING']);
  });

  it.each([
    ...[
      'N/A',
      '-',
      'none',
      'Total: 2',
      '-- 200 rows --',
      'Report generated 2026-11-20',
      'ada@',
      '@example.com',
    ],
    ...['a@example.com, b@example.com', 'a@example.com;b@example.com', 'Ada <ada@example.com>'],
    ...['=HYPERLINK("mailto:ada@example.com")', 'ada\uff20example.com', sha256('x').slice(0, 32)],
  ])('a text such as %j is sent as no address, plain or hashed', (text) => {
    for (const hashing of [PAYLOAD_OPTIONS.hashing, ALL]) {
      expect(batchOf({ email: text }, {}, { hashing }).user_identities).toEqual({ customerid: 'u' });
      expect(codesOf({ email: text }, {}, { hashing })).toEqual(['EMAIL_UNUSABLE']);
    }
    const result = build({ email: text }, { userId: null });
    expect(result).toMatchObject({
      problem: {
        code: 'IDENTIFIER_MISSING',
        field: 'user_identities.email',
        message: expect.stringContaining('SHA-256'),
      },
    });
  });

  it.each(['ada+x@example.com', "o'brien@example.co.uk", 'jürgen@müller.de', '用户@例子.公司', 'a@b'])(
    'an address such as %s is one',
    (address) => {
      expect(batchOf({ email: address }).user_identities.email).toBe(address);
    },
  );
});

describe('values', () => {
  it.each<[JsonValue, number | undefined]>([
    [0, 0],
    ['0', 0],
    ['1,234.50', 1234.5],
    ['', undefined],
    [null, undefined],
  ])('the amount %j', (revenue, amount) => {
    expect(attributesOf({ revenue })?.amount).toBe(amount);
  });

  it.each<[string, string[]]>([
    ['1,234', ['AMOUNT_UNREADABLE']],
    ['free', ['AMOUNT_UNREADABLE']],
  ])('the amount %s cannot be read, which costs the row', (revenue, codes) => {
    expect(codesOf({ revenue })).toEqual(codes);
  });

  it.each<[JsonValue, number]>([
    ['2026-11-10T10:00:00Z', Date.UTC(2026, 10, 10, 10)],
    ['2026-11-10', Date.UTC(2026, 10, 10)],
    ['2026-11-10 10:00:00 +0200', Date.UTC(2026, 10, 10, 8)],
    ['2026-11-10T10:00:00.123456-05:30', Date.UTC(2026, 10, 10, 15, 30, 0, 123)],
    ['2026-11-10 10:00:00 UTC', Date.UTC(2026, 10, 10, 10)],
    [1794300000, 1794300000000],
    ['1794300000000', 1794300000000],
  ])('the time %j', (timestamp, ms) => {
    expect(batchOf({}, { timestamp }).events?.[0]?.data.timestamp_unixtime_ms).toBe(ms);
  });

  it.each([
    '10/11/2026',
    '2026-02-30',
    '2026-11-10T24:00:00Z',
    '2026-13-01',
    'yesterday',
    '12',
    true,
    '202611101000',
    '20261110100000',
    20_261_110_100_000,
    '1794300000000000',
  ])('the time %j cannot be read, which costs the row', (timestamp) => {
    expect(codesOf({}, { timestamp })[0]).toMatch(/^TIMESTAMP_(?:UNREADABLE|MISSING)$/);
  });

  it.each<[string, string, number]>([
    ['America/New_York', '2026-11-01T01:30:00', Date.UTC(2026, 10, 1, 5, 30)],
    ['Europe/Berlin', '2026-10-25T02:30:00', Date.UTC(2026, 9, 25, 0, 30)],
    ['Australia/Lord_Howe', '2026-04-05T01:45:00', Date.UTC(2026, 3, 4, 14, 45)],
    ['Europe/Berlin', '2026-03-29T02:30:00', Date.UTC(2026, 2, 29, 1, 30)],
    ['America/New_York', '2026-03-08T02:30:00', Date.UTC(2026, 2, 8, 7, 30)],
    ['Asia/Kathmandu', '2026-03-08T02:30:00', Date.UTC(2026, 2, 7, 20, 45)],
  ])(
    'in %s the time %s, of an hour that comes twice or not at all, is one time',
    (timezone, timestamp, ms) => {
      const batch = batchOf({}, { timestamp }, { timezone, nowMs: Date.UTC(2026, 11, 1) });
      expect(batch.events?.[0]?.data.timestamp_unixtime_ms).toBe(ms);
    },
  );

  it('a time without a zone is read in the zone that the config names, with a warning', () => {
    const timezone = 'America/New_York';
    const at = (timestamp: string) =>
      batchOf({}, { timestamp }, { timezone }).events?.[0]?.data.timestamp_unixtime_ms;
    expect(at('2026-07-01T12:00:00')).toBe(Date.UTC(2026, 6, 1, 16));
    expect(at('2026-11-15T12:00:00')).toBe(Date.UTC(2026, 10, 15, 17));
    expect(codesOf({}, { timestamp: '2026-11-15T12:00:00' })).toEqual(['TIMESTAMP_WITHOUT_ZONE']);
  });

  it.each([
    ['live', 'live', ['EVENT_OLDER_THAN_30_DAYS']],
    ['historical', 'historical', []],
    ['reject', undefined, ['EVENT_OLDER_THAN_30_DAYS']],
  ] as const)('an event older than 30 days: %s', (olderThan30Days, route, codes) => {
    const rest = { timestamp: '2026-10-01T00:00:00Z' };
    const result = build({}, rest, { olderThan30Days });
    expect(result.kind === 'batch' ? result.payload.route : undefined).toBe(route);
    expect(codesOf({}, rest, { olderThan30Days })).toEqual(codes);
    const [problem] = result.kind === 'batch' ? result.warnings : [result.problem];
    if (problem !== undefined) {
      expect(problem.message).toContain(olderThan30Days === 'reject' ? 'rejects' : 'may disturb');
    }
  });

  it('is older than 30 days one millisecond later, and in the future a day ahead', () => {
    const codesAt = (ms: number) => codesOf({}, { timestamp: new Date(NOW + ms).toISOString() });
    const day = 86_400_000;
    expect(codesAt(-30 * day)).toEqual([]);
    expect(codesAt(-30 * day - 1)).toEqual(['EVENT_OLDER_THAN_30_DAYS']);
    expect(codesAt(day)).toEqual([]);
    expect(codesAt(day + 1)).toEqual(['TIMESTAMP_IN_FUTURE']);
  });

  it.each([
    ['Male', 'm'],
    ['F', 'f'],
    ['other', undefined],
  ])('the gender %s', (gender, read) => {
    expect(batchOf({ gender }).user_attributes.gender).toBe(read);
    expect(codesOf({ gender })).toEqual(read === undefined ? ['GENDER_UNREADABLE'] : []);
  });

  it.each([
    ['1990-05-15T00:00:00Z', '19900515'],
    ['19900515', '19900515'],
    ['1990-02-30', undefined],
    ['1990-13-15', undefined],
    ['1990-00-15', undefined],
    ['1799-12-31', undefined],
    ['1800-01-01', '18000101'],
    ['1990/5/15', '19900515'],
    ['1990/05-15', undefined],
    ['May 15, 1990', '19900515'],
    ['15 May 1990', '19900515'],
    ['15.05.1990', undefined],
    ['05/15/1990', undefined],
    ['0001-01-01', undefined],
    ['0090-05-15T00:00:00', undefined],
    ['00900515', undefined],
    ['1/2/1990', undefined],
    ['1/2/90', undefined],
  ])('the birthday %s', (birthday, read) => {
    expect(batchOf({ birthday }).user_attributes.dob).toBe(read);
    expect(codesOf({ birthday })).toEqual(read === undefined ? ['DOB_UNREADABLE'] : []);
  });

  it.each([
    ['dmy', '15.05.1990', '19900515'],
    ['dmy', '1/2/1990', '19900201'],
    ['mdy', '1/2/1990', '19900102'],
    ['mdy', '05/15/1990', '19900515'],
    ['mdy', '5-15-1990 00:00', '19900515'],
    ['dmy', '05/15/1990', undefined],
    ['mdy', '15.05.1990', undefined],
    ['dmy', '31.12.1799', undefined],
    ['dmy', '30.02.1990', undefined],
    ['dmy', '1/2/90', undefined],
    ['dmy', '1990-05-15', '19900515'],
  ] as const)('with source.dateOrder: %s, the birthday %s', (dateOrder, birthday, read) => {
    expect(batchOf({ birthday }, {}, { dateOrder }).user_attributes.dob).toBe(read);
    expect(codesOf({ birthday }, {}, { dateOrder })).toEqual(read === undefined ? ['DOB_UNREADABLE'] : []);
  });

  it.each<[string, JsonObject, JsonObject, string]>([
    ['a list for the address', { email: ['a@example.com', 'b'] }, {}, 'user_identities.email'],
    ['an object for the phone', { phone: { home: '1' } }, {}, 'user_attributes.mobile'],
    ['true for the order', { order_id: true }, {}, 'eventDetails.confirmationref'],
    [
      'a list for the user',
      {},
      { userId: ['u', 'v'], anonymousId: 'a', context: { ip: '192.0.2.1', userAgent: 'x' } },
      'user_identities.customerid',
    ],
    ['an object for the ip', {}, { context: { ip: {} } }, 'ip'],
  ])('%s is left out with a warning that names the field', (_, properties, rest, field) => {
    const result = build(properties, rest);
    expect(result.kind === 'batch' ? result.warnings : result.problem).toMatchObject([
      { code: 'FIELD_NOT_TEXT', field },
    ]);
  });

  it.each(['eventProperties', 'user_attributes', 'user_identities', 'device_info', 'audienceDetails'])(
    'text that a directive gives for all of %s, which is an object, is left out with a warning',
    (field) => {
      const fields = { [field]: { '@path': '$.properties.more' } };
      const rest = { integrations: { 'Rokt Conversions API': { rtid: 'r' } } };
      for (const more of ['{"coupon":"SPRING"}', ['a']]) {
        const result = build({ more }, rest, {}, fields);
        expect(result.kind === 'batch' ? result.warnings : result.problem).toMatchObject([
          { code: 'FIELD_NOT_OBJECT', field },
        ]);
      }
      for (const more of [undefined, null, ' ', {}]) expect(codesOf({ more }, rest, {}, fields)).toEqual([]);
    },
  );

  it('a list of one, where one value is expected, is that value, as in Segment', () => {
    const lists = {
      ...{ order_id: ['o'], revenue: ['12.50'], currency: ['USD'], email: ['A@example.com'], phone: [491] },
      ...{ birthday: ['1990-05-15'], gender: ['f'], audience_name: ['vip'], audience_membership: [true] },
    };
    const rest = { userId: ['u1'], timestamp: ['2026-11-10T10:00:00Z'], context: { ip: ['192.0.2.1'] } };
    const plain = Object.fromEntries(Object.entries(lists).map(([name, [value = null]]) => [name, value]));
    const batch = batchOf(lists, rest);
    expect(batch).toEqual(batchOf(plain, { userId: 'u1', context: { ip: '192.0.2.1' } }));
    expect(batch.user_identities).toEqual({ email: 'a@example.com', customerid: 'u1' });
    expect(codesOf(lists, rest)).toEqual([]);
    const nothing = { order_id: [null], email: [''], revenue: [null], currency: [' '] };
    expect(attributesOf(nothing)).toEqual({ conversiontype: 'Order Completed' });
    expect(codesOf({ revenue: ['1', '2'] })).toEqual(['AMOUNT_UNREADABLE']);
  });

  it('what is null or blank is left out without a word, also with --strict', () => {
    const none = { email: null, phone: null, order_id: null, currency: ' ', gender: null, birthday: '' };
    const rest = { anonymousId: 'a', context: { ip: null, userAgent: null, device: null } };
    const fields = {
      eventProperties: { coupon: { '@path': '$.properties.coupon' }, gone: { '@path': '$.properties.gone' } },
      user_attributes: { title: { '@path': '$.properties.coupon' }, city: { '@path': '$.properties.gone' } },
    };
    expect(codesOf({ ...none, coupon: null }, rest, {}, fields)).toEqual([]);
    expect(batchOf({ ...none, coupon: null }, rest, {}, fields)).toMatchObject({ user_attributes: {} });
    expect(codesOf({}, { userId: null, context: { ip: '192.0.2.1', userAgent: 'x' } })).toEqual([]);
  });

  it('a list that is a user attribute is sent without what the API does not take in it', () => {
    const fields = { user_attributes: { skus: { '@path': '$.properties.skus' } } };
    expect(batchOf({ skus: ['A', null, 2] }, {}, {}, fields).user_attributes).toEqual({ skus: ['A', 2] });
    expect(codesOf({ skus: ['A', null] }, {}, {}, fields)).toEqual([]);
    expect(batchOf({ skus: ['A', { b: 1 }] }, {}, {}, fields).user_attributes).toEqual({ skus: ['A'] });
    expect(codesOf({ skus: ['A', { b: 1 }] }, {}, {}, fields)).toEqual(['ATTRIBUTE_NOT_SCALAR']);
    expect(batchOf({ skus: [{ b: 1 }] }, {}, {}, fields).user_attributes).toEqual({});
    expect(batchOf({ skus: [] }, {}, {}, fields).user_attributes).toEqual({});
  });

  it('what eventProperties says under a name of eventDetails counts, as in Segment', () => {
    const fields = { eventProperties: { currency: 'EUR', amount: { '@path': '$.properties.total' } } };
    const properties = { revenue: 5, currency: 'USD', order_id: 'o' };
    const rest = { conversiontype: 'Order Completed', confirmationref: 'o', currency: 'EUR' };
    expect(attributesOf({ ...properties, total: 9 }, {}, {}, fields)).toEqual({ ...rest, amount: 9 });
    expect(attributesOf(properties, {}, {}, fields)).toEqual({ ...rest, amount: 5 });
  });

  it('what eventProperties says under a name of eventDetails is read as there; a blank one is none', () => {
    const fields = { eventProperties: { '@path': '$.properties' } };
    const details = (own: JsonObject) => attributesOf({ revenue: 5, order_id: 'o', ...own }, {}, {}, fields);
    const own = { amount: '1.234,50 €', currency: ' EUR ', confirmationref: ' A-7 ' };
    expect(details(own)).toMatchObject({ amount: 1234.5, currency: 'EUR', confirmationref: 'A-7' });
    expect(details({ amount: 0 })).toMatchObject({ amount: 0 });
    const blank = details({ amount: ' ', currency: '', conversiontype: '', confirmationref: ' ' });
    expect(blank).toMatchObject({ amount: 5, conversiontype: 'Order Completed', confirmationref: 'o' });
    expect(blank).not.toHaveProperty('currency');
    expect(build({ revenue: 5, amount: 'none' }, {}, {}, fields)).toMatchObject({
      kind: 'rejected',
      problem: { code: 'AMOUNT_UNREADABLE', field: 'eventProperties.amount' },
    });
  });

  it('blank in eventProperties and nowhere else, an order id, an amount or a currency is not sent', () => {
    const eventProperties = { confirmationref: ' ', amount: ' ', currency: '', note: '' };
    expect(attributesOf({}, {}, {}, { eventProperties })).toEqual({
      conversiontype: 'Order Completed',
      note: '',
    });
  });

  it('what is called __proto__ is an attribute as any other', () => {
    const properties: JsonObject = JSON.parse('{"__proto__":"x"}');
    const fields = {
      eventProperties: { '@path': '$.properties' },
      user_attributes: { '@path': '$.properties' },
    };
    const json = batchJson(batchOf(properties, {}, {}, fields));
    expect(json).toContain('"user_attributes":{"__proto__":"x"}');
    expect(json).toContain('"custom_attributes":{"__proto__":"x","conversiontype"');
  });

  it('a number beyond all numbers is no attribute', () => {
    const fields = { eventProperties: { n: { '@path': '$.properties.n' } } };
    expect(codesOf({ n: Number.POSITIVE_INFINITY }, {}, {}, fields)).toEqual(['ATTRIBUTE_NOT_SCALAR']);
  });

  it('a template that fails on a record costs that record alone, and its message has no value of it', () => {
    const fields = { eventProperties: { x: { '@liquid': '{{ properties.x | url_decode }}' } } };
    expect(attributesOf({ x: 'a%20b' }, {}, {}, fields)).toMatchObject({ x: 'a b' });
    const result = build({ x: '100% off' }, {}, {}, fields);
    expect(result).toMatchObject({
      kind: 'rejected',
      problem: { code: 'MAPPING_FAILED', field: 'eventProperties.x' },
    });
    expect(JSON.stringify(result)).not.toContain('100%');
    const endless = { ip: { '@liquid': '{% for i in (1..properties.n) %}x{% endfor %}' } };
    expect(codesOf({ n: 3_000_000 }, {}, {}, endless)).toEqual(['MAPPING_FAILED']);
  });

  it('a membership in words, as a CSV has it', () => {
    const batch = batchOf({ audience_name: 'vip', audience_membership: 'FALSE' }, { event: null });
    expect(batch.user_attributes).toEqual({ segment_vip: false });
    expect(batch.events?.map(({ data }) => [data.source_message_id, data.custom_attributes])).toEqual([
      ['aud_m', { audience_name: 'vip', status: 'drop' }],
    ]);
  });

  it('a membership as a number, as MySQL and SQL Server have it, or in a word', () => {
    const of = (member: JsonValue) =>
      batchOf({ audience_name: 'vip', audience_membership: member }).user_attributes.segment_vip;
    expect([1, '1', 'Yes', 'y', 't', true].map(of)).toEqual(Array(6).fill(true));
    expect([0, '0', 'no', 'N', 'f', false].map(of)).toEqual(Array(6).fill(false));
  });

  it('a membership that is neither true nor false costs the change of the audience and a warning, not the order', () => {
    for (const member of ['maybe', 'add', 2, -1, {}, [true, false]]) {
      const result = build({ audience_name: 'vip', audience_membership: member });
      expect(result).toMatchObject({
        kind: 'batch',
        payload: { batch: { user_attributes: {}, events: [{ data: { event_name: 'conversion' } }] } },
        warnings: [{ code: 'MEMBERSHIP_UNREADABLE', field: 'audienceDetails.customAudienceMembership' }],
      });
    }
    for (const member of [null, '', ' ']) {
      expect(codesOf({ audience_name: 'vip', audience_membership: member })).toEqual([]);
    }
    expect(codesOf({ audience_membership: 'maybe' }), 'of no audience').toEqual([]);
  });

  it('nor is one of Engage sent that is neither, but nothing is said of what Engage computes besides', () => {
    const of = (computation_class: string, vip: JsonValue): readonly string[] =>
      codesOf(
        {},
        { properties: { vip }, context: { personas: { computation_key: 'vip', computation_class } } },
      );
    expect([of('audience', 'maybe'), of('journey_step', 3)]).toEqual([
      ['MEMBERSHIP_UNREADABLE'],
      ['MEMBERSHIP_UNREADABLE'],
    ]);
    expect([of('audience', true), of('audience', null), of('computed_trait', 12.5)]).toEqual([[], [], []]);
  });
});

describe('limits: what the server would drop without a word is rejected, naming the field', () => {
  const many = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`a${n}`, 1]));
  it.each<[string, JsonObject, JsonObject, string | undefined]>([
    [
      'an attribute value of 4,096 characters',
      { coupon: 'x'.repeat(4_096) },
      { eventProperties: { c: { '@path': '$.properties.coupon' } } },
      undefined,
    ],
    [
      'one of 4,097',
      { coupon: 'x'.repeat(4_097) },
      { eventProperties: { c: { '@path': '$.properties.coupon' } } },
      'ATTRIBUTE_VALUE_TOO_LONG',
    ],
    [
      'an attribute name of 257',
      {},
      { eventProperties: { ['n'.repeat(257)]: 1 } },
      'ATTRIBUTE_NAME_TOO_LONG',
    ],
    [
      'an audience whose attribute would have a name of 257',
      { audience_name: 'a'.repeat(249), audience_membership: true },
      {},
      'ATTRIBUTE_NAME_TOO_LONG',
    ],
    ['one of 256', { audience_name: 'a'.repeat(248), audience_membership: true }, {}, undefined],
    ['99 attributes and the conversion type', {}, { eventProperties: many(99) }, undefined],
    ['100 attributes and the conversion type', {}, { eventProperties: many(100) }, 'TOO_MANY_ATTRIBUTES'],
    ['101 user attributes', {}, { user_attributes: many(101) }, 'TOO_MANY_ATTRIBUTES'],
    ['a list of 1,001', {}, { user_attributes: { l: Array(1_001).fill(1) } }, 'ATTRIBUTE_LIST_TOO_LONG'],
    [
      'a list entry of 513 characters',
      {},
      { user_attributes: { l: ['x'.repeat(513)] } },
      'ATTRIBUTE_LIST_TOO_LONG',
    ],
    [
      'a batch of over 128 KB',
      {},
      {
        user_attributes: Object.fromEntries(
          Array.from({ length: 40 }, (_, n) => [`a${n}`, 'é'.repeat(2_000)]),
        ),
      },
      'BATCH_TOO_LARGE',
    ],
    ['an attribute name of 256', {}, { eventProperties: { ['n'.repeat(256)]: 1 } }, undefined],
    ['100 user attributes', {}, { user_attributes: many(100) }, undefined],
    ['a list of 1,000', {}, { user_attributes: { l: Array(1_000).fill(1) } }, undefined],
    ['a list entry of 512 characters', {}, { user_attributes: { l: ['x'.repeat(512)] } }, undefined],
  ])('%s', (_, properties, fields, code) => {
    const result = build(properties, {}, {}, fields);
    expect(result.kind === 'rejected' ? result.problem.code : undefined).toBe(code);
  });

  it.each<[JsonObject, JsonObject, string]>([
    [{ order_id: 'x'.repeat(4_097) }, {}, 'eventDetails.confirmationref'],
    [{ currency: 'x'.repeat(4_097) }, {}, 'eventDetails.currency'],
    [{}, { event: 'x'.repeat(4_097) }, 'eventDetails.conversiontype'],
    [{ first_name: 'x'.repeat(4_097) }, {}, 'user_attributes.firstname'],
  ])('a value that is too long is named by its field', (properties, rest, field) => {
    expect(build(properties, rest)).toMatchObject({
      problem: { code: 'ATTRIBUTE_VALUE_TOO_LONG', field },
    });
  });

  it('a batch of exactly 128 KB with its id is sent, and one of a byte more is not', () => {
    const full = Object.fromEntries(Array.from({ length: 31 }, (_, n) => [`a${n}`, 'x'.repeat(4_096)]));
    const sizeOf = (rest: number) => {
      const result = build({}, {}, {}, { user_attributes: { ...full, rest: 'x'.repeat(rest) } });
      return result.kind === 'batch'
        ? bodyOf(result.payload.batch, result.payload.timestampMs).length
        : result.problem.code;
    };
    const room = 131_072 - Number(sizeOf(1)) + 1;
    expect(sizeOf(room)).toBe(131_072);
    expect(sizeOf(room + 1)).toBe('BATCH_TOO_LARGE');
  });

  const LONG = '\u0001'.repeat(22_500);
  const NUMBERS = Array<number>(1_000).fill(-Math.PI / 1e300);
  const times = <Made>(count: number, make: (n: number) => [string, Made]): Record<string, Made> =>
    Object.fromEntries(Array.from({ length: count }, (_, n) => make(n)));
  const INTO = { audienceDetails: { customAudienceName: 'vip', customAudienceMembership: true } };
  it.each<[where: string, properties: JsonObject, rest: JsonObject, fields: JsonObject]>([
    ['the user agent', {}, { context: { userAgent: LONG } }, {}],
    ['the zone of an ip', {}, { context: { ip: `fe80::1%${'z'.repeat(131_000)}` } }, {}],
    ['a device id', {}, { context: { device: { type: 'android', id: LONG } } }, {}],
    ['the e-mail address', { email: `${LONG}@example.com` }, {}, {}],
    ['the customer id', {}, { userId: LONG }, {}],
    [
      'the RTID, which is there twice',
      {},
      { integrations: { 'Rokt Conversions API': { rtid: `x${LONG.slice(11_000)}x` } } },
      {},
    ],
    ["the event's id, which is there twice", {}, { messageId: `x${LONG.slice(11_000)}x` }, INTO],
    ['user attributes', {}, {}, { user_attributes: times(6, (n) => [`a${n}`, LONG.slice(0, 4_000)]) }],
    ['their names', {}, {}, { user_attributes: times(90, (n) => [`a${n}${LONG.slice(0, 250)}`, true]) }],
    ['a list of texts', {}, {}, { user_attributes: { list: Array(900).fill(LONG.slice(0, 25)) } }],
    ['lists of numbers', {}, {}, { user_attributes: times(6, (n) => [`a${n}`, NUMBERS]) }],
    ['event properties', {}, {}, { eventProperties: times(6, (n) => [`a${n}`, LONG.slice(0, 4_000)]) }],
    ['their names', {}, {}, { eventProperties: times(90, (n) => [`a${n}${LONG.slice(0, 250)}`, 1]) }],
  ])('no batch is larger, whatever is long: %s', (_, properties, rest, fields) => {
    expect(build(properties, rest, {}, fields)).toMatchObject({ problem: { code: 'BATCH_TOO_LARGE' } });
  });
});
