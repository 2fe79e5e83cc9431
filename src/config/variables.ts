import { UserError } from '../errors.js';
import type { ConfigPath, PositionedFile } from './positions.js';

/** An environment variable in a text: `${NAME}`. */
export const VARIABLE = /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/;
const VARIABLES = new RegExp(VARIABLE, 'g');

/**
 * The values of a file, with `${NAME}` under `api` replaced.
 *
 * @param env where the names are looked up.
 * @throws UserError `CONFIG_VARIABLE_MISSING` for one that is not set, or empty; `CONFIG_INVALID` for a `$NAME` or a
 *   `${NAME:-…}` there, which would be a part of the host's name.
 */
export function withVariables(file: PositionedFile, env: NodeJS.ProcessEnv): unknown {
  const { value } = file;
  if (!isRecord(value) || !isRecord(value.api)) return value;
  const api = Object.entries(value.api).map(([key, setting]) => [
    key,
    typeof setting === 'string' ? replaced(setting, ['api', key], file, env) : setting,
  ]);
  return { ...value, api: Object.fromEntries(api) };
}

function replaced(text: string, path: ConfigPath, file: PositionedFile, env: NodeJS.ProcessEnv): string {
  if (/\$[A-Za-z_{(]/.test(text.replaceAll(VARIABLES, ''))) {
    throw new UserError('CONFIG_INVALID', `${path.join('.')} has a $ in it that is not of a \${NAME}.`, {
      hint: 'Write an environment variable as ${NAME}; a default (:-) cannot be given.',
      place: file.placeOf(path),
    });
  }
  return text.replaceAll(VARIABLES, (_, name: string) => {
    const found = env[name];
    if (found !== undefined && found !== '') return found;
    const what = found === undefined ? 'is not set' : 'is empty';
    throw new UserError('CONFIG_VARIABLE_MISSING', `The environment variable ${name} ${what}.`, {
      hint: `Set ${name}, or write the value into the file.`,
      place: file.placeOf(path),
    });
  });
}

/**
 * Checks that `${NAME}` stands nowhere but under `api`: elsewhere it is sent, or compared with, as it is written. In
 * `{ "@literal": … }` it is meant. (`state` has a check of its own.)
 *
 * @throws UserError `CONFIG_INVALID`.
 */
export function checkVariables(file: PositionedFile): void {
  if (!isRecord(file.value)) return;
  const { mappings, source } = file.value;
  checkBelow(mappings, ['mappings'], file);
  checkBelow(source, ['source'], file);
}

function checkBelow(value: unknown, path: ConfigPath, file: PositionedFile): void {
  if (typeof value === 'string') {
    const name = VARIABLE.exec(value)?.[1];
    if (name === undefined) return;
    throw new UserError(
      'CONFIG_INVALID',
      `\${${name}} stands here, which is replaced by an environment variable only under api.`,
      {
        hint: 'Write the value itself; in a mapping, { "@literal": … } sends that very text.',
        place: file.placeOf(path),
      },
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) {
    if (key !== '@literal') checkBelow(inner, [...path, Array.isArray(value) ? Number(key) : key], file);
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
