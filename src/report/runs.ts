import type { JsonValue } from '../interfaces.js';
import { printable } from '../printable.js';
import type { AudienceRecord } from '../state/audiences.js';
import type { StoredRun } from '../state/runs.js';
import { STATES } from './books.js';
import { cellsOf, padCells } from './cells.js';
import { fileNames } from './words.js';

/** When and in which run an event was accepted. */
export interface EventFound {
  /** The event's id, as it was asked for. */
  readonly event: string;
  readonly mapping: string;
  readonly endpoint: string;
  readonly environment: string;
  /** ISO 8601, to the second. */
  readonly acceptedAt: string;
  /** The run's id; absent where its record has expired. */
  readonly run?: string;
}

const COUNTS = ['read', ...STATES] as const;

/** The runs as a table, with a line end after each line. */
export function formatRuns(runs: readonly StoredRun[]): string {
  if (runs.length === 0) return 'No run is remembered.\n';
  const header = ['run', 'start', 'command', ...COUNTS, 'exit', 'duration', 'state', 'files'];
  const rows = runs.map((run) => [
    run.id,
    run.startedAt.replace('T', ' ').slice(0, 19),
    run.command,
    ...COUNTS.map((name) => cell(run.result?.[name])),
    cell(run.result?.exitCode),
    duration(run.result?.durationMs),
    run.state,
    fileNames(
      run.files.map((file) => file.name),
      ' ',
    ),
  ]);
  return formatTable(header, rows);
}

/** One run in full. */
export function formatRun(run: StoredRun): string {
  const lines = [
    `run       ${run.id} (number ${run.number}, ${run.state})`,
    `command   ${run.command}`,
    `started   ${run.startedAt}, process ${run.pid} on ${run.host}`,
    `to        ${run.endpoint} (${run.environment})`,
    ...run.files.map(
      ({ name, content }) => `file      ${name}${content === undefined ? '' : `, ${content.size} bytes`}`,
    ),
    ...Object.entries(run.result ?? {})
      .filter(([name]) => name !== 'runId')
      .map(([name, value]) => `${name.padEnd(9)} ${text(value)}`),
  ];
  return `${lines.map(printable).join('\n')}\n`;
}

/** The audiences of a state, as a table. */
export function formatAudiences(records: readonly AudienceRecord[]): string {
  if (records.length === 0) return 'No audience was synced.\n';
  const header = ['audience', 'members', 'last confirmed sync', 'endpoint', 'environment'];
  const rows = records.map((one) => [
    one.audience,
    String(one.members),
    one.confirmedAt,
    one.endpoint,
    one.environment,
  ]);
  return formatTable(header, rows);
}

/** Where an event was found. */
export function formatEvents(id: string, found: readonly EventFound[]): string {
  if (found.length === 0) return `${printable(`No accepted delivery of the event ${id} is remembered.`)}\n`;
  return found
    .map(
      ({ mapping, endpoint, environment, acceptedAt, run }) =>
        `${printable(`${acceptedAt}  accepted by ${endpoint} (${environment}), mapping ${mapping}, run ${run ?? 'no longer remembered'}`)}\n`,
    )
    .join('');
}

function text(value: JsonValue | undefined): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

function cell(value: unknown): string {
  return value === undefined ? '-' : String(value);
}

function duration(ms: unknown): string {
  return typeof ms === 'number' ? `${(ms / 1000).toFixed(1)} s` : '-';
}

/** A table for people: columns as wide as their widest cell, with a line end after each line. */
function formatTable(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const printed = [header, ...rows.map((row) => row.map(printable))];
  const widths = header.map((_, column) =>
    printed.reduce((most, row) => Math.max(most, cellsOf(row[column] ?? '')), 0),
  );
  const lines = printed.map((row) =>
    row
      .map((text, column) => padCells(text, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
  return `${lines.join('\n')}\n`;
}
