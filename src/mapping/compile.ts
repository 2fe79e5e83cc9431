import type { MappingEntry } from '../config/config.js';
import type { RecordEvent } from '../input/input-record.js';
import { parseBoolean } from '../input/values.js';
import type { JsonValue } from '../interfaces.js';
import { isJsonObject } from '../json.js';
import { didYouMean } from '../nearest.js';
import { createBuiltIn } from './built-in.js';
import { isDirective } from './directives.js';
import { MappingError, type MappingPath } from './errors.js';
import { compileField, type Field, FieldReader } from './field-reader.js';
import { FIELDS } from './fields.js';
import { invalid } from './options.js';
import { fieldsOf, triggerOf } from './presets.js';
import { compileTrigger } from './trigger.js';

/** One mapping, ready to be run over any number of events. */
export interface CompiledMapping {
  readonly name: string;
  /** Whether the trigger matches. */
  matches(event: RecordEvent): boolean;
  /** Reads the fields of the *Send* action, as the directives give them. */
  readonly fields: FieldReader;
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
  const fields = new Map<string, Field>(Object.entries(createBuiltIn()));
  for (const [name, value] of fieldsOf(config)) {
    const path = [...at, 'fields', name];
    checkField(name, value, path);
    fields.set(name, compileField(value, path));
  }
  return {
    name: config.name,
    matches: compileTrigger(triggerOf(config), [...at, 'trigger']),
    fields: new FieldReader(fields),
  };
}

function checkField(name: string, value: JsonValue | undefined, at: MappingPath): void {
  const field = Object.hasOwn(FIELDS, name) ? FIELDS[name] : undefined;
  if (field === undefined) throw unknownField(name, Object.keys(FIELDS), at);
  if (field === 'value' || value === undefined || value === null) return;
  if (!isJsonObject(value)) {
    throw invalid(
      `${name} is not an object.`,
      'Write its parts under it, or a directive that makes them.',
      at,
    );
  }
  if (isDirective(value)) return;
  for (const [key, part] of Object.entries(value)) {
    if (field !== 'any' && !field.includes(key)) throw unknownField(key, field, [...at, key]);
    if (name === 'hashingConfiguration') checkSwitch(part, [...at, key]);
  }
}

/** What is no directive has to be true or false: anything else would send in the clear what was meant to be hashed. */
function checkSwitch(value: JsonValue | undefined, at: MappingPath): void {
  if (value === undefined || value === null || typeof value === 'boolean' || isDirective(value)) return;
  if (typeof value === 'string' && parseBoolean(value) !== undefined) return;
  throw invalid(`${String(at.at(-1))} is neither true nor false.`, 'Write true or false.', at);
}

function unknownField(name: string, known: readonly string[], at: MappingPath): MappingError {
  const hint = didYouMean(name, known, `Known here: ${known.join(', ')}.`);
  return new MappingError(
    'MAPPING_UNKNOWN_FIELD',
    `"${name}" is not a field of the Send action.`,
    hint,
    at,
    'key',
  );
}
