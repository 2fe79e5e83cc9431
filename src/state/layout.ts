import { randomUUID } from 'node:crypto';
import { join } from 'node:path';

/** What leads to everything else in the state directory: see `state-file.ts`. */
export const STATE_FILE = 'state.json';
/** What was in flight when the last run ended, as a journal. */
export const IN_FLIGHT_FILE = 'in-flight';
/** Who writes to the state directory just now: see `lock.ts`. */
export const LOCK_FILE = 'lock';
/** The folder with a record of each run: see `runs.ts`. */
export const RUNS_FOLDER = 'runs';
/** The folder with the members of each audience: see `audiences.ts`. */
export const AUDIENCES_FOLDER = 'audiences';
const REJECTS_FOLDER = 'rejects';

/** Where a run's rejects file is by default. */
export function rejectsPath(directory: string, runId: string): string {
  return join(directory, REJECTS_FOLDER, `${runId}.ndjson`);
}

/** The path of a segment that is not there yet. */
export function newSegmentPath(directory: string): string {
  return join(directory, `${randomUUID()}.segment`);
}

/** Whether a name in the state directory is that of a segment. */
export function isSegment(name: string): boolean {
  return name.endsWith('.segment');
}

/** Whether a name is that of a file of an audience: see `audiences.ts`. */
export function isOfAudience(name: string): boolean {
  return name.endsWith('.members') || name.endsWith('.planned');
}

/** Whether a name is that of the record of a run: see `runs.ts`. */
export function isRunRecord(name: string): boolean {
  return name.endsWith('.json') && name !== STATE_FILE;
}

/** The name of a run's journal. */
export function journalName(run: number): string {
  return `journal-${run}`;
}

/** The number of the run whose journal has this name; undefined where it is that of something else. */
export function runOfJournal(name: string): number | undefined {
  const [, run] = /^journal-(\d+)$/.exec(name) ?? [];
  return run === undefined ? undefined : Number(run);
}
