import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { accountOf, readCredentials } from '../../src/config/credentials.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

describe('credentials', () => {
  it('come from the environment', () => {
    expect(readCredentials({ ROKT_CAPI_API_KEY: 'k', ROKT_CAPI_API_SECRET: 's' })).toEqual({
      key: 'k',
      secret: 's',
    });
  });

  it('come from mounted files, without the line end', () => {
    const file = join(folder.path, 'secret');
    writeFileSync(file, 'from-file\n');
    const env = { ROKT_CAPI_API_KEY_FILE: file, ROKT_CAPI_API_SECRET_FILE: file };
    expect(readCredentials(env)).toEqual({ key: 'from-file', secret: 'from-file' });
  });

  it('that were renewed are the account of the key before them, if that is named', () => {
    const file = join(folder.path, 'old-key');
    writeFileSync(file, 'old-key\n');
    const env = { ROKT_CAPI_API_KEY: 'k', ROKT_CAPI_API_SECRET: 's' };
    expect([
      accountOf(env),
      accountOf({ ...env, ROKT_CAPI_ACCOUNT: ' ' }),
      accountOf({ ...env, ROKT_CAPI_ACCOUNT: 'old-key' }),
      accountOf({ ...env, ROKT_CAPI_ACCOUNT_FILE: file }),
    ]).toEqual(['k', 'k', 'old-key', 'old-key']);
  });

  it('that are missing are an error that says what to set', () => {
    expect(() => readCredentials({})).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_MISSING', exitCode: 2 }),
    );
    expect(() => readCredentials({ ROKT_CAPI_API_KEY: 'k', ROKT_CAPI_API_SECRET: '  ' })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_MISSING' }),
    );
    writeFileSync(join(folder.path, 'empty'), '\n');
    expect(() => readCredentials({ ROKT_CAPI_API_KEY_FILE: join(folder.path, 'empty') })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_MISSING', message: expect.stringContaining('is empty') }),
    );
    expect(() => readCredentials({ ROKT_CAPI_API_KEY_FILE: join(folder.path, 'none') })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_UNREADABLE' }),
    );
  });

  it('with a colon in the key cannot go through HTTP Basic', () => {
    expect(() => readCredentials({ ROKT_CAPI_API_KEY: 'k:x', ROKT_CAPI_API_SECRET: 's' })).toThrow(
      expect.objectContaining({ code: 'CREDENTIALS_INVALID' }),
    );
  });
});
