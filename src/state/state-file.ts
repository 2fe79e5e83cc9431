import { createHash, randomBytes } from 'node:crypto';
import { accessSync, constants, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { codeOf } from '../errors.js';
import { propertyOf } from '../json.js';
import { damaged, tooNew, unreadable } from './errors.js';
import { IN_FLIGHT_FILE, isSegment, runOfJournal, STATE_FILE } from './layout.js';
import { namesIn } from './on-disk.js';
import { writeWhole } from './whole-file.js';

/** The format that this version writes. */
const FORMAT = 1;

/** Where deliveries went, as far as it may be written down. */
export interface KnownScope {
  /** See `keys.ts`. */
  readonly id: string;
  readonly endpoint: string;
  readonly environment: string;
  /** Names of the mappings that delivered there. */
  readonly mappings: readonly string[];
}

/** `state.json`: what leads to everything else in the state directory. */
export interface StateFile {
  readonly format: typeof FORMAT;
  /** Key of the hashes, 32 bytes in hex. Whoever has it can find out whether an id they know is in the state. */
  readonly secret: string;
  /** The number of the latest run. */
  readonly lastRun: number;
  readonly scopes: readonly KnownScope[];
  /** Names of the segments, oldest first. */
  readonly segments: readonly string[];
}

/** The state of a directory in which nothing was ever done. */
export function newState(): StateFile {
  return { format: FORMAT, secret: randomBytes(32).toString('hex'), lastRun: 0, scopes: [], segments: [] };
}

/**
 * Reads `state.json`.
 *
 * @returns undefined where no state was ever kept in the directory.
 * @throws UserError `STATE_DAMAGED`, `STATE_TOO_NEW`, `STATE_UNREADABLE`.
 */
export function readState(directory: string): StateFile | undefined {
  checkReadable(directory);
  const path = join(directory, STATE_FILE);
  const names = namesIn(directory);
  if (!names.includes(STATE_FILE)) {
    if (
      names.some((name) => isSegment(name) || runOfJournal(name) !== undefined || name === IN_FLIGHT_FILE)
    ) {
      throw damaged(path, 'The file is missing, though others of the state are there');
    }
    return undefined;
  }
  let value: unknown;
  try {
    value = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw damaged(path, 'The file cannot be read', cause);
  }
  const format = propertyOf(value, 'format');
  if (typeof format === 'number' && format > FORMAT) throw tooNew(path, format, FORMAT);
  const secret = propertyOf(value, 'secret');
  const lastRun = propertyOf(value, 'lastRun');
  const segments = propertyOf(value, 'segments');
  const scopes = propertyOf(value, 'scopes');
  if (
    format !== FORMAT ||
    typeof secret !== 'string' ||
    !/^[0-9a-f]{64}$/.test(secret) ||
    typeof lastRun !== 'number' ||
    !isListOf(segments, isText) ||
    !isListOf(scopes, isScope)
  ) {
    throw damaged(path, 'The file is not as it was written');
  }
  const state: StateFile = { format, secret, lastRun, scopes, segments };
  // A version before the checksum wrote none.
  const sha256 = propertyOf(value, 'sha256');
  if (sha256 !== undefined && sha256 !== sha256Of(state)) throw damaged(path, 'Its checksum does not match');
  return state;
}

/**
 * Checks that what is in a state directory can be found: where it cannot, that looks as though there were nothing.
 *
 * @param folders in it that will be looked into.
 * @throws UserError `STATE_UNREADABLE`.
 */
export function checkReadable(directory: string, folders: readonly string[] = []): void {
  for (const path of [directory, ...folders.map((name) => join(directory, name))]) {
    try {
      accessSync(`${path}/.`, constants.R_OK | constants.X_OK);
    } catch (cause) {
      if (codeOf(cause) !== 'ENOENT') throw unreadable(path, cause);
    }
  }
}

/** Writes `state.json`, with a checksum of it. @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`. */
export async function writeState(directory: string, state: StateFile): Promise<void> {
  const checked = { ...state, sha256: sha256Of(state) };
  await writeWhole(join(directory, STATE_FILE), `${JSON.stringify(checked, null, 2)}\n`);
}

/** Of what the file says, however it is laid out. */
function sha256Of({ format, secret, lastRun, scopes, segments }: StateFile): string {
  return createHash('sha256')
    .update(JSON.stringify([format, secret, lastRun, scopes, segments]))
    .digest('hex');
}

function isListOf<T>(value: unknown, isItem: (item: unknown) => item is T): value is T[] {
  return Array.isArray(value) && value.every(isItem);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isScope(value: unknown): value is KnownScope {
  return (
    isText(propertyOf(value, 'id')) &&
    isText(propertyOf(value, 'endpoint')) &&
    isText(propertyOf(value, 'environment')) &&
    isListOf(propertyOf(value, 'mappings'), isText)
  );
}
