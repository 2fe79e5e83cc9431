import { readFileSync } from 'node:fs';
import { propertyOf } from '../json.js';

/** The version in package.json. */
export function readVersion(): string {
  const text = readFileSync(new URL('../../package.json', import.meta.url), 'utf8');
  return String(propertyOf(JSON.parse(text), 'version'));
}

/** What the program calls itself to servers. */
export function userAgent(): string {
  return `rokt-capi/${readVersion()}`;
}
