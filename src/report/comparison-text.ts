import type { JsonValue } from '../interfaces.js';
import { printable } from '../printable.js';
import { cellsOf, padCells } from './cells.js';
import { type Comparison, type DeliveryChange, isOfOrderAlone } from './comparison.js';
import { formatPlaces, type Group } from './group.js';

const SIGNS = { added: '+', removed: '-', changed: '~' } as const;

/** One line of a comparison: what it counts, in words, and the records. */
export interface ComparisonRow extends Group {
  /** What kind of change it is; absent of one that is none. */
  readonly sign?: '+' | '-' | '~';
  readonly text: string;
  /** Whether `text` is a name of the config or the wire. */
  readonly isName: boolean;
}

/** A comparison as sections of lines, those with no records left out. */
export function comparisonSections(
  comparison: Comparison,
): { readonly title: string; readonly rows: readonly ComparisonRow[] }[] {
  const { same, differ, onlyNow, onlyBefore, neither, again, reasons, mappings, fields } = comparison;
  const plain = (text: string, { count, places }: Group, sign?: ComparisonRow['sign']): ComparisonRow => ({
    text,
    count,
    places,
    isName: false,
    ...(sign === undefined ? {} : { sign }),
  });
  const sections = [
    {
      title: `Against ${comparison.against}`,
      rows: [
        plain('the same', { count: same, places: [] }),
        plain('differ', differ, '~'),
        plain('sent now, not before', onlyNow, '+'),
        plain('sent before, not now', onlyBefore, '-'),
        plain('sent by neither', { count: neither, places: [] }),
        plain('would be delivered again (another id or mapping)', again),
      ].filter(({ count }, index) => index === 0 || count > 0),
    },
    { title: 'Why not sent now', rows: reasons.map((row) => plain(row.reason, row)) },
    {
      title: 'Mappings that match with only one of the two',
      rows: mappings.map(({ mapping, change, ...rest }) => ({
        ...rest,
        sign: SIGNS[change],
        text: mapping,
        isName: true,
      })),
    },
    {
      title: 'Fields that differ',
      rows: fields.map(({ field, change, ...rest }) => ({
        ...rest,
        sign: SIGNS[change],
        text: field,
        isName: true,
      })),
    },
  ];
  return sections.filter(({ rows }) => rows.length > 0);
}

/** A comparison for people, as lines. */
export function formatComparison(comparison: Comparison): string[] {
  return comparisonSections(comparison).flatMap(({ title, rows }) => {
    const width = Math.max(...rows.map(({ count }) => String(count).length));
    const textWidth = Math.max(...rows.map(({ text }) => cellsOf(printable(text))));
    return [
      '',
      `${title}:`,
      ...rows.map((row) => {
        const { sign = ' ', text, count } = row;
        return `  ${sign} ${String(count).padStart(width)}  ${padCells(printable(text), textWidth)}  ${formatPlaces(row)}`.trimEnd();
      }),
    ];
  });
}

/** How the batches of one record differ between two configs. Holds the record's values: it is for whoever has the file. */
export interface RecordDiff {
  readonly file: string;
  /** On which the record begins. */
  readonly line: number;
  readonly against: string;
  /** What becomes of it, in words. */
  readonly before: string;
  readonly now: string;
  readonly deliveries: readonly DeliveryChange[];
}

/** The difference for people, with a line end after each line. */
export function formatRecordDiff({ file, line, against, before, now, deliveries }: RecordDiff): string {
  const lines = [`${file}:${line} with ${against}: ${before}; now: ${now}`];
  if (deliveries.length === 0) lines.push('No batch differs.');
  for (const delivery of deliveries) {
    const { mapping, fields } = delivery;
    lines.push('', `Mapping "${mapping}"`);
    if (isOfOrderAlone(delivery)) lines.push('  The fields are the same, in another order.');
    for (const { field, before: then, now: after } of fields) {
      if (then !== undefined) lines.push(`  - ${field} = ${text(then)}`);
      if (after !== undefined) lines.push(`  + ${field} = ${text(after)}`);
    }
  }
  return `${lines.map(printable).join('\n')}\n`;
}

function text(value: JsonValue): string {
  return JSON.stringify(value);
}
