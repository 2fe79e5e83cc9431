import * as z from 'zod/mini';
import { UserError } from '../errors.js';
import { didYouMean } from '../nearest.js';
import type { ConfigPath, PositionedFile } from './positions.js';
import { configSchema } from './schema.js';

/** What zod found wrong with a config, as one error with the others beside it, each at its place in the file. */
export function toUserError(error: z.core.$ZodError, file: PositionedFile): UserError {
  const [first, ...also] = error.issues.flatMap((issue) => issueErrors(issue, file));
  if (first === undefined) throw error;
  return new UserError(first.code, first.message, { hint: first.hint, place: first.place, also });
}

function issueErrors(issue: z.core.$ZodIssue, file: PositionedFile): UserError[] {
  const path = issue.path.filter((key) => typeof key !== 'symbol');
  const name = path.length === 0 ? 'The config' : formatPath(path);
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(configSchema, path);
    return issue.keys.map(
      (key) =>
        new UserError('CONFIG_UNKNOWN_KEY', `${formatPath([...path, key])} is not a setting.`, {
          hint: didYouMean(key, known, `Known here: ${known.join(', ')}.`),
          place: file.placeOfKey([...path, key]),
        }),
    );
  }
  const hint =
    issue.code === 'invalid_value'
      ? `Write one of: ${issue.values.map(String).join(', ')}.`
      : 'See "The config file" in the README for what goes here.';
  const message = issue.code === 'invalid_value' ? 'not one of its valid values' : `wrong: ${issue.message}`;
  return [new UserError('CONFIG_INVALID', `${name} is ${message}.`, { hint, place: file.placeOf(path) })];
}

function formatPath(path: ConfigPath): string {
  return path
    .map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`))
    .join('');
}

function keysAt(schema: unknown, path: ConfigPath): string[] {
  if (schema instanceof z.ZodMiniOptional) return keysAt(schema.def.innerType, path);
  const [head, ...rest] = path;
  if (schema instanceof z.ZodMiniArray) return keysAt(schema.def.element, rest);
  if (!(schema instanceof z.ZodMiniObject)) return [];
  const shape: Readonly<Record<string, unknown>> = schema.def.shape;
  return head === undefined ? Object.keys(shape) : keysAt(shape[head], rest);
}
