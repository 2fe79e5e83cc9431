import { isUtf8 } from 'node:buffer';
import { lstatSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../errors.js';
import type { GroupBy } from '../interfaces.js';
import { isLeftByAnother } from '../other-user.js';
import { columnKey } from './column-key.js';
import type { Config, MappingEntry } from './config.js';
import { mayBeDays, parseDuration } from './duration.js';
import { DEFAULT_POD, PODS, parseEndpoint } from './endpoint.js';
import { toUserError } from './issues.js';
import { type PositionedFile, parsePositioned } from './positions.js';
import { type ConfigFile, configSchema } from './schema.js';
import { leadTo, orderTrigger, SOURCE_PRESETS, tellingPlaces } from './source-presets.js';
import { checkVariables, withVariables } from './variables.js';

/** The names a config file can have, in the order they are looked for. */
export const CONFIG_NAMES = [
  'rokt-capi.config.yaml',
  'rokt-capi.config.yml',
  'rokt-capi.config.json',
] as const;

/** One file is not worth that a parser is generated for it. */
const PARSING = { jitless: true };

/** What a shell makes another path of: `~/state`, `$HOME/state`, `/mnt/${NAME}`. */
const SHELL_PATH = /^~(?:\/|$)|^\$[A-Za-z_]|\$\{[A-Za-z_]\w*\}/;

/** The mappings of a config that names none. */
export const DEFAULT_MAPPINGS: readonly MappingEntry[] = [
  { name: 'Send', preset: 'send' },
  { name: 'Sync Engage Audience', preset: 'sync-engage-audience' },
];

/**
 * Loads the config: `path` if given, else the first of {@link CONFIG_NAMES} from `cwd` upwards, else defaults.
 *
 * @param env where `${NAME}` in `api` values is looked up.
 * @throws UserError with a `CONFIG_…` or `ENDPOINT_…` code, file, line and column.
 */
export function loadConfig(options: {
  readonly path?: string | undefined;
  readonly cwd: string;
  readonly env: NodeJS.ProcessEnv;
}): Config {
  const file = options.path === undefined ? findConfig(options.cwd) : resolve(options.cwd, options.path);
  if (file === undefined) return resolveConfig({ version: 1 }, options.cwd, undefined);
  const positioned = parsePositioned(readConfig(file), file);
  const parsed = configSchema.safeParse(withVariables(positioned, options.env), PARSING);
  if (!parsed.success) throw toUserError(parsed.error, positioned);
  checkVariables(positioned);
  // Beside a pipe (`--config <(…)`) nothing can be kept.
  return resolveConfig(parsed.data, statSync(file).isFile() ? dirname(file) : options.cwd, positioned);
}

function findConfig(from: string): string | undefined {
  for (let directory = resolve(from); ; directory = dirname(directory)) {
    const found = CONFIG_NAMES.map((name) => join(directory, name)).find(isThere);
    if (found !== undefined && isLeftByAnother(found)) throw leftByAnother(found);
    if (found !== undefined || dirname(directory) === directory) return found;
  }
}

/** Such a file is not used just because it was found: it says where records and credentials are sent. */
function leftByAnother(file: string): UserError {
  return new UserError(
    'CONFIG_NOT_FOUND',
    'The config file that was found belongs to another user, in a directory that all may write to, so it is not used.',
    {
      hint: 'If it is the right one, name it with --config; else name yours, or work in another directory.',
      place: { file },
    },
  );
}

/** A link that leads nowhere is there too: the config was meant to be, and the defaults hash nothing. */
function isThere(path: string): boolean {
  try {
    return lstatSync(path, { throwIfNoEntry: false }) !== undefined;
  } catch {
    return false;
  }
}

function readConfig(file: string): string {
  const bytes = readBytes(file);
  const text = bytes.toString('utf8');
  // The byte order mark is no column of the first line. The YAML parser takes a CR alone for no end of a line.
  if (isUtf8(bytes)) return text.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  // What is not UTF-8 was read as U+FFFD.
  const line = text.slice(0, text.indexOf('\uFFFD')).split('\n').length;
  throw new UserError('CONFIG_SYNTAX', 'The file is not UTF-8.', {
    hint: 'Save it as UTF-8: names with other than English letters would not be found in the input.',
    place: { file, line },
  });
}

function readBytes(file: string): Buffer {
  try {
    return readFileSync(file);
  } catch (cause) {
    throw new UserError('CONFIG_NOT_FOUND', 'The config file cannot be read.', {
      hint: 'Check the path, or where a link there leads, and that this user may read the file.',
      place: { file },
      cause,
    });
  }
}

function resolveConfig(data: ConfigFile, directory: string, positioned: PositionedFile | undefined): Config {
  const error: Config['error'] = (path, code, message, hint, part) => {
    const place = part === 'key' ? positioned?.placeOfKey(path) : positioned?.placeOf(path);
    return new UserError(code, message, { hint, ...(place === undefined ? {} : { place }) });
  };
  checkSettings(data, error);
  const { api, hashing, source, delivery } = data;
  return {
    file: positioned?.placeOf([]).file,
    endpoint: parseEndpoint(
      api?.endpoint ?? PODS[api?.pod ?? DEFAULT_POD],
      positioned?.placeOf(['api', 'endpoint']),
    ),
    environment: api?.environment ?? 'production',
    hashing: {
      email: hashing?.email ?? false,
      firstName: hashing?.firstName ?? false,
      lastName: hashing?.lastName ?? false,
      mobile: hashing?.mobile ?? false,
      billingZipcode: hashing?.billingZipcode ?? false,
    },
    columns: columnsOf(source),
    ownColumns: Object.keys(source?.columns ?? {}),
    groupBy: groupByOf(source),
    dateOrder: source?.dateOrder,
    timezone: source?.timezone ?? 'UTC',
    mappings: mappingsOf(data),
    delivery: {
      batchesPerSecond: delivery?.batchesPerSecond ?? 270,
      concurrency: delivery?.concurrency ?? 4,
      olderThan30Days: delivery?.olderThan30Days ?? 'live',
      giveUpAfterMs: durationOf(delivery?.giveUpAfter ?? '15m', 'giveUpAfter', error),
      rememberMs: durationOf(delivery?.rememberFor ?? '90d', 'rememberFor', error),
      resendChanged: delivery?.resendChanged ?? false,
    },
    stateDirectory: resolve(directory, data.state ?? '.rokt-capi'),
    error,
  };
}

/** Checks what the schema cannot say. @throws UserError `CONFIG_INVALID`. */
function checkSettings({ api, mappings = [], source, state }: ConfigFile, error: Config['error']): void {
  if (api?.pod !== undefined && api.endpoint !== undefined) {
    throw error(
      ['api', 'endpoint'],
      'CONFIG_INVALID',
      'api has both a pod and an endpoint.',
      'Keep one of them.',
    );
  }
  const names = new Set<string>();
  for (const [index, { name }] of mappings.entries()) {
    if (names.has(name)) {
      throw error(
        ['mappings', index, 'name'],
        'CONFIG_INVALID',
        `Two mappings are called "${name}".`,
        'Give each mapping its own name: deliveries are remembered under it.',
      );
    }
    names.add(name);
  }
  if (state !== undefined && SHELL_PATH.test(state)) {
    throw error(
      ['state'],
      'CONFIG_INVALID',
      'state has a ~ or a $NAME in it, which only a shell replaces.',
      'Write the path itself, or leave it out and give it with --state "$NAME".',
    );
  }
  if (source?.timezone !== undefined && !isTimezone(source.timezone)) {
    throw error(
      ['source', 'timezone'],
      'CONFIG_INVALID',
      'source.timezone is not an IANA time zone.',
      'Write a name such as Europe/Berlin, America/New_York or UTC.',
    );
  }
}

/** A duration under `delivery`, in ms. @throws UserError `CONFIG_INVALID`. */
function durationOf(
  written: string | number,
  key: 'giveUpAfter' | 'rememberFor',
  error: Config['error'],
): number {
  const ms = parseDuration(written);
  // 90 is meant as days, and 90 seconds later all would be sent again.
  const isBare = key === 'rememberFor' && ms !== undefined && mayBeDays(written);
  if (ms !== undefined && !isBare) return ms;
  throw error(
    ['delivery', key],
    'CONFIG_INVALID',
    isBare ? `delivery.${key} has no unit.` : `delivery.${key} is not a duration.`,
    'Write a number and a unit: 30s, 15m, 2h, 90d.',
  );
}

/**
 * Those of the preset, unless the file itself maps the column. What tells an order from what is none stays where the
 * trigger looks for it all the same, unless the file has another column there.
 */
function columnsOf(source: ConfigFile['source']): ReadonlyMap<string, readonly string[]> {
  const written = [...leadTo(source?.columns ?? {})];
  if (source?.preset === undefined) return new Map(written);
  const taken = written.flatMap(([, places]) => places);
  const telling = tellingPlaces(source.preset).filter((place) => !taken.includes(place));
  const columns = new Map<string, readonly string[]>(written);
  for (const [name, places] of SOURCE_PRESETS[source.preset].columns) {
    const own = written.find(([each]) => columnKey(each) === columnKey(name));
    if (own === undefined) columns.set(name, places);
    else columns.set(own[0], [...own[1], ...places.filter((place) => telling.includes(place))]);
  }
  return columns;
}

/** Those of the file, or the default ones; where `source.preset` says what an order is, it is in the default trigger. */
function mappingsOf({ mappings, source }: ConfigFile): readonly MappingEntry[] {
  const orders = source?.preset === undefined ? undefined : orderTrigger(source.preset);
  const entries =
    mappings?.map(({ name, preset, trigger, fields }) => ({
      name,
      preset: preset ?? 'send',
      ...(trigger === undefined ? {} : { trigger }),
      ...(fields === undefined ? {} : { fields }),
    })) ?? DEFAULT_MAPPINGS;
  if (orders === undefined) return entries;
  return entries.map((entry) => (entry.preset === 'send' ? { trigger: orders, ...entry } : entry));
}

function groupByOf(source: ConfigFile['source']): GroupBy | undefined {
  if (source?.groupBy !== undefined) return { column: source.groupBy, required: true };
  const preset = source?.preset && SOURCE_PRESETS[source.preset];
  return preset?.groupBy === undefined ? undefined : { column: preset.groupBy, required: false };
}

/** Whether a config may name this as its time zone. */
export function isTimezone(name: string): boolean {
  // To ask Intl takes 15 ms.
  if (name === 'UTC') return true;
  try {
    new Intl.DateTimeFormat('en', { timeZone: name });
    return true;
  } catch {
    return false;
  }
}
