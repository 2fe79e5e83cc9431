import subscriptions, { type Subscription } from '@segment/destination-subscriptions';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readFql } from '../../src/mapping/fql-grammar.js';
import { compileTrigger } from '../../src/mapping/trigger.js';

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
    /takes a field and a text in double quotes|is no field/,
  );
});

it('a trigger is said to have as many conditions as are joined in it', () => {
  expect(readFql('type = "and" and (event = "a" or contains(event, "b")) and userId != null')).toEqual({
    conditions: 4,
  });
});
