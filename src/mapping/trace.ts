import type { MappingEntry } from '../config/config.js';
import type { JsonValue, SegmentEvent } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { createBuiltIn } from './built-in.js';
import { compileValue, isDirective } from './directives.js';
import { Rejection } from './errors.js';
import type { Getter } from './path.js';
import { fieldsOf, triggerOf } from './presets.js';
import { type TriggerTrace, traceTrigger } from './trigger.js';

/** How one field of a mapping came about. */
export interface FieldTrace {
  /** `user_identities.email`. */
  readonly field: string;
  /** The directive or constant, as the config or the preset has it; absent where no directive can say it. */
  readonly directive?: JsonValue;
  /** What it gave; undefined: nothing. */
  readonly value: JsonValue | undefined;
  /** The places of the event that it found something at. */
  readonly read: readonly string[];
}

/** What one mapping makes of one event, and why. */
export interface MappingTrace {
  readonly name: string;
  /** FQL. */
  readonly trigger: string;
  readonly triggerTrace: TriggerTrace;
  /** None where the trigger does not match. */
  readonly fields: readonly FieldTrace[];
}

/** Tells how a mapping takes an event. The mapping has to be one that `compileMappings` takes. */
export function traceMapping(mapping: MappingEntry, event: SegmentEvent): MappingTrace {
  const trigger = triggerOf(mapping);
  const triggerTrace = traceTrigger(trigger, event);
  const given = fieldsOf(mapping);
  const builtIn = Object.entries(createBuiltIn()).filter(([name]) => !given.has(name));
  const fields = triggerTrace.matches
    ? [
        ...[...given].flatMap(([name, value]) => leaves(name, value)),
        ...builtIn.map(([field, { whole }]) => ({ field, get: whole })),
      ]
    : [];
  return {
    name: mapping.name,
    trigger,
    triggerTrace,
    fields: fields.map(({ get, ...field }) => ({ ...field, ...watch(get, event) })),
  };
}

/** Where a mapping's fields find something in an event, by field. */
export type PlacesReader = (field: string, event: SegmentEvent) => readonly string[];

/** Makes what tells the places of an event that a field of a mapping finds something at; see {@link traceMapping}. */
export function createPlacesReader(mapping: MappingEntry): PlacesReader {
  const getters = new Map(
    [...fieldsOf(mapping)]
      .flatMap(([name, value]) => leaves(name, value))
      .map(({ field, get }) => [field, get]),
  );
  return (field, event) => {
    const get = getters.get(field);
    return get === undefined ? [] : watch(get, event).read;
  };
}

interface Leaf {
  readonly field: string;
  readonly directive?: JsonValue;
  readonly get: Getter;
}

/** A field, or those in it where it is an object of them. */
function leaves(field: string, value: JsonValue | undefined): Leaf[] {
  if (value === undefined) return [];
  if (isJsonObject(value) && !isDirective(value))
    return Object.entries(value).flatMap(([key, inner]) => leaves(`${field}.${key}`, inner));
  return [{ field, directive: value, get: compileValue(value, []) }];
}

/** Runs a getter over an event that notes where it is read. */
function watch(get: Getter, event: SegmentEvent): Pick<FieldTrace, 'value' | 'read'> {
  const read = new Set<string>();
  const found = ask(get, watched(event, '', read));
  // What was only passed on is read here.
  const value: JsonValue | undefined = found === undefined ? undefined : JSON.parse(JSON.stringify(found));
  return { value, read: [...read] };
}

/** Nothing where the getter fails: that the record is rejected for. */
function ask(get: Getter, event: SegmentEvent): JsonValue | undefined {
  try {
    return get(event);
  } catch (error) {
    if (error instanceof Rejection) return undefined;
    throw error;
  }
}

function watched<Tree extends object>(tree: Tree, at: string, read: Set<string>): Tree {
  const isList = Array.isArray(tree);
  return new Proxy(tree, {
    get(target, key, receiver) {
      const value: unknown = Reflect.get(target, key, receiver);
      if (typeof key === 'symbol' || !Object.hasOwn(target, key) || (isList && key === 'length'))
        return value;
      const place = isList ? `${at}[${key}]` : at === '' ? key : `${at}.${key}`;
      if (typeof value === 'object' && value !== null) return watched(value, place, read);
      if (value !== undefined) read.add(place);
      return value;
    },
  });
}
