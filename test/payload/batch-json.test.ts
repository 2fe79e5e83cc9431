import fc from 'fast-check';
import { expect, it } from 'vitest';
import { batchJson, subjectJson } from '../../src/payload/batch-json.js';
import type { BatchContent, BatchSubject, EventKind } from '../../src/payload/wire.js';

const text = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.string(),
  fc.constantFrom('"', '\\', '\u2028', '\ud800', '\n', '__proto__'),
);
const optional = fc.option(text, { nil: undefined });
const amount = fc.integer({ min: -(2 ** 32), max: 2 ** 32 }).map((cents) => cents / 100);
const scalar = fc.oneof(
  text,
  fc.double(),
  fc.integer(),
  fc.maxSafeInteger(),
  amount,
  fc.boolean(),
  fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY),
);
const subject = fc.record({
  environment: fc.constantFrom('production' as const, 'development' as const),
  device_info: fc.record({ http_header_user_agent: text, android_uuid: text }, { requiredKeys: [] }),
  user_identities: fc.record(
    { email: text, other: text, customerid: text, other2: text },
    { requiredKeys: [] },
  ),
  ip: optional,
});
const kind = fc.constantFrom<EventKind>(
  { event_name: 'conversion', custom_event_type: 'transaction' },
  { event_name: 'audiencemembershipupdate', custom_event_type: 'other' },
);
const content = fc.record({
  source_message_id: text,
  timestamp_unixtime_ms: fc.oneof(fc.integer(), fc.maxSafeInteger(), fc.constant(1_794_000_000_007)),
  custom_attributes: fc.dictionary(text, scalar),
});
const event = fc.record({
  event_type: fc.constant('custom_event' as const),
  data: fc.tuple(kind, content).map(([ofKind, rest]) => ({ ...ofKind, ...rest })),
});

it('is byte for byte what JSON.stringify gives', () => {
  fc.assert(
    fc.property(
      subject,
      fc.dictionary(text, fc.oneof(scalar, fc.array(scalar, { maxLength: 3 }))),
      fc.option(fc.array(event, { maxLength: 3 }), { nil: undefined }),
      ({ ip, ...rest }, attributes, events) => {
        const address = ip === undefined ? {} : { ip };
        const who: BatchSubject = { ...rest, ...address };
        const more = { user_attributes: attributes, ...(events === undefined ? {} : { events }) };
        const batch: BatchContent = { ...who, ...more };
        const rtid = who.user_identities.other2;
        const passback =
          rtid === undefined
            ? {}
            : { integration_attributes: { '1277': { passbackconversiontrackingid: rtid } } };
        const wire = { ...rest, ...passback, ...address };
        expect(subjectJson(who)).toBe(JSON.stringify(wire));
        expect(batchJson(batch)).toBe(JSON.stringify({ ...wire, ...more }));
        // Node 24 reads a name that ends with a quote as one with a backslash, where it has seen that.
        const readAgain = JSON.parse(batchJson(batch));
        expect(batchJson(readAgain)).toBe(JSON.stringify(readAgain));
      },
    ),
    { numRuns: 1_000 },
  );
});
