import { createRequire } from 'node:module';
import type { Condition, GroupCondition, Operator, Subscription } from '@segment/destination-subscriptions';
import { parseAmount } from '../input/values.js';
import { wholeEvent } from '../input/whole-event.js';
import type { JsonObject, JsonValue, RecordEvent, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { MappingError, type MappingPath } from './errors.js';
import { readFql } from './fql-grammar.js';
import { createGetter } from './path.js';

const require = createRequire(import.meta.url);

/** All that Segment's evaluator knows; anything else never holds. */
const OPERATORS: ReadonlySet<string> = new Set<Operator>([
  '=',
  '!=',
  '<',
  '<=',
  '>',
  '>=',
  'number_equals',
  'number_not_equals',
  'contains',
  'not_contains',
  'starts_with',
  'not_starts_with',
  'ends_with',
  'not_ends_with',
  'exists',
  'not_exists',
  'is_true',
  'is_false',
]);
const NUMERIC_OPERATORS = new Set(['<', '<=', '>', '>=', 'number_equals', 'number_not_equals']);
const ROOTS = {
  'event-property': 'properties',
  'event-trait': 'traits',
  'event-context': 'context',
} as const;
/** `event = "…"` or `type = "…"` alone, which most triggers are. */
const PLAIN = /^[ \t]*(event|type)[ \t]*=[ \t]*"([^"\\]{0,1000})"[ \t]*$/;

/**
 * Compiles a trigger (FQL) with Segment's own parser and evaluator. A number in a CSV is text: where the trigger
 * compares with a number, such text is compared as one.
 *
 * @throws MappingError `MAPPING_TRIGGER_INVALID` where it does not parse.
 */
export function compileTrigger(fql: string, at: MappingPath): (event: RecordEvent) => boolean {
  const plain = plainTrigger(fql);
  if (plain !== undefined) return plain;
  const parsed = parseTrigger(fql);
  if (typeof parsed === 'object') return evaluatorOf(parsed);
  throw new MappingError(
    'MAPPING_TRIGGER_INVALID',
    `The trigger is not valid FQL: ${parsed}.`,
    'Write conditions such as event = "Order Completed" and properties.revenue > 10.',
    at,
  );
}

/** What Segment's parser makes of a trigger, or why it cannot be what was meant. */
function parseTrigger(fql: string): GroupCondition | string {
  const reading = readFql(fql);
  if ('problem' in reading) return reading.problem;
  const parsed: Subscription = loadParser().parseFql(fql);
  if ('error' in parsed) return "Segment's parser refuses it";
  const leaves = leavesOf(parsed);
  // What it does not know it leaves out, or takes what comes next for an operator (\`properties.products.0.qty\`).
  const isWhole =
    leaves.length === reading.conditions && leaves.every(({ operator }) => OPERATORS.has(operator));
  return isWhole ? parsed : "Segment's parser reads one of its conditions as something else";
}

function leavesOf(condition: Condition): Exclude<Condition, GroupCondition>[] {
  return condition.type === 'group' ? condition.children.flatMap(leavesOf) : [condition];
}

function evaluatorOf(parsed: GroupCondition): (event: RecordEvent) => boolean {
  const { validate } = loadParser();
  const numeric = numericPlaces(parsed.children);
  return (event) => {
    const whole = wholeEvent(event);
    return validate(parsed, numeric.length === 0 ? whole : withNumbers(whole, numeric));
  };
}

/** Of a trigger: whether it matches, and each of its conditions, joined by `and` or `or`, for itself. */
export interface TriggerTrace {
  readonly matches: boolean;
  readonly operator: 'and' | 'or';
  readonly conditions: readonly { readonly fql: string; readonly holds: boolean }[];
}

/** Why a trigger matches an event, or does not. The trigger has to be one that {@link compileTrigger} takes. */
export function traceTrigger(fql: string, event: SegmentEvent): TriggerTrace {
  const parsed = parseTrigger(fql);
  if (typeof parsed === 'string') throw new Error(parsed);
  const { generateFql } = loadParser();
  return {
    matches: compileTrigger(fql, [])(event),
    operator: parsed.operator,
    conditions: parsed.children.map((child) => {
      const alone: GroupCondition = { type: 'group', operator: 'and', children: [child] };
      return { fql: generateFql(alone), holds: evaluatorOf(alone)(event) };
    }),
  };
}

/** Compares as Segment's evaluator does. */
function plainTrigger(fql: string): ((event: RecordEvent) => boolean) | undefined {
  const [, field, value] = PLAIN.exec(fql) ?? [];
  if (field === undefined) return undefined;
  const get = createGetter([field]);
  return (event) => get(event) === value;
}

/** Loaded only here: most mappings have plain triggers, and it takes 15 ms to load. */
function loadParser(): typeof import('@segment/destination-subscriptions') {
  return require('@segment/destination-subscriptions');
}

function numericPlaces(conditions: readonly Condition[]): (readonly string[])[] {
  return conditions.flatMap((condition) => {
    if (condition.type === 'group') return numericPlaces(condition.children);
    if (!('name' in condition) || !NUMERIC_OPERATORS.has(condition.operator)) return [];
    return [[ROOTS[condition.type], ...condition.name.split('.')]];
  });
}

function withNumbers(event: SegmentEvent, places: readonly (readonly string[])[]): JsonObject {
  return places.reduce<JsonObject>((data, keys) => {
    const value = createGetter(keys)(data);
    const number = typeof value === 'string' ? parseAmount(value) : undefined;
    return number === undefined ? data : replace(data, keys, number);
  }, event);
}

function replace(data: JsonObject, [key = '', ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = data[key];
  return isJsonObject(inner) ? { ...data, [key]: replace(inner, rest, value) } : data;
}
