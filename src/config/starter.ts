import { printable } from '../printable.js';
import type { DateOrder } from './config.js';
import { orderTrigger, SOURCE_PRESETS, type SourcePresetName } from './source-presets.js';

/** What a config is written for. */
export interface StarterOptions {
  /** The command that it was written by. */
  readonly command: string;
  readonly preset: SourcePresetName | undefined;
  /** Where the file's columns go; empty for Segment events. */
  readonly columns: readonly {
    readonly column: string;
    readonly place: string;
    /** What for; undefined: nothing is made of it. */
    readonly use: string | undefined;
  }[];
  /** The column that rows of one order have in common; undefined: the preset's, if any. */
  readonly groupBy: string | undefined;
  /** Whether it is for an audience's members instead of events. */
  readonly isSnapshot: boolean;
  readonly pod: string;
  readonly hashEmail: boolean;
  /** Undefined: every time names its zone. */
  readonly timezone: string | undefined;
  readonly dateOrder: DateOrder | undefined;
}

/** What a snapshot is called to people. */
export const SNAPSHOT_TITLE = 'a snapshot of an audience';

/** A commented config that works on the file that it was made of. */
export function writeStarter(options: StarterOptions): string {
  const { command, preset, isSnapshot, pod, hashEmail } = options;
  const ofRows = preset === undefined ? 'plain rows of orders' : SOURCE_PRESETS[preset].title;
  const title = isSnapshot ? SNAPSHOT_TITLE : ofRows;
  const lines = [
    `# Written by \`${printable(command)}\` for ${title}.`,
    '# Every setting is explained in the README, under "The config file".',
    'version: 1',
    '',
    'api:',
    `  pod: ${pod}                # the host that serves your account: us1, us2, eu1, au1 or inbound`,
    '  environment: production # or development: the data is then marked as a test',
    '',
    'hashing:                  # sent as SHA-256 instead of as plain text',
    `  email: ${hashEmail}`,
    '  firstName: false',
    '  lastName: false',
    '  mobile: false',
    '  billingZipcode: false',
    '',
    ...sourceLines(options),
    ...mappingLines(options),
    '',
    'delivery:',
    '  batchesPerSecond: 270   # the limit of your account',
    '  olderThan30Days: live   # or historical, or reject',
    '',
  ];
  return lines.join('\n');
}

function mappingLines({ preset, columns, isSnapshot }: StarterOptions): string[] {
  const orders = preset === undefined || isSnapshot ? undefined : orderTrigger(preset);
  const send = ['  - name: Send', '    preset: send'];
  const examples = [
    '    fields:',
    '      eventProperties:    # more attributes of the conversion',
    ...examplesOf(columns).map(([name, place]) => `        ${name}: { "@path": "$.${place}" }`),
  ];
  const audience = ['  - name: Sync Engage Audience', '    preset: sync-engage-audience'];
  if (orders === undefined) {
    const trigger = `    trigger: 'event = "Order Completed"'`;
    const mapping = ['mappings:', ...send, trigger, ...examples, ...audience];
    return [
      '# A record goes through every mapping whose trigger matches. Without this section, these two are used:',
      ...mapping.map((line) => `# ${line}`),
    ];
  }
  return [
    '# A record goes through every mapping whose trigger matches; one that matches none is skipped.',
    'mappings:',
    ...send,
    '    # Skips what was never paid, was cancelled, or is a test. A refunded order is still sent.',
    `    trigger: '${orders}'`,
    ...(preset === 'shopify'
      ? [
          '    # Only paid orders:',
          `    # trigger: 'event = "Order Completed" and properties.financial_status = "paid"'`,
        ]
      : []),
    ...examples.map((line) => `    #${line.slice(3)}`),
    ...audience,
  ];
}

/** A few columns of which nothing is made, as attributes: the name of each, which no other has, and its place. */
function examplesOf(columns: StarterOptions['columns']): (readonly [name: string, place: string])[] {
  const unused = columns.filter(({ use, place }) => use === undefined && /^properties\.[\w.]+$/.test(place));
  const byName = new Map(unused.map(({ place }) => [place.split('.').at(-1) ?? '', place]));
  return [...byName].slice(0, 3);
}

function sourceLines({ preset, columns, groupBy, timezone, dateOrder }: StarterOptions): string[] {
  const used = columns.filter(({ use }) => use !== undefined);
  const unused = columns.filter(({ use }) => use === undefined);
  const named = preset && SOURCE_PRESETS[preset];
  const settings: string[] = [];
  if (preset !== undefined) settings.push(`  preset: ${preset}`);
  // One of several kinds of export that a system has may have no such column.
  const ofPreset = columns.length === 0 || columns.some(({ column }) => column === named?.groupBy);
  const common = groupBy ?? (ofPreset ? named?.groupBy : undefined);
  if (common !== undefined) {
    settings.push(
      '  # The rows of one order become one event, with the first value of each column that is not blank.',
      `  groupBy: ${quoted(common)}`,
    );
  }
  const identifying = named === undefined ? idColumn(groupBy, columns) : undefined;
  const isIdInPreset = [...(named?.columns.values() ?? [])].some((places) => places.includes('messageId'));
  if (isIdInPreset || identifying !== undefined) {
    settings.push(
      '  # The order number is the id of the event, so that an order exported again is not delivered again.',
    );
  }
  if (timezone !== undefined) settings.push(`  timezone: ${timezone}   # for times without a zone`);
  if (dateOrder !== undefined) {
    settings.push(
      `  dateOrder: ${dateOrder}          # 1/2/2026 is ${dateOrder === 'dmy' ? '1 February' : '2 January'}`,
    );
  }
  if (named === undefined && used.length > 0) {
    settings.push(
      '  columns:',
      ...used.map(({ column, place, use }) => {
        const places = column === identifying ? `[${quoted(place)}, messageId]` : quoted(place);
        return `    ${quoted(column)}: ${places}   # ${use}`;
      }),
    );
  } else if (used.length > 0) {
    settings.push('  # Used:', ...used.map(({ column, use }) => `  #   ${quoted(column)}: ${use}`));
  }
  if (unused.length > 0) {
    settings.push(
      '  # Not used; to send one, map its place as an event property (below), or give it a place under columns:',
      ...unused.map(({ column, place }) =>
        place === `properties.${column}`
          ? `  #   ${quoted(column)}`
          : `  #   ${quoted(column)} (${printable(place)})`,
      ),
    );
  }
  const hasSetting = settings.some((line) => !line.trimStart().startsWith('#'));
  return settings.length === 0 ? [] : [hasSetting ? 'source:' : '# source:', ...settings, ''];
}

/** The column that has the orders' ids, by which an order is known whose rows come again otherwise; unless events have ids. */
function idColumn(groupBy: string | undefined, columns: StarterOptions['columns']): string | undefined {
  return columns.some(({ place }) => place === 'messageId') ? undefined : groupBy;
}

/** A name in double quotes, as YAML reads it: what is not printable stands there escaped. */
function quoted(name: string): string {
  return printable(JSON.stringify(name));
}
