import type { JsonValue, Problem, RecordState, SegmentEvent } from '../interfaces.js';
import type { FieldTrace, MappingTrace } from '../mapping/trace.js';
import { PATHS, type Route } from '../payload/route.js';
import { printable, printableLines } from '../printable.js';
import { problemName } from './group.js';

/** A field, with the column that each place was filled from; without one, the place was in the record itself. */
export type PreviewField = Omit<FieldTrace, 'read'> & {
  readonly read: readonly { readonly place: string; readonly column?: string }[];
};

/** What becomes of one record and why. Holds the record's values: it is for whoever has the file. */
export interface PreviewReport {
  readonly file: string;
  /** On which the record begins. */
  readonly line: number;
  /** As it was read. */
  readonly record: JsonValue;
  /** Absent where it could not be read. */
  readonly event?: SegmentEvent;
  readonly mappings: readonly (Omit<MappingTrace, 'fields'> & { readonly fields: readonly PreviewField[] })[];
  readonly state: RecordState;
  readonly problem?: Problem;
  readonly warnings: readonly Problem[];
  /** Those that it would be sent in. `lines`: of all the records in the batch. */
  readonly batches: readonly {
    readonly path: Route;
    readonly lines: readonly number[];
    readonly body: JsonValue;
  }[];
}

/** As many places are named of a field that is made of many. */
const MOST_PLACES = 4;
/** Longer values are cut; they are in the event, or in what `--json` prints. */
const MOST_CHARACTERS = 160;

const STATE_WORDS: Readonly<Record<RecordState, string>> = {
  accepted: 'would be sent',
  duplicate: 'a duplicate: already delivered, or earlier in this file',
  skipped: "skipped: no mapping's trigger matches, it is switched off for Rokt, or there is nothing to send",
  rejected: 'rejected',
  pending: 'pending',
};

/** The preview for people, with a line end after each line. */
export function formatPreview(report: PreviewReport): string {
  const { file, line, record, event, mappings, state, problem, warnings, batches } = report;
  const sections = [
    `${printable(file)}:${line} ${STATE_WORDS[state]}\n${problemLines([...(problem === undefined ? [] : [problem]), ...warnings])}`,
    `The record\n${indent(formatRecord(record))}`,
  ];
  if (event !== undefined) sections.push(`The event\n${indent(pretty(event))}`);
  sections.push(...mappings.map(formatMapping));
  sections.push(
    ...batches.map(({ path, lines, body }) => {
      const others = lines.filter((other) => other !== line);
      const shared = others.length === 0 ? '' : `, with the records of lines ${others.join(', ')}`;
      return `The batch, to ${PATHS[path]}${shared}\n${indent(pretty(body))}`;
    }),
  );
  return printableLines(sections.join('\n'));
}

function formatMapping({ name, trigger, triggerTrace, fields }: PreviewReport['mappings'][number]): string {
  const { matches, operator, conditions } = triggerTrace;
  const lines = [
    `Mapping "${name}" ${matches ? 'matches' : 'does not match'}: ${trigger}`,
    ...(conditions.length < 2
      ? []
      : conditions.map(
          ({ fql, holds }, index) => `  ${holds ? '✓' : '✗'} ${index === 0 ? '' : `${operator} `}${fql}`,
        )),
  ];
  return `${[...lines, ...fields.flatMap(formatField)].join('\n')}\n`;
}

function formatField({ field, directive, value, read }: PreviewField): string[] {
  const places = read.map(({ place, column }) => (column === undefined ? place : `${column} (${place})`));
  const more = places.length > MOST_PLACES ? ` and ${places.length - MOST_PLACES} more` : '';
  const from = places.length === 0 ? '' : `from ${places.slice(0, MOST_PLACES).join(', ')}${more}, `;
  const by = directive === undefined ? 'built in' : `by ${JSON.stringify(directive)}`;
  return [
    `  ${field} = ${value === undefined ? 'nothing' : shorten(JSON.stringify(value))}`,
    `      ${from}${by}`,
  ];
}

function shorten(text: string): string {
  return text.length <= MOST_CHARACTERS ? text : `${text.slice(0, MOST_CHARACTERS)}…`;
}

function problemLines(problems: readonly Problem[]): string {
  return problems
    .map((problem) => `  ${printable(`${problemName(problem)}: ${problem.message}`)}\n`)
    .join('');
}

/** A row as a table of its columns, anything else as it is. */
function formatRecord(record: JsonValue): string {
  if (typeof record === 'string') return `${record}\n`;
  if (typeof record !== 'object' || record === null || Array.isArray(record)) return pretty(record);
  const entries = Object.entries(record);
  if (entries.some(([, value]) => typeof value === 'object')) return pretty(record);
  return entries
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${printable(`${name}: ${String(value)}`)}\n`)
    .join('');
}

function pretty(value: JsonValue): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}

function indent(text: string): string {
  return text.replaceAll(/^(?=.)/gm, '  ');
}
