import type { Report } from './report.js';

/** A number with what it counts: `1 event`, `2 batches`. */
export function counted(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`;
}

/** A time to the minute, for people, in UTC: `2026-05-01 10:00`. @param iso ISO 8601. */
export function toMinute(iso: string): string {
  return iso.slice(0, 16).replace('T', ' ');
}

/** Which run a report is of, where it went and when, in a line for people. */
export function whichRun({ createdAt, destination, result }: Report): string {
  const where = result.dryRun ? 'dry run: nothing was sent' : `to ${destination}`;
  return `${where} · ${toMinute(createdAt)} UTC · run ${result.runId}`;
}

const [MOST_NAMES, FIRST_NAMES] = [10, 3];

/** The files of a run, as they are written for people; of a great many the first few, and how many they are. */
export function fileNames(names: readonly string[], separator = ', '): string {
  if (names.length <= MOST_NAMES) return names.join(separator);
  return [...names.slice(0, FIRST_NAMES), `… (${counted(names.length, 'file')})`].join(separator);
}
