import { createRequire } from 'node:module';
import type { Condition, GroupCondition, Subscription } from '@segment/destination-subscriptions';
import { parseAmount } from '../input/amount.js';
import type { RecordEvent } from '../input/input-record.js';
import { asBoolean, parseBoolean } from '../input/values.js';
import { wholeEvent } from '../input/whole-event.js';
import type { JsonObject, JsonValue, SegmentEvent } from '../interfaces.js';
import { MappingError, type MappingPath } from './errors.js';
import { joined, readFql, type Shape } from './fql-grammar.js';
import { createGetter, isContainer } from './path.js';

const require = createRequire(import.meta.url);

const NUMERIC_OPERATORS = new Set(['<', '<=', '>', '>=', 'number_equals', 'number_not_equals']);
const ROOTS = {
  'event-property': 'properties',
  'event-trait': 'traits',
  'event-context': 'context',
} as const;
/** A condition that holds no others. */
type Leaf = Exclude<Condition, GroupCondition>;
/** One that compares a place of `properties`, `traits` or `context`. */
type NamedLeaf = Extract<Leaf, { readonly name: string }>;
type Converter = (value: JsonValue | undefined) => JsonValue | undefined;
/** `event = "…"` or `type = "…"` alone, which most triggers are. */
const PLAIN = /^[ \t]*(event|type)[ \t]*=[ \t]*"([^"\\]{0,1000})"[ \t]*$/;

/** How `type = "track" and (contains(event, "A") or contains(event, "B"))` can be written. */
const SEVERAL = '(type = "track" and contains(event, "A")) or (type = "track" and contains(event, "B"))';

/**
 * Compiles a trigger (FQL) with Segment's own parser and evaluator. A number in a CSV is text, but for that of a column
 * such as `Quantity`: where the trigger compares with a number, such text is compared as one, and where it compares with a
 * text that is a number, so is a number. The same goes for true and false; and what is not equal to true is not true, which
 * Segment's evaluator compares with the text "true".
 *
 * @throws MappingError `MAPPING_TRIGGER_INVALID` where it does not parse.
 */
export function compileTrigger(fql: string, at: MappingPath): (event: RecordEvent) => boolean {
  const plain = plainTrigger(fql);
  if (plain !== undefined) return plain;
  const parsed = parseTrigger(fql);
  if (typeof parsed === 'object') {
    const holds = evaluatorOf(parsed);
    return (event) => holds(wholeEvent(event));
  }
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
  const parsed: Subscription = loadParser().parseFql(reading.spaced);
  if (!('error' in parsed) && JSON.stringify(shapeOf(parsed)) === JSON.stringify(reading.shape))
    return parsed;
  return `Segment's parser takes the first ) for the end of all parentheses; put no others into them, and contains() or match() last in them, several as in ${SEVERAL}`;
}

function shapeOf(condition: Condition): Shape {
  return condition.type === 'group'
    ? joined(condition.operator, condition.children.map(shapeOf))
    : 'condition';
}

function evaluatorOf(condition: Condition): (event: SegmentEvent) => boolean {
  if (condition.type === 'group') {
    const children = condition.children.map(evaluatorOf);
    return condition.operator === 'and'
      ? (event) => children.every((holds) => holds(event))
      : (event) => children.some((holds) => holds(event));
  }
  const { validate } = loadParser();
  const alone: GroupCondition = { type: 'group', operator: 'and', children: [condition] };
  const adapt = adapterOf(condition);
  return (event) => validate(alone, adapt === undefined ? event : adapt(event));
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
      return { fql: generateFql(alone), holds: evaluatorOf(child)(event) };
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

/**
 * Makes what brings the value that a condition compares into the form in which Segment's evaluator compares it; undefined
 * where it needs none.
 */
function adapterOf(condition: Leaf): ((event: JsonObject) => JsonObject) | undefined {
  if (!('name' in condition)) return undefined;
  const convert = converterOf(condition);
  if (convert === undefined) return undefined;
  const keys = [ROOTS[condition.type], ...condition.name.split('.')];
  const get = createGetter(keys);
  return (event) => {
    const converted = convert(get(event));
    return converted === undefined ? event : replace(event, keys, converted);
  };
}

/** What it gives is undefined where the value stays as it is. */
function converterOf({ operator, value: wanted }: NamedLeaf): Converter | undefined {
  if (NUMERIC_OPERATORS.has(operator)) {
    return (value) => (typeof value === 'string' ? parseAmount(value) : undefined);
  }
  if (operator === 'is_true' || operator === 'is_false') return asBoolean;
  if (operator !== '=' && operator !== '!=') return undefined;
  const text = String(wanted);
  const boolean = parseBoolean(text);
  if (boolean === undefined) return numberAsText(text);
  const isQuoted = typeof wanted === 'string';
  return (value) => {
    // In quotes it is compared with a text letter by letter, as in Segment.
    const found = isQuoted && typeof value === 'string' ? undefined : asBoolean(value);
    return found === undefined ? undefined : found === boolean ? text : String(found);
  };
}

/** For a number that is compared with a text: it is the text where that says the same number. */
function numberAsText(text: string): Converter | undefined {
  const number = parseAmount(text);
  if (number === undefined) return undefined;
  return (value) => (typeof value === 'number' ? (value === number ? text : String(value)) : undefined);
}

function replace(data: JsonObject, [key = '', ...rest]: readonly string[], value: JsonValue): JsonObject {
  if (rest.length === 0) return { ...data, [key]: value };
  const inner = data[key];
  return isContainer(inner) ? { ...data, [key]: replace(inner, rest, value) } : data;
}
