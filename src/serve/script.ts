import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';

/** What is baked into the script; see `src/plugin/rtid.ts`. */
export interface ScriptOptions {
  /** Names of the query parameter, the first one that is there counts. */
  readonly queryParams: readonly string[];
  /** The key in storage. */
  readonly storageKey: string;
  /** How long a value is kept, in ms. */
  readonly expiresMs: number;
  /** The integration's name. */
  readonly integrationName: string;
  /** Whether nothing is stored before `roktRtid.consent(true)`. */
  readonly requireConsent: boolean;
}

/** `script`: works by itself on any page. `module`: exports the plugin for `analytics.register`. */
export type ScriptKind = 'script' | 'module';

const FILES = { script: 'snippet.js', module: 'module.mjs' } as const;

/** The name under which a script is served. */
export const SCRIPT_NAMES = { script: 'rokt-rtid.js', module: 'rokt-rtid.mjs' } as const;

/** The script with its options, one line. */
export function renderScript(kind: ScriptKind, options: ScriptOptions): string {
  const { queryParams: q, storageKey: k, expiresMs: t, integrationName: n, requireConsent } = options;
  // Also inside a page's script element nothing in a name may end it.
  const baked = JSON.stringify([q, k, t, n, requireConsent ? null : true]).replaceAll('<', '\\u003c');
  return `${readAsset(FILES[kind]).replace('__ROKT_OPTIONS__', () => baked)}\n`;
}

/** A file that the build made for the browser. */
export function readAsset(name: string): string {
  return readFileSync(new URL(`../plugin/${name}`, import.meta.url), 'utf8');
}

/** The script inside its tag, for a page that takes it inline. */
export function renderHtml(script: string): string {
  return `<script>${script.trimEnd()}</script>\n`;
}

/** Subresource integrity of a script: `sha384-…`. */
export function integrityOf(script: string): string {
  return `sha384-${createHash('sha384').update(script).digest('base64')}`;
}

/**
 * The tag that loads the script from the root of a site, whatever page it is on, and refuses any other.
 *
 * @param name of its file.
 */
export function renderIntegrityTag(script: string, name: string = SCRIPT_NAMES.script): string {
  return `<script src="/${encodeURIComponent(name)}" integrity="${integrityOf(script)}" crossorigin="anonymous"></script>`;
}
