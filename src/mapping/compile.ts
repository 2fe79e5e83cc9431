import type { MappingEntry } from '../config/load.js';
import { nearest } from '../config/nearest.js';
import type { JsonValue, MappedFields, SegmentEvent } from '../interfaces.js';
import { BUILT_IN } from './built-in.js';
import { compileValue } from './directives.js';
import { MappingError } from './errors.js';
import { FIELDS } from './fields.js';
import type { MappingPath } from './options.js';
import type { Getter } from './path.js';
import { PRESETS } from './presets.js';
import { compileTrigger } from './trigger.js';

/** One mapping, ready to be run over any number of events. */
export interface CompiledMapping {
  readonly name: string;
  /** Whether the trigger matches. */
  matches(event: SegmentEvent): boolean;
  /** The fields of the *Send* action, as the directives give them. */
  map(event: SegmentEvent): MappedFields;
}

/**
 * Compiles the mappings of a run, once.
 *
 * @throws MappingError for the first one that cannot work; its path begins with the mapping's index.
 */
export function compileMappings(configs: readonly MappingEntry[]): readonly CompiledMapping[] {
  return configs.map((config, index) => compileMapping(config, [index]));
}

function compileMapping(config: MappingEntry, at: MappingPath): CompiledMapping {
  const preset = PRESETS[config.preset];
  const getters = new Map<string, Getter>(
    Object.entries(preset.fields).map(([name, value]) => [name, compileValue(value, at)]),
  );
  for (const [name, get] of Object.entries(BUILT_IN)) if (!getters.has(name)) getters.set(name, get);
  for (const [name, value] of Object.entries(config.fields ?? {})) {
    getters.set(name, compileField(name, value, [...at, 'fields', name]));
  }
  const entries = [...getters];
  return {
    name: config.name,
    matches: compileTrigger(config.trigger ?? preset.trigger, [...at, 'trigger']),
    map: (event) => {
      const fields: Record<string, JsonValue | undefined> = {};
      for (const [name, get] of entries) fields[name] = get(event);
      return fields;
    },
  };
}

function compileField(name: string, value: JsonValue | undefined, at: MappingPath): Getter {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined) throw unknownField(name, Object.keys(FIELDS), at);
  if (
    field !== 'value' &&
    !field.free &&
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value)
  ) {
    for (const key of Object.keys(value)) {
      if (!key.startsWith('@') && !field.keys.includes(key))
        throw unknownField(key, field.keys, [...at, key]);
    }
  }
  return compileValue(value, at);
}

function unknownField(name: string, known: readonly string[], at: MappingPath): MappingError {
  const close = nearest(name, known);
  const hint = close === undefined ? `Known here: ${known.join(', ')}.` : `Did you mean "${close}"?`;
  return new MappingError('MAPPING_UNKNOWN_FIELD', `"${name}" is no field of the Send action.`, hint, at);
}
