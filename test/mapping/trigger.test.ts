import subscriptions, { type Subscription } from '@segment/destination-subscriptions';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readFql } from '../../src/mapping/fql-grammar.js';
import { compileTrigger, traceTrigger } from '../../src/mapping/trigger.js';

const { parseFql, validate } = subscriptions;

it("a trigger for one event, or one type, matches what Segment's own evaluator says", () => {
  const blank = fc.stringMatching(/^[ \t]{0,2}$/);
  const quoted = fc
    .oneof(
      fc.constantFrom('', 'track', 'Order Completed', 'true', '5', 'null', "it's", 'a(b)', 'und'),
      fc.string({ unit: 'grapheme' }),
    )
    .filter((text) => !/["\\]/.test(text));
  fc.assert(
    fc.property(
      fc.constantFrom('event', 'type'),
      fc.array(blank, { minLength: 4, maxLength: 4 }),
      quoted,
      fc.option(quoted, { nil: undefined }),
      (field, [a, b, c, d], value, other) => {
        const fql = `${a}${field}${b}=${c}"${value}"${d}`;
        const parsed: Subscription = parseFql(fql);
        const matches = compileTrigger(fql, []);
        for (const actual of [value, other, ` ${value}`, value.toUpperCase()]) {
          const event = { type: 'track', messageId: 'm', event: 'x', [field]: actual };
          expect(matches(event)).toBe(validate(parsed, event));
        }
      },
    ),
    { numRuns: 2000 },
  );
});

it.each([
  'contains',
  'contains event, "a")',
  'contains("event", "a")',
  'contains(total, "a")',
  'contains(event "a")',
  'contains(event = "a")',
  'contains(event, a)',
  'contains(event, "a"',
  '!match(event, "a" and type = "b"',
])('what is wrong with the call %s is said', (fql) => {
  const reading = readFql(fql);
  expect('problem' in reading && reading.problem).toMatch(
    /takes a field other than type, and a text in double quotes|is not a field/,
  );
});

it.each([
  ['properties.Größe = "L"', 'properties.Größe'],
  ['contains(properties.Größe, "L")', 'properties.Größe'],
  ['properties.items.0.sku = "a"', 'properties.items.0.sku'],
  ['event = "a" and properties.or = 1', 'properties.or'],
])('of a name that has to be written with a backslash, that is said: %s', (fql, name) => {
  const reading = readFql(fql);
  expect('problem' in reading && reading.problem).toContain(`cannot read ${name} as a name; put a \\ before`);
});

it.each([
  'properties.Size[EU] = "42"',
  'properties.Size\\[EU\\] != "42"',
  'properties.Test\\ \\[Y/N\\] = null',
  'contains(properties.Tel\\.\\ Number, "+49")',
])('a name with brackets or a point in it, which the evaluator never finds, is refused: %s', (fql) => {
  const reading = readFql(fql);
  expect('problem' in reading && reading.problem).toContain('source.columns');
});

it('an item of a list is found by its number in brackets, as Segment writes it', () => {
  const matches = compileTrigger('properties.products\\[1\\].sku = "b"', []);
  const event = { type: 'track', messageId: 'm', properties: { products: [{ sku: 'a' }, { sku: 'b' }] } };
  expect(matches(event)).toBe(true);
});

it("a trigger means what it says, wherever its blanks are, or is refused: whatever Segment's parser makes of it", () => {
  const event = {
    type: 'track',
    messageId: 'm',
    event: 'a',
    properties: { Größe: 'L', or: 5, x1: { '0': true }, list: ['10', { paid: 'TRUE' }] },
  };
  const condition = fc.constantFrom<[fql: string, holds: boolean]>(
    ['event="a"', true],
    ['event!="a"', false],
    ['properties.or_>5', false],
    ['properties.\\or<=5', true],
    ['properties.\\or != 5', false],
    ['properties.Gr\\ö\\ße = "L"', true],
    ['properties.x1.\\0=true', true],
    ['properties.none= null', true],
    ['userId !=null', false],
    ['contains(event, ")")', false],
    ['contains( properties.Gr\\ö\\ße,"L" )', true],
    ['!match(event, "a*")', false],
    ['properties.list.\\0 > 9', true],
    ['properties.list.\\1.paid = true', true],
  );
  const { trigger } = fc.letrec<{ trigger: [string, boolean] }>((tie) => ({
    trigger: fc.oneof(
      { maxDepth: 3 },
      condition,
      fc
        .tuple(tie('trigger'), fc.boolean(), tie('trigger'))
        .map(([[a, holds], all, [b, too]]): [string, boolean] => [
          `${a} ${all ? 'and' : 'or'} ${b}`,
          all ? holds && too : holds || too,
        ]),
      tie('trigger').map(([fql, holds]): [string, boolean] => [`(${fql})`, holds]),
    ),
  }));
  let taken = 0;
  fc.assert(
    fc.property(trigger, ([fql, holds]) => {
      let matches: ReturnType<typeof compileTrigger>;
      try {
        matches = compileTrigger(fql, []);
      } catch {
        return;
      }
      taken += 1;
      expect(matches(event)).toBe(holds);
    }),
    { numRuns: 2000 },
  );
  expect(taken).toBeGreaterThan(200);
});

it('the shape of a trigger tells how its conditions are joined', () => {
  expect(readFql('type = "and" and (event = "a" or contains(event, "b")) and userId != null')).toMatchObject({
    shape: {
      operator: 'and',
      parts: ['condition', { operator: 'or', parts: ['condition', 'condition'] }, 'condition'],
    },
  });
  expect(readFql('(event = "a")')).toMatchObject({ shape: 'condition' });
  expect(readFql('event = "a" and (type = "b" and (userId = "c"))')).toMatchObject({
    shape: { operator: 'and', parts: ['condition', 'condition', 'condition'] },
  });
});

describe("triggers that Segment's parser would read as something else than they say are refused", () => {
  it.each([
    'event = ',
    'event "x"',
    'type = "track" and',
    'event = "a" event = "b"',
    'event = "a" xor type = "b"',
    'event == "a"',
    "event = 'a'",
    'event="a" or type="b" and userId="c"',
    'event = "a")',
    '(event = "a"',
    'event = "open',
    'contains(event)',
    'contains(type, "track") and event = "Order Completed"',
    'properties.products.0.qty > 1',
    'properties.2x = 1',
    'type = "track" and event = "Order \\"X\\""',
    'total > 5',
    'properties.date > "2026-01-01"',
    'properties.revenue >= null',
    'type = "track" and traits.tier < ""',
    'match(event, "a" = "b"',
    '!contains(event, "a"',
    '!event = "a"',
    'event = "a" and (contains(properties.coupon, "x") or type = "b")',
    'event = "a" and (!contains(properties.coupon, "x") or type = "b")',
    '(contains(event, "x") or contains(event, "y")) and type = "b"',
    '(!match(type, "a*") or event = "x")',
    'match(event, "Order Completed")',
    'match(event, "Order*Completed")',
    '!match(properties.sku, "*a*")',
    'match(event, "")',
    'event != null',
    'event = null and type = "track"',
    'type != null',
    'userId > 41',
    'type = "track" and (name = "a" or event >= 2)',
  ])('%s', (trigger) => {
    expect(() => compileTrigger(trigger, [])).toThrow(
      expect.objectContaining({ code: 'MAPPING_TRIGGER_INVALID' }),
    );
  });
});

it('says how several contains() in parentheses are written instead, and that works', () => {
  const said = (trigger: string): string => {
    try {
      compileTrigger(trigger, []);
      return '';
    } catch (error) {
      return String(error);
    }
  };
  const message = said('type = "track" and (contains(event, "A") or contains(event, "B"))');
  const instead = /several as in (.+)\.$/.exec(message)?.[1] ?? '';
  const matches = compileTrigger(instead, []);
  const names = ['AX', 'XB', 'C'].map((event) => matches({ type: 'track', messageId: 'm', event }));
  expect(names).toEqual([true, true, false]);
});

describe('a trigger matches, or does not, as its conditions say', () => {
  it.each<[string, object, boolean]>([
    ['event = "Order Completed"', { event: 'Order Completed' }, true],
    ['event = "Order Completed"', { event: 'order completed' }, false],
    ['type = "track" and properties.revenue > 10', { properties: { revenue: 11 } }, true],
    ['properties.revenue > 10', { properties: { revenue: '11.5' } }, true],
    ['properties.revenue > 10', { properties: { revenue: '9' } }, false],
    [
      'type = "track" and (properties.a.b >= 2 or properties.revenue > 10)',
      { properties: { revenue: '11', a: { b: '1' } } },
      true,
    ],
    [
      'type = "track" and (properties.a.b >= 10 or properties.revenue > 10)',
      { properties: { revenue: '9', a: { b: '9' } } },
      false,
    ],
    ['properties.a.b >= 2', { properties: { a: { b: '2' } } }, true],
    ['contains(event, "(!")', { event: 'x(!' }, true],
    ['!contains(event, "x")', { event: 'y' }, true],
    ['match(event, "Order*")', { event: 'Order Completed' }, true],
    ['match(event, "*Completed")', { event: 'Order Completed' }, true],
    ['match(event, "*Order")', { event: 'Order Completed' }, false],
    ['match(event, "*") and type = "track"', { event: 'x' }, true],
    ['(type = "track" or type = "page") and userId != null', { userId: 'u' }, true],
    ['properties.vip = true', { properties: { vip: true } }, true],
    ['properties.vip = true', { properties: { vip: 'TRUE' } }, true],
    [
      'context.device.adTrackingEnabled = false',
      { context: { device: { adTrackingEnabled: 'false' } } },
      true,
    ],
    ['properties.test != true', { properties: { test: true } }, false],
    ['properties.test != true', { properties: { test: 'true' } }, false],
    ['properties.test != true', { properties: { test: false } }, true],
    ['properties.test != true', { properties: { test: null } }, true],
    ['properties.test != true', {}, true],
    ['properties.quantity = "5"', { properties: { quantity: 5 } }, true],
    ['properties.quantity = "5.0"', { properties: { quantity: 5 } }, true],
    ['properties.quantity = "6"', { properties: { quantity: 5 } }, false],
    ['properties.quantity != "5"', { properties: { quantity: 5 } }, false],
    ['properties.quantity != "5"', { properties: { quantity: 6 } }, true],
    ['properties.quantity != "5"', {}, true],
    ['properties.sku = "05"', { properties: { sku: '5' } }, false],
    ['properties.sku = "A5"', { properties: { sku: 5 } }, false],
    ['userId != null and name = null', { userId: 'u' }, true],
    ['userId = 42', { userId: '42' }, true],
    ['properties.test != false', { properties: { test: false } }, false],
    ['properties.test != "TRUE"', { properties: { test: true } }, false],
    ['properties.test != "TRUE"', { properties: { test: false } }, true],
    ['properties.test != "TRUE"', { properties: { test: 'true' } }, true],
    ['properties.paid = "true" and properties.paid = true', { properties: { paid: true } }, true],
    ['properties.paid = "true"', { properties: { paid: false } }, false],
    ['event = "a\\\\"', { event: 'a\\\\' }, true],
    ['properties.vip = "and" and event = "or"', { event: 'or', properties: { vip: 'and' } }, true],
    ['properties.change > -5.5 and type = "track"', { properties: { change: -5 } }, true],
    ['properties.big > 1000000000000000000000', { properties: { big: 1e22 } }, true],
    ['event = "a" and (type = "page" or contains(event, "b"))', { event: 'a' }, false],
    ['(event = "x" and contains(event, "x")) or type = "track"', {}, true],
    ['(event = "x") and (type = "track")', { event: 'x' }, true],
    ['properties.code > 5 and properties.code != "7"', { properties: { code: '7' } }, false],
    ['properties.small < 0.0000001 and type = "track"', { properties: { small: 1e-9 } }, true],
  ])('%s', (trigger, event, expected) => {
    const whole = { type: 'track', messageId: 'm', ...event };
    expect(compileTrigger(trigger, [])(whole)).toBe(expected);
    const trace = traceTrigger(trigger, whole);
    expect(trace.matches).toBe(expected);
    const holding = trace.conditions.filter(({ holds }) => holds).length;
    expect(trace.operator === 'or' ? holding > 0 : holding === trace.conditions.length).toBe(expected);
  });
});
