import { parseJson } from '../input/json-text.js';
import type { JsonObject, JsonValue } from '../interfaces.js';
import { isJsonList, isJsonObject, setOwn } from '../json.js';
import { didYouMean } from '../nearest.js';
import { checkConstant } from './constant.js';
import { MappingError, type MappingPath } from './errors.js';
import { compileLiquid } from './liquid.js';
import { choiceOf, invalid, objectOf, switchOf, textOf } from './options.js';
import { createGetter, type Getter, pathGetter, readOnce } from './path.js';
import { flattened, withoutNulls } from './reshape.js';
import { templateGetter, templateParts } from './template.js';

type DirectiveCompiler = (options: JsonValue, at: MappingPath) => Getter;

/** What Segment's workspace notes beside a directive; it means nothing here. */
const METADATA = '_metadata';
/** The longest text that `@replace` takes to look for or to put in, in characters (contract.md, section 3). */
const MAX_REPLACE = 10;

/**
 * Compiles one value of a mapping: a directive, an object or list of values, or a constant. Directives behave as
 * Segment's do (contract.md, section 3, "The mapping language").
 *
 * @throws MappingError for what cannot work, with its path.
 */
export function compileValue(value: JsonValue | undefined, at: MappingPath): Getter {
  if (typeof value === 'string') checkConstant(value, at);
  if (value === undefined || typeof value !== 'object' || value === null) return () => value;
  if (isJsonList(value)) {
    const items = value.map((item, index) => compileValue(item, [...at, index]));
    return (data) => items.map((item) => item(data) ?? null);
  }
  const directive = directiveIn(value);
  if (directive !== undefined) return compileDirective(directive, value, at);
  const entries = Object.entries(value).map(
    ([key, inner]) => [key, compileValue(inner, [...at, key])] as const,
  );
  return (data) => {
    const result: Record<string, JsonValue> = {};
    for (const [key, get] of entries) {
      const inner = get(data);
      if (inner !== undefined) setOwn(result, key, inner);
    }
    return result;
  };
}

/** Whether a value of a mapping is a directive. */
export function isDirective(value: JsonValue | undefined): boolean {
  return isJsonObject(value) && directiveIn(value) !== undefined;
}

function directiveIn(value: JsonObject): string | undefined {
  return Object.keys(value).find((key) => key.startsWith('@'));
}

function compileDirective(name: string, value: JsonObject, at: MappingPath): Getter {
  const compile = DIRECTIVES.get(name);
  if (compile === undefined) {
    const known = [...DIRECTIVES.keys()];
    throw new MappingError(
      'MAPPING_UNKNOWN_DIRECTIVE',
      `${name} is not a directive.`,
      didYouMean(name, known, `Known: ${known.join(', ')}.`),
      [...at, name],
      'key',
    );
  }
  const extra = Object.keys(value).find((key) => key !== name && key !== METADATA);
  if (extra !== undefined) {
    throw invalid(
      `"${extra}" is beside the directive ${name}.`,
      'A directive must be alone in its object.',
      [...at, extra],
      'key',
    );
  }
  return compile(value[name] ?? null, [...at, name]);
}

const DIRECTIVES: ReadonlyMap<string, DirectiveCompiler> = new Map<string, DirectiveCompiler>([
  ['@path', (options, at) => compileText(options, at, pathGetter)],
  ['@template', compileTemplate],
  ['@literal', (options, at) => (typeof options === 'string' ? () => options : compileValue(options, at))],
  ['@liquid', (options, at) => compileLiquid(textOf(options, at), at)],
  ['@if', compileIf],
  ['@case', compileCase],
  ['@replace', compileReplace],
  ['@arrayPath', compileArrayPath],
  ['@flatten', compileFlatten],
  ['@json', compileJson],
  ['@merge', compileMerge],
  ['@transform', compileTransform],
  ['@excludeWhenNull', compileExcludeWhenNull],
]);

/** The text may itself be made by a directive: then one that cannot be read leads nowhere. */
function compileText(
  options: JsonValue,
  at: MappingPath,
  getterOf: (text: string, toGetter: (keys: readonly string[]) => Getter) => Getter | undefined,
): Getter {
  if (typeof options === 'string') return getterOf(options, createGetter) ?? unreadablePath(at);
  if (!isJsonObject(options))
    throw invalid('The value is not text.', 'Write a path such as $.properties.total.', at);
  const text = compileValue(options, at);
  return (data) => {
    const made = text(data);
    return typeof made === 'string' ? getterOf(made, readOnce)?.(data) : undefined;
  };
}

function compileTemplate(options: JsonValue, at: MappingPath): Getter {
  if (typeof options === 'string' && templateParts(options).at(-1)?.includes('{{') === true) {
    throw invalid('The template has a {{ that is not closed.', 'Write it as {{properties.order_id}}.', at);
  }
  const inBraces =
    typeof options === 'string' ? templateParts(options).filter((_, index) => index % 2 === 1) : [];
  if (inBraces.some((path) => path.includes('|') && !/["']/.test(path))) {
    throw invalid(
      'The template has a | in its braces, which it would look for as a part of a name.',
      "Filters work in @liquid; a name with a | in it is written properties['a|b'].",
      at,
    );
  }
  return compileText(options, at, templateGetter);
}

function unreadablePath(at: MappingPath): never {
  throw invalid(
    'The path cannot be read.',
    "Write it as $.properties.products[0].sku or $.a['b c']; of a list, @arrayPath takes every item.",
    at,
  );
}

/** An option without which the directive gives nothing. */
function compileNeeded(options: JsonObject, key: string, at: MappingPath): Getter {
  const value = options[key];
  if (value !== undefined) return compileValue(value, [...at, key]);
  throw invalid(`The directive has no "${key}".`, `Give it "${key}".`, at);
}

function compileIf(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['exists', 'blank', 'then', 'else']);
  if (given.exists === undefined && given.blank === undefined) {
    throw invalid('@if has no condition.', 'Give it "exists" or "blank", and "then".', at);
  }
  const blank = given.exists === undefined;
  const condition = compileValue(blank ? given.blank : given.exists, [...at, blank ? 'blank' : 'exists']);
  const then = compileValue(given.then, [...at, 'then']);
  const otherwise = compileValue(given.else, [...at, 'else']);
  // `a ?? b`, which most are: then a need not be looked for twice.
  const same = JSON.stringify(given.then) === JSON.stringify(blank ? given.blank : given.exists);
  return (data) => {
    const value = condition(data);
    const holds = value !== undefined && value !== null && !(blank && isEmpty(value));
    return holds ? (same ? value : then(data)) : otherwise(data);
  };
}

/** 0 and false, which Segment's own code takes for empty, are data (contract.md, section 4). */
function isEmpty(value: JsonValue): boolean {
  return value === '' || (isJsonList(value) && value.length === 0);
}

function compileCase(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['operator', 'value']);
  const operator = choiceOf(given.operator, ['lower', 'upper'], [...at, 'operator']);
  const value = compileNeeded(given, 'value', at);
  return (data) => {
    const text = value(data);
    if (typeof text !== 'string') return text;
    return operator === 'lower' ? text.toLowerCase() : text.toUpperCase();
  };
}

function compileReplace(options: JsonValue, at: MappingPath): Getter {
  const names = ['pattern', 'replacement', 'pattern2', 'replacement2', 'ignorecase', 'global', 'value'];
  const given = objectOf(options, at, names);
  const all = switchOf(given.global, true, [...at, 'global']);
  const anyCase = switchOf(given.ignorecase, false, [...at, 'ignorecase']);
  const flags = `${all ? 'g' : ''}${anyCase ? 'i' : ''}`;
  const replacers = [
    { pattern: 'pattern', replacement: 'replacement' },
    { pattern: 'pattern2', replacement: 'replacement2' },
  ].flatMap((keys) => {
    const pattern = shortText(given[keys.pattern], [...at, keys.pattern]);
    const replacement = shortText(given[keys.replacement], [...at, keys.replacement]);
    const escaped = pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&');
    return pattern === '' ? [] : [{ expression: new RegExp(escaped, flags), replacement }];
  });
  if (replacers.length === 0) throw invalid('@replace has no pattern.', 'Give it the text to look for.', at);
  const value = compileNeeded(given, 'value', at);
  return (data) => {
    const found = value(data);
    if (found === undefined || found === null || typeof found === 'object') return '';
    return replacers.reduce(
      (text, { expression, replacement }) => text.replace(expression, () => replacement),
      String(found),
    );
  };
}

function shortText(value: JsonValue | undefined, at: MappingPath): string {
  if (value === undefined || value === null) return '';
  const text = textOf(value, at);
  if (text.length <= MAX_REPLACE) return text;
  throw invalid(
    `The text has more than ${MAX_REPLACE} characters.`,
    'Segment allows no longer text in @replace.',
    at,
  );
}

function compileArrayPath(options: JsonValue, at: MappingPath): Getter {
  if (!isJsonList(options) || options.length === 0 || options.length > 2) {
    throw invalid(
      '@arrayPath is not a list of a path and an item shape.',
      'Write [path] or [path, {…}].',
      at,
    );
  }
  const [from, shape] = options;
  const place = [...at, 0];
  const root =
    typeof from === 'string' ? (pathGetter(from) ?? unreadablePath(place)) : compileValue(from, place);
  if (!isJsonObject(shape) || Object.keys(shape).length === 0) return root;
  const item = compileValue(shape, [...at, 1]);
  return (data) => {
    const list = root(data);
    if (typeof list !== 'object' || list === null) return list;
    return (isJsonList(list) ? list : [list]).map((entry) => item(entry) ?? null);
  };
}

function compileFlatten(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['value', 'separator', 'omitArrays']);
  const separator = textOf(given.separator ?? '.', [...at, 'separator']);
  const omitArrays = switchOf(given.omitArrays, false, [...at, 'omitArrays']);
  const value = compileNeeded(given, 'value', at);
  return (data) => {
    const found = value(data);
    if (typeof found !== 'object' || found === null || (omitArrays && isJsonList(found))) return found;
    return flattened(found, separator, omitArrays);
  };
}

function compileJson(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['mode', 'value']);
  const mode = choiceOf(given.mode, ['encode', 'decode'], [...at, 'mode']);
  const value = compileNeeded(given, 'value', at);
  return (data) => {
    const found = value(data);
    if (found === undefined) return undefined;
    if (mode === 'encode') return JSON.stringify(found);
    const decoded = typeof found === 'string' ? parseJson(found) : undefined;
    return decoded === undefined ? found : decoded;
  };
}

function compileMerge(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['objects', 'direction']);
  const direction = choiceOf(given.direction ?? 'right', ['left', 'right'], [...at, 'direction']);
  if (!isJsonList(given.objects)) {
    throw invalid('@merge has no list of objects.', 'Write objects: [ … ].', [...at, 'objects']);
  }
  const objects = given.objects.map((object, index) => ({
    keys: isJsonObject(object) && !isDirective(object) ? Object.keys(object) : [],
    get: compileValue(object, [...at, 'objects', index]),
  }));
  const inOrder = direction === 'right' ? objects : objects.toReversed();
  return (data) => {
    const merged: Record<string, JsonValue | undefined> = Object.create(null);
    for (const { keys, get } of inOrder) {
      const found = get(data);
      // A part that gives nothing takes what another object has there, as in Segment.
      for (const key of keys) merged[key] = undefined;
      if (isJsonObject(found)) Object.assign(merged, found);
    }
    return merged;
  };
}

function compileTransform(options: JsonValue, at: MappingPath): Getter {
  const given = objectOf(options, at, ['apply', 'mapping']);
  const apply = compileNeeded(given, 'apply', at);
  const mapping = compileNeeded(given, 'mapping', at);
  return (data) => mapping(apply(data));
}

function compileExcludeWhenNull(options: JsonValue, at: MappingPath): Getter {
  const value = compileValue(options, at);
  return (data) => withoutNulls(value(data));
}
