import * as z from 'zod/mini';
import { UserError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { ConfigPath, PositionedFile } from './positions.js';
import { configSchema } from './schema.js';

/** What zod found wrong with a config, as one error with the others beside it, each at its place in the file. */
export function toUserError(error: z.core.$ZodError, file: PositionedFile): UserError {
  const [first, ...also] = ofOnePathEach(error.issues).flatMap((issue) => issueErrors(issue, file));
  if (first === undefined) throw error;
  return new UserError(first.code, first.message, { hint: first.hint, place: first.place, also });
}

/** The first issue of each value: zod also says of a list where a text belongs that it is too short. */
function ofOnePathEach(issues: readonly z.core.$ZodIssue[]): readonly z.core.$ZodIssue[] {
  const seen = new Set<string>();
  return issues.filter(({ code, path }) => {
    const place = JSON.stringify([code === 'unrecognized_keys', path]);
    const isNew = !seen.has(place);
    seen.add(place);
    return isNew;
  });
}

/** What to do about a key that a mapping has in a Segment workspace. */
const OF_SEGMENT: ReadonlyMap<string, string> = new Map([
  ['enabled', 'Leave it out; to switch a mapping off, remove the mapping.'],
  ['subscribe', 'It is called "trigger" here.'],
  ['mapping', 'It is called "fields" here.'],
  ['partnerAction', 'Write "preset" instead: send or sync-engage-audience.'],
]);

function issueErrors(issue: z.core.$ZodIssue, file: PositionedFile): UserError[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  const schemas = schemasAlong(path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysOf(schemas.at(-1));
    return issue.keys.map(
      (key) =>
        new UserError('CONFIG_UNKNOWN_KEY', `${formatPath([...path, key])} is not a setting.`, {
          hint:
            (path.length === 2 && path[0] === 'mappings' ? OF_SEGMENT.get(key) : undefined) ??
            didYouMean(key, known, `Known here: ${known.join(', ')}.`),
          place: file.placeOfKey([...path, key]),
        }),
    );
  }
  const value = valueAt(file.value, path);
  const message = `${path.length === 0 ? 'The config' : formatPath(path)} ${whatIsWrong(issue, value)}.`;
  return [
    new UserError('CONFIG_INVALID', message, {
      hint: whatToDo(issue, value, schemas),
      place: file.placeOf(path),
    }),
  ];
}

const EXPECTED: Readonly<Record<string, string>> = {
  string: 'is not a text',
  number: 'is not a number',
  int: 'is not a whole number',
  boolean: 'is neither true nor false',
  array: 'is not a list',
  object: 'is not a group of settings',
  record: 'is not a group of names with values',
};

function whatIsWrong(issue: z.core.$ZodIssue, value: unknown): string {
  if (value === undefined) return 'is missing';
  if (value === null) return issue.path.length === 0 ? 'is empty' : 'has no value';
  if (issue.code === 'invalid_value') return 'is not one of its valid values';
  if (issue.code === 'invalid_type') return EXPECTED[issue.expected] ?? 'has a value of the wrong kind';
  if (issue.code === 'too_small') return value === '' || Array.isArray(value) ? 'is empty' : 'is too small';
  if (issue.code === 'too_big') return Array.isArray(value) ? 'has too many entries' : 'is too large';
  return 'has a value of the wrong kind';
}

/** What belongs there, as the JSON Schema describes it to editors. */
function whatToDo(issue: z.core.$ZodIssue, value: unknown, schemas: readonly unknown[]): string {
  if (schemas.length === 1) return 'Begin it with version: 1; rokt-capi init writes one.';
  const described = schemas.map(descriptionOf).findLast((text) => text !== undefined);
  return [
    ...(issue.code === 'invalid_value' ? [`Write one of: ${issue.values.map(String).join(', ')}.`] : []),
    ...(issue.code === 'invalid_type' ? howToWrite(issue.expected, value) : []),
    ...(described === undefined ? [] : [described]),
  ].join(' ');
}

function howToWrite(expected: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (value === null) return ['Give it one, or remove the line.'];
  if (expected === 'array') return ['Begin each of its entries with "- ".'];
  if (expected === 'object' || expected === 'record') return ['Write its settings below it, as name: value.'];
  if (expected === 'boolean') return ['Write true or false.'];
  if (expected === 'string' && typeof value !== 'object') return ['Put it in quotes.'];
  if (expected === 'number' && typeof value === 'string') return ['Write it as a number, without quotes.'];
  return [];
}

function formatPath(path: ConfigPath): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}

function valueAt(value: unknown, path: ConfigPath): unknown {
  return path.reduce<unknown>(
    (at, key) =>
      typeof at === 'object' && at !== null ? Object.getOwnPropertyDescriptor(at, key)?.value : undefined,
    value,
  );
}

/** The schemas of all that `path` leads through, beginning with that of the whole file. */
function schemasAlong(path: ConfigPath): readonly unknown[] {
  const schemas: unknown[] = [configSchema];
  for (const key of path) schemas.push(schemaBelow(unwrapped(schemas.at(-1)), key));
  return schemas;
}

function schemaBelow(schema: unknown, key: string | number): unknown {
  if (schema instanceof z.ZodMiniArray) return schema.def.element;
  if (schema instanceof z.ZodMiniRecord) return schema.def.valueType;
  if (!(schema instanceof z.ZodMiniObject)) return undefined;
  const shape: Readonly<Record<string, unknown>> = schema.def.shape;
  return shape[key];
}

function unwrapped(schema: unknown): unknown {
  return schema instanceof z.ZodMiniOptional ? unwrapped(schema.def.innerType) : schema;
}

function keysOf(schema: unknown): string[] {
  const inner = unwrapped(schema);
  return inner instanceof z.ZodMiniObject ? Object.keys(inner.def.shape) : [];
}

function descriptionOf(schema: unknown): string | undefined {
  if (!(schema instanceof z.core.$ZodType)) return undefined;
  const inner = unwrapped(schema);
  return z.globalRegistry.get(schema)?.description ?? (inner === schema ? undefined : descriptionOf(inner));
}
