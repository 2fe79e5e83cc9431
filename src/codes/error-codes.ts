import type { CodeEntry } from './entry.js';

const error = (meaning: string, remedy: string): CodeEntry => ({ kind: 'error', meaning, remedy });

/** The codes of what keeps a run from starting, or from going on. */
export const ERROR_CODES = {
  AUDIENCE_DROP_TOO_LARGE: error(
    'More members would leave the audience than --max-drop allows.',
    'Nothing was sent. A snapshot that was cut short looks like this. If these members have really left, allow it with --max-drop 100%.',
  ),
  AUDIENCE_EMPTY: error(
    'The snapshot names no member of the audience.',
    'Nothing was sent. An export that failed looks like this, and one in which all profiles have false for this audience. If everyone has really left, add --allow-empty. A list under a name that is not known is not read: the message says how to call it. Whoever made a call of a page or an order is no member for that.',
  ),
  AUDIENCE_NAME_MISSING: error(
    'The file does not say which audience it is a snapshot of.',
    'Name the audience with --audience, or name the file after it. Where the records name several audiences, export each to a file of its own. Where they have false for is_member, call that audience_membership if it is of this audience.',
  ),
  AUDIENCE_NOT_MAPPED: error(
    'The mapping does not add the members of a snapshot to its audience.',
    'Nothing was sent: whoever was added under another name would never leave. Take engageAudienceName, computationAction, traitsOrProps and audienceDetails out of the mapping, and name the audience with --audience.',
  ),
  AUDIENCE_OF_REJECTS: error(
    'The file is a rejects file, not a snapshot.',
    'Nothing was sent: synced as a snapshot, it would make everyone else leave. Fix the snapshot itself and sync that again.',
  ),
  AUDIENCE_TRUNCATED: error(
    'The snapshot ends early, or is not valid JSON throughout.',
    'Nothing was sent: people who are missing from a damaged file may not have left. Export it again.',
  ),
  AUDIENCE_TWICE: error(
    'A file, or the files of one audience, are both a snapshot and changes.',
    'It is not known which of the two is newer, or who is a member. Sync them in two runs; from a file of changes leave out what is none, or put a change first: then the others are skipped.',
  ),
  BASELINE_UNREADABLE: error(
    'The file of --baseline is not a JSON report of rokt-capi, or one of a run without records.',
    'Write one with rokt-capi validate FILE --report baseline.json, and keep it if FILE had records that were not delivered before.',
  ),
  CODE_UNKNOWN: error('There is no such code.', 'rokt-capi explain lists them all.'),
  CONFIG_EXISTS: error(
    'There is already a config where init would write one.',
    'Write to another file with --config, or overwrite this one with --force.',
  ),
  CONFIG_INVALID: error(
    'A setting of the config has an invalid value.',
    'The message names the setting, its line and the valid values.',
  ),
  CONFIG_NOT_FOUND: error(
    'The config file cannot be read, or another user has left it where all may write.',
    'Check the path given with --config, and that this user may read the file. rokt-capi init writes one.',
  ),
  CONFIG_SYNTAX: error(
    'The config is not valid YAML or JSON.',
    'Fix it at the line and column in the message. Indentation counts, and a text with :, # or braces in it needs quotes.',
  ),
  CONFIG_UNKNOWN_KEY: error(
    'The config has an unknown setting.',
    'The message names the nearest known one. If it were ignored, a misspelt setting could go unnoticed for years.',
  ),
  CONFIG_UNWRITABLE: error(
    'The config could not be written.',
    'Check that this user may write into the directory, and that the disk has room.',
  ),
  CONFIG_VARIABLE_MISSING: error(
    'The config uses an environment variable that is not set.',
    'Set it, or write the value into the file. In the values under api, ${NAME} stands for a variable.',
  ),
  CREDENTIALS_INVALID: error(
    'The API key contains a colon, which no key has.',
    'Check whether the key and the secret were copied together.',
  ),
  CREDENTIALS_MISSING: error(
    'The API key or the secret is missing.',
    'Set ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET, or the same names with _FILE for mounted secrets. To rehearse without them, use --sandbox or --dry-run.',
  ),
  CREDENTIALS_UNREADABLE: error(
    'The file that ROKT_CAPI_API_KEY_FILE, ROKT_CAPI_API_SECRET_FILE or ROKT_CAPI_ACCOUNT_FILE names cannot be read.',
    'Check the path, and that this user may read it.',
  ),
  CSV_DUPLICATE_HEADER: error(
    'Two columns of the table have the same name.',
    'It is not known which of them counts. Rename one of them in the header.',
  ),
  CSV_EMPTY_HEADER: error(
    'A column of the table has no name.',
    'Name it in the header, or remove the column.',
  ),
  CSV_HEADER_CHANGED: error(
    'A table that was joined of several has other columns from here on, or has them in another order.',
    'What follows would be read by the first header, each value as that of another column, so nothing from about here on was sent. Name the files one after the other instead of joining them: each is read by its own header. What was sent counts as duplicate then.',
  ),
  CSV_HEADER_TOO_LONG: error(
    'The header has 64 KB or more.',
    'Usually a quote in it is not closed. If the file is not a CSV, name its format with --format.',
  ),
  CSV_HEADER_UNREADABLE: error(
    'The header has a quote in the wrong place, or the first line is data instead of a header.',
    'Quote whole cells only, and double the quotes inside them. If the file has no header, export it with one: its first row would be lost.',
  ),
  ENDPOINT_INVALID: error(
    'The endpoint is not a URL that rokt-capi can send to.',
    'Write it as https://host/v2, without a query and without credentials.',
  ),
  ENDPOINT_NOT_SECURE: error(
    'The endpoint is plain HTTP to another machine.',
    'Credentials and personal data are sent over TLS only. Write https://.',
  ),
  GROUP_COLUMN_MISSING: error(
    'The table does not have the column that source.groupBy names.',
    'Write the name as it is in the header, or remove the setting if each row is an order.',
  ),
  INPUT_CHANGED: error(
    'The file has changed since an earlier run stopped part-way through it.',
    'Put it back as it was and run the same command: the changed file may not hold what was left to send. --accept-changed goes on with it as it is.',
  ),
  INPUT_COMPRESSION: error(
    'The compressed file is damaged, or ends early.',
    'Copy or export it again, then run the same command; with --accept-changed if it was exported again and a part of it was sent, since it is compressed into other bytes then. Of what stands before the damage, a part may not have been read, and of the files after it nothing: to send those first, leave this one out.',
  ),
  INPUT_NOT_FOUND: error(
    'There is no such file.',
    'Check the path; a pattern such as *.csv must match something.',
  ),
  INPUT_STDIN_TWICE: error('Standard input is named twice.', 'It can be read only once: name - once.'),
  INPUT_UNREADABLE: error(
    'The file exists but cannot be read.',
    'Check that this user may read it, and that it is not a directory.',
  ),
  INPUT_ZSTD_UNSUPPORTED: error(
    'The file is compressed with zstd, which this Node cannot read.',
    'Use Node 22.15 or later, or decompress the file first: zstd -d.',
  ),
  LINE_WITHOUT_RECORD: error(
    'There is no record on the line that --show names.',
    'The line is blank, is the header, or is beyond the end of the file. Lines count from 1, as in an editor and in every message.',
  ),
  MAPPING_INVALID_OPTION: error(
    'A directive of a mapping has an invalid option.',
    "The message says which are valid. Directives behave as in Segment's mappings.",
  ),
  MAPPING_LIQUID_INVALID: error('A @liquid template cannot be read.', 'The message says where the error is.'),
  MAPPING_TRIGGER_INVALID: error(
    'A trigger is not valid FQL.',
    'Write it as in Segment: type = "track" and event = "Order Completed". Put parentheses where "and" and "or" meet.',
  ),
  MAPPING_UNKNOWN_DIRECTIVE: error(
    'A mapping has an unknown directive.',
    'The message names the nearest known one.',
  ),
  MAPPING_UNKNOWN_FIELD: error(
    "A mapping has a field that Segment's Send action does not have.",
    'The message names the nearest known one. Further attributes go under eventProperties or user_attributes.',
  ),
  OPTION_CONFLICT: error(
    'Two options contradict each other, one contradicts the input, or one would overwrite an input file.',
    'The message says which option to remove or to change.',
  ),
  OUT_UNWRITABLE: error(
    'The file of --out cannot be written.',
    'Check that this user may write into its directory, and that the disk has room.',
  ),
  PLACE_INVALID: error(
    'A column is mapped to a place that no event has.',
    'Write a place such as properties.order_id, context.ip or products[0].sku. A name alone (coupon) is a property; one that stands elsewhere in an event (rtid, ip, user_id) or is nearly a part of it (propertes.revenue) is an error, since nothing would look for it there.',
  ),
  PORT_UNUSABLE: error(
    'serve-plugin cannot listen on this address and port.',
    'Choose another with --port and --host; --port 0 takes any free port.',
  ),
  PROXY_INVALID: error(
    'HTTPS_PROXY is not the address of an HTTP proxy.',
    'Write it as http://host:port, without a path, or unset it. Where it has a user and a password (http://user:password@host:port), a %, /, # or ? of these is written as %25, %2F, %23 or %3F.',
  ),
  REJECTS_UNWRITABLE: error(
    'The rejects file could not be written.',
    'Name another place with --rejects. This is checked before anything is sent, so that no rejection goes unreported.',
  ),
  REPORT_FORMAT_UNKNOWN: error(
    'The file name of a report does not show its format.',
    'Give it the ending .html, .json, .xml (JUnit) or .md.',
  ),
  REPORT_UNWRITABLE: error(
    'A report could not be written.',
    'Check that this user may write into its directory, and that the disk has room.',
  ),
  RUN_UNKNOWN: error(
    'No run has this id, or the ids of several runs begin with it.',
    'rokt-capi runs lists them.',
  ),
  SANDBOX_PORT_TAKEN: error(
    'The sandbox cannot listen on this address and port.',
    'Usually the port is in use. Choose another with --port and --host; --port 0 takes any free port.',
  ),
  STATE_DAMAGED: error(
    'A file of the state is missing or damaged.',
    'A file in audiences/ or runs/, in-flight and a journal can be moved away alone, as the message says. For another, restore the directory from a backup, and send the files since then again, as they were and in their order, before newer ones: the server drops the batches that it has, and a newer file with the same orders may put them into others. Without a backup, what was delivered is not known, and only the server (for as long as it remembers) drops what it already has.',
  ),
  STATE_DISK_FULL: error(
    'The disk of the state directory is full.',
    'Make room and run the same command again. Nothing is lost: what could not be recorded was not sent.',
  ),
  STATE_LOCKED: error(
    'Another run is using the state directory.',
    'Run it again when that run has ended, or wait for it with --wait. Two runs at once would deliver twice. A run that was frozen for more than a minute may find that another has taken its state over, and stops.',
  ),
  STATE_TOO_NEW: error(
    'The state was written by a later version of rokt-capi.',
    'Use that version again. Another directory (--state) knows nothing of earlier runs: what they delivered would be sent again.',
  ),
  STATE_UNREADABLE: error(
    'The state directory, or a file in it, cannot be read.',
    'Run as the user who owns it, or make this user its owner (chown -R), as after a run as root. Another directory (--state) knows nothing of earlier runs: what they delivered would be sent again. Where the disk fails, or a network file system is away (EIO, ESTALE), run the same command once it is back.',
  ),
  STATE_UNWRITABLE: error(
    'The state directory cannot be written to.',
    'Let this user write there. Another directory (--state) knows nothing of earlier runs: what they delivered would be sent again.',
  ),
  TEMPORARY_UNWRITABLE: error(
    'A temporary file cannot be written.',
    'Make room in its directory, or name another one in the environment variable TMPDIR.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;
