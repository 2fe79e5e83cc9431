import { existsSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { writeAtomically } from '../atomic-file.js';
import { SNAPSHOT_LISTS } from '../audience/profile.js';
import type { DateOrder } from '../config/config.js';
import { DEFAULT_POD, PODS } from '../config/endpoint.js';
import { CONFIG_NAMES, isTimezone } from '../config/load.js';
import { SOURCE_PRESETS, type SourcePresetName } from '../config/source-presets.js';
import { SNAPSHOT_TITLE, writeStarter } from '../config/starter.js';
import { EXIT, UserError } from '../errors.js';
import { type ColumnUse, columnUses } from '../input/column-uses.js';
import { hasPartsOfEvent } from '../input/event.js';
import type { InputRecord } from '../input/input-record.js';
import { openInputs } from '../input/open.js';
import { lookAtOrderRows, type OrderRows } from '../input/order-rows.js';
import { PLUGIN_RTID, placeText } from '../input/places.js';
import { createSliceReader } from '../input/reader.js';
import { recognise } from '../input/recognise.js';
import { wholeEvent } from '../input/whole-event.js';
import { lookAtTimes, type TimesSeen } from '../payload/times-seen.js';
import { printable } from '../printable.js';
import { cellsOf, padCells } from '../report/cells.js';
import { commandLine } from './next-steps.js';
import type { InitOptions } from './options.js';
import { checkOutputs } from './outputs.js';
import { Cancelled, Questions } from './questions.js';
import { announceTyping, isTyped } from './typing.js';

/** As many records are looked at. */
const LOOKED_AT = 500;

const NO_COLUMNS: ReadonlyMap<string, readonly string[]> = new Map();

/** What orders have, and hardly the members of an audience. */
const ORDER_PLACES = ['properties.revenue', 'timestamp'];

/** What a file's head shows. */
interface Seen {
  readonly preset: SourcePresetName | undefined;
  readonly columns: readonly ColumnUse[];
  readonly times: TimesSeen;
  /** Of a table of no known system: whether orders have several rows. */
  readonly orderRows: OrderRows | undefined;
  /** Whether it is the JSON object of an audience with its members, which `send` does not read. */
  readonly isSnapshot: boolean;
  /** Whether it is a JSON object with a list of orders, as the API of a shop gives them, which `send` does not read. */
  readonly isWrapped: boolean;
}

/**
 * `rokt-capi init [file]`: writes a config that works on the file, asking on a terminal what the file cannot tell.
 * Ctrl-C there, or Ctrl-D, ends it with 130, and nothing is written.
 *
 * @throws UserError `CONFIG_EXISTS`, `OPTION_CONFLICT`, `CONFIG_UNWRITABLE`, and what opening the file throws.
 */
export async function init(file: string | undefined, options: InitOptions): Promise<void> {
  const path = resolve(options.config ?? CONFIG_NAMES[0]);
  checkNoneThere(path, options);
  checkOutputs(file === undefined ? [] : [file], [{ option: '--config', path }]);
  if (file !== undefined) announceTyping([file]);
  const seen = file === undefined ? nothingSeen(options.preset) : await lookAt(file, options.preset);
  // Who types the file cannot answer there, too: it ends with the input.
  const asks =
    options.yes !== true &&
    process.stdin.isTTY === true &&
    process.stdout.isTTY === true &&
    !isTyped(file ?? '');
  const answers = asks ? await ask(seen) : defaults(seen);
  if (answers === 'cancelled') {
    process.stderr.write('\nCancelled; nothing was written.\n');
    process.exitCode = EXIT.interrupted;
    return;
  }
  const { preset, columns, orderRows, isSnapshot } = seen;
  const groupBy = orderRows?.isTotal === true ? orderRows.column : undefined;
  const command = commandLine(['init', ...(file === undefined ? [] : asArgument(file))]);
  await writeAtomically(
    path,
    writeStarter({ command, preset, columns, groupBy, isSnapshot, ...answers }),
    'CONFIG_UNWRITABLE',
    0o644,
  );
  process.stdout.write(`${describe(seen, path, file, asks).map(printable).join('\n')}\n`);
}

/**
 * A config of another name that is found without --config is not written over, but would not be read any more, or would
 * be read in place of the new one.
 *
 * @throws UserError `CONFIG_EXISTS`.
 */
function checkNoneThere(path: string, { force }: InitOptions): void {
  const isFound = CONFIG_NAMES.some((name) => name === basename(path));
  const files = isFound ? CONFIG_NAMES.map((name) => join(dirname(path), name)) : [path];
  for (const file of files.filter((each) => existsSync(each))) {
    if (file === path && force === true) continue;
    const way = file === path ? 'overwrite this one with --force' : 'remove this one';
    throw new UserError('CONFIG_EXISTS', 'There is already a config.', {
      hint: `Write to another file with --config, or ${way}.`,
      place: { file },
    });
  }
}

function nothingSeen(preset: SourcePresetName | undefined): Seen {
  return {
    preset,
    columns: [],
    times: { dateOrder: undefined, zoneless: false },
    orderRows: undefined,
    isSnapshot: false,
    isWrapped: false,
  };
}

async function lookAt(file: string, given: SourcePresetName | undefined): Promise<Seen> {
  const [input] = await openInputs([file], process.stdin, { columns: NO_COLUMNS, lists: SNAPSHOT_LISTS });
  if (input === undefined) throw new Error('Nothing was opened.');
  const { head, texts, slices } = input;
  const names = head.table?.columns ?? [];
  const preset = given ?? (head.table === undefined ? undefined : recognise(names));
  const configured = preset === undefined ? NO_COLUMNS : SOURCE_PRESETS[preset].columns;
  // The file is opened once, as standard input can be, though only its header says what its columns mean.
  const read = createSliceReader(head, { columns: configured });
  const times: string[] = [];
  const records: InputRecord[] = [];
  const columns = new Set(names);
  let isEvents: boolean | undefined;
  let count = 0;
  for await (const slice of slices) {
    for (const record of read(slice)) {
      const { content, source } = record;
      count += 1;
      records.push(record);
      if (content.kind === 'unreadable') continue;
      const { timestamp } = wholeEvent(content.event);
      if (typeof timestamp === 'string') times.push(timestamp);
      if (source.kind !== 'object') continue;
      isEvents ??= hasPartsOfEvent(source.value);
      // One that has nothing somewhere often has no such key.
      if (!isEvents) for (const key of Object.keys(source.value)) columns.add(key);
    }
    if (count >= LOOKED_AT) break;
  }
  const uses = columnUses([...columns], configured);
  const isOrders = ORDER_PLACES.every((order) => uses.some(({ place }) => place === order));
  if (texts !== undefined && !isOrders) return { ...nothingSeen(given), isSnapshot: true };
  return {
    preset: preset ?? (isEvents === true ? 'segment' : recognise([...columns])),
    columns: uses,
    times: lookAtTimes(times),
    orderRows: preset === undefined ? lookAtOrderRows(records, uses) : undefined,
    isSnapshot: false,
    isWrapped: texts !== undefined,
  };
}

/** What the config says that the file does not. */
interface Answers {
  readonly pod: string;
  readonly hashEmail: boolean;
  readonly timezone: string | undefined;
  readonly dateOrder: DateOrder | undefined;
}

function defaults({ times }: Seen): Answers {
  return {
    pod: DEFAULT_POD,
    hashEmail: false,
    timezone: times.zoneless ? 'UTC' : undefined,
    dateOrder: times.dateOrder === 'either' ? 'mdy' : times.dateOrder,
  };
}

/** @returns `cancelled` where Ctrl-C or Ctrl-D answers a question. */
async function ask(seen: Seen): Promise<Answers | 'cancelled'> {
  const standard = defaults(seen);
  const terminal = new Questions();
  try {
    const pod = await terminal.choose('Which host serves your account?', Object.keys(PODS), standard.pod);
    const hash = await terminal.choose('Hash e-mail addresses before they are sent?', ['yes', 'no'], 'no');
    const order =
      seen.times.dateOrder === 'either'
        ? await terminal.choose(
            'Which comes first in a date such as 1/2/2026, the day or the month?',
            ['day', 'month'],
            'month',
          )
        : undefined;
    const known = seen.preset === undefined ? undefined : SOURCE_PRESETS[seen.preset].timezone;
    const zone = standard.timezone && (known ?? (await askZone(terminal)));
    const dateOrder = order === undefined ? standard.dateOrder : order === 'day' ? 'dmy' : 'mdy';
    return { pod, hashEmail: hash === 'yes', timezone: zone, dateOrder };
  } catch (error) {
    if (error instanceof Cancelled) return 'cancelled';
    throw error;
  } finally {
    terminal.close();
  }
}

function askZone(terminal: Questions): Promise<string> {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return terminal.ask({
    text: 'In which time zone, such as Europe/Berlin, are times without a zone?',
    preferred: own,
    read: (answer) => (isTimezone(answer) ? answer : undefined),
    refusal: 'No such time zone is known.',
  });
}

/** Where a user may be found by, the usual one first. */
const IDENTIFIER_PLACES = [
  'properties.email',
  'traits.email',
  'userId',
  placeText(PLUGIN_RTID),
  'context.page.search',
  'context.device.id',
  'context.device.advertisingId',
  'context.ip',
];

/** @param asked whether what the file does not show was asked for. */
function describe(seen: Seen, path: string, file: string | undefined, asked: boolean): string[] {
  const { preset, columns, times, orderRows, isSnapshot, isWrapped } = seen;
  const ofRows = preset === undefined ? 'plain rows of no known system' : SOURCE_PRESETS[preset].title;
  const title = isSnapshot ? SNAPSHOT_TITLE : ofRows;
  const used = columns.filter(({ use }) => use !== undefined);
  const lines = [`Wrote ${path}`, ''];
  if (file !== undefined) lines.push(`${file === '-' ? 'Standard input' : file} looks like ${title}.`);
  const width = Math.max(0, ...used.map(({ column }) => cellsOf(printable(column))));
  for (const { column, use } of used) lines.push(`  ${padCells(printable(column), width)}  → ${use}`);
  const rest = columns.length - used.length;
  if (rest > 0)
    lines.push(
      `  ${rest} ${rest === 1 ? 'column is' : 'columns are'} not used; the config lists ${rest === 1 ? 'it' : 'them'}.`,
    );
  if (preset !== undefined && !isSnapshot && SOURCE_PRESETS[preset].isOrder !== undefined) {
    lines.push(
      '  What was never paid, was cancelled, or is a test is skipped: see the trigger in the config.',
    );
  }
  if (orderRows?.isTotal === true) {
    lines.push(`  Consecutive rows with the same ${orderRows.column} are one order: see source.groupBy.`);
  }
  if (orderRows?.isTotal === false) {
    lines.push(
      `  ! Rows with the same ${orderRows.column} have different amounts: each would be sent as an order of its own. If they are the items of one order, export its total, and group the rows with source.groupBy.`,
    );
  }
  if (isWrapped) {
    lines.push(
      '  ! The records are a list in an object; send reads a list alone: write it to a file of its own.',
    );
  }
  const places = new Set(columns.map(({ place }) => place));
  const missing = [
    ['a time: a record without one is rejected', 'timestamp'],
    ['an e-mail address or another identifier: a record without one is rejected', ...IDENTIFIER_PLACES],
    ['an amount', 'properties.revenue'],
  ].filter(([, ...any]) => columns.length > 0 && !any.some((place) => places.has(place)));
  for (const [what = '', place = ''] of missing) {
    lines.push(
      `  ! No column looks like ${what}. Give the right column the place ${place} under source.columns.`,
    );
  }
  if (times.dateOrder === 'either' && !asked) {
    lines.push(
      '  ! Dates such as 1/2/2026 do not show whether the day or the month comes first: see source.dateOrder.',
    );
  }
  const config = path === resolve(CONFIG_NAMES[0]) ? [] : ['--config', path];
  const input = asArgument(file ?? 'orders.csv');
  const commands = isSnapshot
    ? [
        ['sync-audience', ...config, '--dry-run', ...input],
        ['sync-audience', ...config, '--sandbox', ...input],
      ]
    : [
        ['validate', ...config, ...input],
        ['send', ...config, '--sandbox', ...input],
      ];
  lines.push('', 'Next:', ...commands.map((words) => `  ${commandLine(words)}`));
  return lines;
}

/** A file behind the options, also where its name looks like one of them. */
function asArgument(file: string): string[] {
  return file.startsWith('-') && file !== '-' ? ['--', file] : [file];
}
