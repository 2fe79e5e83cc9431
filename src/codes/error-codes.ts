import type { CodeEntry } from './entry.js';

const error = (meaning: string, remedy: string): CodeEntry => ({ kind: 'error', meaning, remedy });

/** The codes of what keeps a run from starting, or from going on. */
export const ERROR_CODES = {
  AUDIENCE_DROP_TOO_LARGE: error(
    'More members would leave the audience than --max-drop allows.',
    'A snapshot that was cut short looks like this. If they are really gone, allow it with --max-drop 100%. Nothing was sent.',
  ),
  AUDIENCE_EMPTY: error(
    'The snapshot has nobody in it, and the audience has members.',
    'An export that failed looks like this. If everyone has really left, say --allow-empty. Nothing was sent.',
  ),
  AUDIENCE_NAME_MISSING: error(
    'Nothing tells which audience the file is a snapshot of.',
    'Name it with --audience, or name the file after it.',
  ),
  AUDIENCE_OF_REJECTS: error(
    'The file holds rejected records of a snapshot.',
    'As a snapshot of its own it would let everyone else leave, so nothing was sent. Mend the snapshot itself and sync it again.',
  ),
  AUDIENCE_TRUNCATED: error(
    'The snapshot ends early, or has something in it that is no JSON.',
    'Who is missing from a damaged file may not have left, so nothing was sent. Export it again.',
  ),
  AUDIENCE_TWICE: error(
    'One audience is in the files both as a snapshot and as single changes.',
    'It is not known which of the two is newer. Sync them in two runs.',
  ),
  BASELINE_UNREADABLE: error(
    'The file of --baseline is no report of this program.',
    'Make one with rokt-capi validate FILE --report baseline.json, and keep it.',
  ),
  CODE_UNKNOWN: error('There is no such code.', 'rokt-capi explain lists them all.'),
  CONFIG_EXISTS: error(
    'There is a config where init would write one.',
    'Write to another file with --config, or over it with --force.',
  ),
  CONFIG_INVALID: error(
    'A setting of the config has a value that it cannot have.',
    'The message names the setting, the line, and the values that there are.',
  ),
  CONFIG_NOT_FOUND: error(
    'The config file cannot be read.',
    'Check the path given with --config, and that this user may read the file. rokt-capi init writes one.',
  ),
  CONFIG_SYNTAX: error(
    'The config is not valid YAML or JSON.',
    'Mend it at the line and column that the message names. Indentation counts, and a text with : or # in it needs quotes.',
  ),
  CONFIG_UNKNOWN_KEY: error(
    'The config has a setting that there is not.',
    'The message names the nearest one. A misspelt setting would otherwise be ignored for years.',
  ),
  CONFIG_UNWRITABLE: error(
    'The config could not be written.',
    'Check that this user may write into the directory, and that the disk has room.',
  ),
  CONFIG_VARIABLE_MISSING: error(
    'The config takes an environment variable that is not set.',
    'Set it, or write the value into the file. ${NAME} stands for a variable in the values under api.',
  ),
  CREDENTIALS_INVALID: error(
    'The API key has a colon in it, which no key has.',
    'Look whether the key and the secret were copied together.',
  ),
  CREDENTIALS_MISSING: error(
    'The API key or the secret is missing.',
    'Set ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET, or the same names with _FILE for mounted secrets. To rehearse without them, use --sandbox or --dry-run.',
  ),
  CREDENTIALS_UNREADABLE: error(
    'The file that ROKT_CAPI_API_KEY_FILE or ROKT_CAPI_API_SECRET_FILE names cannot be read.',
    'Check the path, and that this user may read it.',
  ),
  CSV_DUPLICATE_HEADER: error(
    'Two columns of the table have one name.',
    'It is not known which of them counts. Rename one of them in the header.',
  ),
  CSV_EMPTY_HEADER: error(
    'A column of the table has no name.',
    'Name it in the header, or take the column out.',
  ),
  CSV_HEADER_TOO_LONG: error(
    'The header has 64 KB or more.',
    'Mostly a quote in it is not closed. If the file is no CSV, name its format with --format.',
  ),
  CSV_HEADER_UNREADABLE: error(
    'The header has a quote in the wrong place, or is none but a row of data.',
    'Quote whole cells only, and double the quotes in them. Where the file has no header, export it with one: else its first row would be lost.',
  ),
  ENDPOINT_INVALID: error(
    'The endpoint is no URL that this program can send to.',
    'Write it as https://host/v2, without a question mark and without credentials in it.',
  ),
  ENDPOINT_NOT_SECURE: error(
    'The endpoint is plain HTTP to another machine.',
    'Credentials and personal data go over TLS only. Write https://.',
  ),
  GROUP_COLUMN_MISSING: error(
    'The table has not the column that source.groupBy names.',
    'Write the name as the header has it, or take the setting out where each row is an order.',
  ),
  INPUT_CHANGED: error(
    'The file is not as it was when an earlier run stopped in the middle of it.',
    'Put it back as it was and run the same command: else it would not be known what was left. --accept-changed goes on all the same.',
  ),
  INPUT_COMPRESSION: error(
    'The compressed file is damaged, or ends early.',
    'Copy or export it again. What came before the damage was read.',
  ),
  INPUT_NOT_FOUND: error(
    'There is no such file.',
    'Check the path; a pattern such as *.csv must match something.',
  ),
  INPUT_STDIN_TWICE: error('Standard input is named twice.', 'It can be read once: name - once.'),
  INPUT_UNREADABLE: error(
    'The file is there, and cannot be read.',
    'Check that this user may read it, and that it is no directory.',
  ),
  INPUT_ZSTD_UNSUPPORTED: error(
    'The file is compressed with zstd, which this Node cannot read.',
    'Use Node 22.15 or later, or decompress it first: zstd -d.',
  ),
  LINE_WITHOUT_RECORD: error(
    'There is no record on the line that --show names.',
    'The line is blank, is the header, or is beyond the end of the file. Lines count from 1, as in an editor and in every message here.',
  ),
  MAPPING_INVALID_OPTION: error(
    'A directive of a mapping has an option that it cannot have.',
    "The message says what it can have. Directives behave as in Segment's mappings.",
  ),
  MAPPING_LIQUID_INVALID: error(
    'A @liquid template cannot be read.',
    'The message says where it goes wrong.',
  ),
  MAPPING_TRIGGER_INVALID: error(
    'A trigger is no FQL.',
    'Write it as in Segment: type = "track" and event = "Order Completed". "and" binds before "or"; brackets help.',
  ),
  MAPPING_UNKNOWN_DIRECTIVE: error(
    'A mapping has a directive that there is not.',
    'The message names the nearest one.',
  ),
  MAPPING_UNKNOWN_FIELD: error(
    "A mapping has a field that Segment's Send action has not.",
    'The message names the nearest one. Further attributes go under eventProperties or user_attributes.',
  ),
  OPTION_CONFLICT: error(
    'Two options contradict each other, or one would write over an input.',
    'The message says which one to keep, or to name another.',
  ),
  OUT_UNWRITABLE: error(
    'The file of --out cannot be written.',
    'Check that its directory can be written to by this user, and that the disk has room.',
  ),
  PLACE_INVALID: error(
    'A column leads to a place that no event has.',
    'Write a place such as properties.order_id, context.ip or products[0].sku.',
  ),
  PORT_UNUSABLE: error(
    'serve-plugin cannot listen on this address and port.',
    'Choose another one with --port and --host; --port 0 takes any that is free.',
  ),
  PROXY_INVALID: error(
    'HTTPS_PROXY is not the address of an HTTP proxy.',
    'Write it as http://host:port, without a path, or unset it.',
  ),
  REJECTS_UNWRITABLE: error(
    'The rejects file could not be written.',
    'Checked before anything is sent, so that no rejection goes untold. Name another place with --rejects.',
  ),
  REPORT_FORMAT_UNKNOWN: error(
    'The name of a report does not tell its format.',
    'Let it end in .html, .json, .xml (JUnit) or .md.',
  ),
  REPORT_UNWRITABLE: error(
    'A report could not be written.',
    'Check that its directory can be written to by this user, and that the disk has room.',
  ),
  RUN_UNKNOWN: error(
    'There is no run with this id, or more than one whose id begins so.',
    'rokt-capi runs lists them.',
  ),
  SANDBOX_PORT_TAKEN: error(
    'The sandbox cannot listen on this address and port.',
    'Most often the port is in use. Choose another one with --port and --host; --port 0 takes any that is free.',
  ),
  STATE_DAMAGED: error(
    'A file of the state is missing, or not as it was written.',
    'Restore the directory from a backup. Without it nobody knows what was delivered; what the server remembers, it still drops when it comes again.',
  ),
  STATE_DISK_FULL: error(
    'The disk of the state directory is full.',
    'Make room and run the same command again: nothing is forgotten, and nothing was sent that could not be recorded.',
  ),
  STATE_LOCKED: error(
    'Another run is using the state directory.',
    'Run it again when that one has ended, or let it wait with --wait. Two runs at once would deliver twice.',
  ),
  STATE_TOO_NEW: error('The state was written by a later version of this program.', 'Use that version.'),
  STATE_UNREADABLE: error(
    'The state directory, or a file in it, cannot be read.',
    'Run as the user that it belongs to, or name another one with --state. What was delivered is not known without it.',
  ),
  STATE_UNWRITABLE: error(
    'The state directory cannot be written to.',
    'Check that it belongs to this user, or name another one with --state.',
  ),
  TEMPORARY_UNWRITABLE: error(
    'A temporary file cannot be written.',
    'Make room in the directory, or name another one in the environment variable TMPDIR.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;
