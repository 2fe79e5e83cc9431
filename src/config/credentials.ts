import { readFileSync } from 'node:fs';
import { UserError } from '../errors.js';

/** What HTTP Basic takes: the API key as user, the API secret as password (contract.md, section 1). */
export interface Credentials {
  readonly key: string;
  readonly secret: string;
}

const HINT =
  'Set ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET (or the same names with _FILE), or rehearse with --sandbox or --dry-run.';

/**
 * Reads the credentials from the environment, never from a flag: flags show in the process list.
 *
 * @throws UserError `CREDENTIALS_MISSING`, `CREDENTIALS_UNREADABLE`, `CREDENTIALS_INVALID`.
 */
export function readCredentials(env: NodeJS.ProcessEnv): Credentials {
  const key = readSecret(env, 'ROKT_CAPI_API_KEY');
  if (key.includes(':')) {
    throw new UserError(
      'CREDENTIALS_INVALID',
      'ROKT_CAPI_API_KEY contains a colon, which HTTP Basic does not allow in a key.',
      {
        hint: 'Set the key only; the secret goes into ROKT_CAPI_API_SECRET.',
      },
    );
  }
  return { key, secret: readSecret(env, 'ROKT_CAPI_API_SECRET') };
}

/**
 * What the state knows the account by: its API key; or, once that was renewed, the key by which it began.
 *
 * @throws UserError as {@link readCredentials} does.
 */
export function accountOf(env: NodeJS.ProcessEnv): string {
  const isNamed = [env.ROKT_CAPI_ACCOUNT, env.ROKT_CAPI_ACCOUNT_FILE].some(
    (value) => (value ?? '').trim() !== '',
  );
  return readSecret(env, isNamed ? 'ROKT_CAPI_ACCOUNT' : 'ROKT_CAPI_API_KEY');
}

function readSecret(env: NodeJS.ProcessEnv, name: string): string {
  const direct = env[name]?.trim();
  if (direct !== undefined && direct !== '') return direct;
  const path = env[`${name}_FILE`];
  if (path === undefined || path === '') {
    throw new UserError('CREDENTIALS_MISSING', `${name} is not set.`, { hint: HINT });
  }
  const text = readSecretFile(name, path);
  if (text === '')
    throw new UserError('CREDENTIALS_MISSING', `The file that ${name}_FILE names is empty.`, { hint: HINT });
  return text;
}

function readSecretFile(name: string, path: string): string {
  try {
    return readFileSync(path, 'utf8').trim();
  } catch (cause) {
    throw new UserError('CREDENTIALS_UNREADABLE', `The file that ${name}_FILE names cannot be read.`, {
      hint: 'Check that the file exists and that this user may read it.',
      place: { file: path },
      cause,
    });
  }
}
