import { describe, expect, it } from 'vitest';
import type { MappingEntry } from '../../src/config/config.js';
import type { InputRecord } from '../../src/input/input-record.js';
import type { DeliveryIds, JsonObject } from '../../src/interfaces.js';
import { compileMappings } from '../../src/mapping/compile.js';
import { createPreparer } from '../../src/payload/prepare.js';
import { identify } from '../../src/state/keys.js';
import { PAYLOAD_OPTIONS } from '../helpers/payload-options.js';

const EVENT = {
  type: 'track',
  event: 'Order Completed',
  messageId: 'm',
  timestamp: '2026-11-10T10:00:00Z',
  userId: 'u',
};

/** What comes of an event with mappings of these fields, some of which have delivered it in an earlier run. */
function prepare(
  mappings: Readonly<Record<string, Partial<MappingEntry>>>,
  options: {
    readonly event?: JsonObject;
    readonly delivered?: readonly string[];
    readonly strict?: boolean;
    readonly content?: InputRecord['content'];
  } = {},
) {
  const delivered = new Set(
    (options.delivered ?? []).map((mapping) => identify('s', { messageId: 'm', mapping }).join()),
  );
  const ids: DeliveryIds = {
    identify: (key) => identify('s', key),
    isDelivered: (id) => delivered.has(id.join()),
  };
  const entries = Object.entries(mappings).map(([name, entry]) => ({
    name,
    preset: 'send' as const,
    ...entry,
  }));
  const preparer = createPreparer(
    compileMappings(entries),
    { ...PAYLOAD_OPTIONS, strict: options.strict ?? false },
    ids,
  );
  const event = { ...EVENT, ...options.event };
  const content = options.content ?? { kind: 'event', event };
  const { outcome, warnings, line } = preparer({
    line: 7,
    source: { kind: 'object', value: event },
    content,
  });
  expect(line).toBe(7);
  return {
    kind: outcome.kind,
    by: outcome.kind === 'ready' ? outcome.deliveries.map(({ mapping }) => mapping) : [],
    problem: outcome.kind === 'rejected' ? outcome.problem.code : undefined,
    warnings: warnings.map(({ code, field }) => `${code} ${field}`),
  };
}

const plan = (name: string): Partial<MappingEntry> => ({ fields: { user_attributes: { plan: name } } });

describe('a record goes through every mapping whose trigger matches', () => {
  it('and is sent by each that makes a batch of its own, by the first of those that make the same', () => {
    const other = { trigger: 'event = "Other"' };
    expect(prepare({ A: {}, B: plan('x'), C: {}, D: plan('x'), E: other })).toMatchObject({
      kind: 'ready',
      by: ['A', 'B'],
    });
    expect(prepare({ E: other })).toMatchObject({ kind: 'skipped' });
  });

  it('but for those that have delivered it, and those that make the batch that these have delivered', () => {
    const mappings = { A: {}, B: plan('x'), C: {} };
    expect(prepare(mappings, { delivered: ['A'] })).toMatchObject({ kind: 'ready', by: ['B'] });
    expect(prepare(mappings, { delivered: ['C'] })).toMatchObject({ kind: 'ready', by: ['B'] });
    expect(prepare(mappings, { delivered: ['B'] })).toMatchObject({ kind: 'ready', by: ['A'] });
    expect(prepare(mappings, { delivered: ['A', 'B'] })).toMatchObject({ kind: 'delivered' });
    expect(prepare({ A: {} }, { delivered: ['A'] })).toMatchObject({ kind: 'delivered' });
  });

  it('and is rejected as a whole where one of them cannot deliver it', () => {
    const failing = { fields: { eventDetails: { source_message_id: 'm' } } };
    expect(prepare({ A: {}, B: failing })).toMatchObject({ kind: 'rejected', problem: 'TIMESTAMP_MISSING' });
    const content = { kind: 'unreadable', problem: { code: 'NDJSON_INVALID', message: 'x' } } as const;
    expect(prepare({ A: {} }, { content })).toMatchObject({ kind: 'rejected', problem: 'NDJSON_INVALID' });
  });

  it('and has each warning once, or is rejected for the first with --strict', () => {
    const event = { properties: { gender: '?', birthday: '?' } };
    const [dob, gender] = ['DOB_UNREADABLE user_attributes.dob', 'GENDER_UNREADABLE user_attributes.gender'];
    const both = { A: {}, B: { fields: { eventProperties: { b: 1 } } } };
    expect(prepare(both, { event })).toMatchObject({ by: ['A', 'B'], warnings: [dob, gender] });
    expect(prepare(both, { event, strict: true })).toMatchObject({
      kind: 'rejected',
      problem: 'DOB_UNREADABLE',
      warnings: [],
    });
    expect(prepare(both, { strict: true })).toMatchObject({ kind: 'ready' });
    const one = { event: { properties: { gender: '?' } }, strict: true };
    expect(prepare({ A: {} }, one)).toMatchObject({ kind: 'rejected', problem: 'GENDER_UNREADABLE' });
  });
});
