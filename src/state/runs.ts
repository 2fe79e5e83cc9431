import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { FileSample } from '../input/sample.js';
import type { JsonObject } from '../interfaces.js';
import { propertyOf } from '../json.js';
import { damaged } from './errors.js';
import { isRunRecord, RUNS_FOLDER } from './layout.js';
import { namesIn, remove } from './on-disk.js';
import { writeWhole } from './whole-file.js';

/** One input file of a run, as it was when the run began. */
export interface RunFile {
  /** As the user gave it, or `-`. */
  readonly name: string;
  /** What its content is recognised by; absent for what is no regular file. */
  readonly content?: FileSample;
}

/** What is remembered of a run. Holds nothing of any record. */
export interface StoredRun {
  /** Counts the runs of a state directory, from 1. */
  readonly number: number;
  readonly id: string;
  readonly command: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly pid: number;
  readonly host: string;
  readonly endpoint: string;
  readonly environment: string;
  /** What `scopeId` gave for where it delivered to; absent in records of earlier versions. */
  readonly scope?: string;
  /** Names of the mappings that delivered; absent in records of earlier versions. */
  readonly mappings?: readonly string[];
  readonly files: readonly RunFile[];
  /** Where its rejects were to go, absolute; absent where that is in the state directory. */
  readonly rejects?: string;
  /**
   * `running` until it ends, or for ever when it is killed; `killed` once a later run has found it so; `finished` where
   * nothing is pending.
   */
  readonly state: 'running' | 'killed' | 'stopped' | 'finished';
  /** Whether something of its files may be with the server and something not: the same files should be sent again. */
  readonly unfinished: boolean;
  /** What `--json` printed; of a killed run only how many deliveries were `accepted`. */
  readonly result?: JsonObject;
}

/**
 * Writes the record of a run, or replaces it.
 *
 * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`.
 */
export async function writeRun(directory: string, record: StoredRun): Promise<void> {
  await writeWhole(pathOf(directory, record), `${JSON.stringify(record)}\n`);
}

/** Removes the record of a run. @throws UserError `STATE_UNWRITABLE`. */
export function removeRun(directory: string, record: StoredRun): void {
  remove(pathOf(directory, record));
}

/**
 * All runs that are remembered, oldest first. Read one at a time: there may be thousands, of thousands of files each.
 *
 * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
 */
export function* eachRun(directory: string): Generator<StoredRun> {
  for (const name of recordsIn(directory)) {
    const path = join(directory, RUNS_FOLDER, name);
    let value: unknown;
    try {
      value = JSON.parse(readFileSync(path, 'utf8'));
    } catch (cause) {
      throw damaged(path, 'The record of a run cannot be read', cause);
    }
    if (!isRun(value)) throw damaged(path, 'The record of a run is not as it was written');
    yield value;
  }
}

/**
 * A run's id: when it began, to the second, and four random characters: `20261123T214039Z-k3x9`. Sorts by time.
 *
 * @param random a number in [0, 1).
 */
export function createRunId(startedAt: Date, random: () => number): string {
  const time = startedAt.toISOString().replaceAll(/[-:]|\.\d+/g, '');
  const tail = Array.from({ length: 4 }, () => Math.floor(random() * 36).toString(36)).join('');
  return `${time}-${tail}`;
}

/** What the name of a run's record tells: thousands of records need not be read for it. */
export interface RunName {
  readonly number: number;
  readonly id: string;
  /** When the run began, in Unix ms; undefined where its id does not tell. */
  readonly startedAtMs?: number;
}

/** All runs that are remembered, oldest first. @throws UserError `STATE_UNREADABLE`. */
export function runNames(directory: string): RunName[] {
  return recordsIn(directory).map((name) => {
    const number = Number.parseInt(name, 10);
    const id = name.replace(/^\d+-|\.json$/g, '');
    const time = id.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z-.*$/, '$1-$2-$3T$4:$5:$6Z');
    const startedAtMs = Date.parse(time);
    return { number, id, ...(Number.isNaN(startedAtMs) ? {} : { startedAtMs }) };
  });
}

function recordsIn(directory: string): string[] {
  return namesIn(join(directory, RUNS_FOLDER)).filter(isRunRecord).sort();
}

function isRun(value: unknown): value is StoredRun {
  const texts = ['id', 'command', 'startedAt', 'host', 'endpoint', 'environment', 'state'];
  return (
    texts.every((name) => typeof propertyOf(value, name) === 'string') &&
    typeof propertyOf(value, 'number') === 'number' &&
    Array.isArray(propertyOf(value, 'files'))
  );
}

function pathOf(directory: string, { number, id }: StoredRun): string {
  return join(directory, RUNS_FOLDER, `${String(number).padStart(8, '0')}-${id}.json`);
}
