/**
 * Every code that a message can have, for `rokt-capi explain` and the README's table. An error or a reason that is not
 * in here does not compile.
 */
export interface CodeEntry {
  /**
   * `error`: the run did not start, or could not go on. `rejected`: a record was not sent. `warning`: it was sent, and
   * something should be looked at.
   */
  readonly kind: 'error' | 'rejected' | 'warning';
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What to do, and why it is so. */
  readonly remedy: string;
}

const error = (meaning: string, remedy: string): CodeEntry => ({ kind: 'error', meaning, remedy });
const rejected = (meaning: string, remedy: string): CodeEntry => ({ kind: 'rejected', meaning, remedy });
const warning = (meaning: string, remedy: string): CodeEntry => ({ kind: 'warning', meaning, remedy });

/** See {@link CodeEntry}. */
export const CODES = {
  AMOUNTS_ZERO: warning(
    'Every amount of the run is 0.',
    'Look whether the column of the totals has another name: give it the place properties.revenue under source.columns. An amount of 0 is data, and is sent.',
  ),
  AMOUNT_UNREADABLE: rejected(
    'The amount cannot be read as one number.',
    'Write 1234.50. 1,234.50, 1.234,50, $5 and 5 EUR are read too; 1,234 alone is not, since it is a thousand in Boston and one in Berlin.',
  ),
  ATTRIBUTE_LIST_TOO_LONG: rejected(
    'A list has more than 1,000 entries, or an entry of more than 512 characters.',
    'The server would drop it without a word. Shorten the list, or do not map it.',
  ),
  ATTRIBUTE_NAME_TOO_LONG: rejected(
    "An attribute's name has more than 256 characters.",
    'The server would drop the attribute without a word. Map it under a shorter name.',
  ),
  ATTRIBUTE_NOT_SCALAR: warning(
    'An attribute is an object, which the API does not take.',
    'The attribute was left out and the rest was sent. Map a part of it (@path), or its text (@json with mode encode).',
  ),
  ATTRIBUTE_VALUE_TOO_LONG: rejected(
    "An attribute's value has more than 4,096 characters.",
    'The server would drop it without a word. Shorten it, or do not map it.',
  ),
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
  BATCH_TOO_LARGE: rejected(
    'The batch of the record has more than 128 KB.',
    'The server would drop it without a word. Map less into it.',
  ),
  CODE_UNKNOWN: error('There is no such code.', 'rokt-capi explain lists them all.'),
  COLUMN_MISSING: warning(
    'No table of the run has a column that source.columns names.',
    'It is misspelt, or was renamed in the export: what was in it is missing from what was sent. The message names the nearest column there is. The columns of a preset may be missing.',
  ),
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
    'The header has a quote in the wrong place.',
    'Quote whole cells only, and double the quotes in them.',
  ),
  CSV_QUOTE_INVALID: rejected(
    'A quote stands in the wrong place of a row.',
    'Quote the whole cell and double the quotes in it: "17"" screen". Only this row is lost.',
  ),
  CSV_QUOTE_NOT_CLOSED: rejected(
    'A quote is opened in a row and not closed.',
    'Close it, or double it if it belongs to the text. Only this row is lost, not what comes after it.',
  ),
  CSV_RAGGED_ROW: rejected(
    'The row has more or fewer cells than the header.',
    'Look for a delimiter that is missing, or for one in a cell without quotes.',
  ),
  CURRENCY_UNKNOWN: warning(
    'Amounts have no currency, or one that is no ISO 4217 code.',
    'Write USD, EUR and so on into a column that has the place properties.currency.',
  ),
  DEVICE_ID_UNUSABLE: warning(
    'A device id is no UUID, or the all-zero one.',
    'It was left out and the rest was sent. Devices give 00000000-… where the user has refused tracking.',
  ),
  DOB_UNREADABLE: warning(
    'The date of birth cannot be read.',
    'It was left out and the rest was sent. Write 1990-05-15 or 19900515.',
  ),
  EMAILS_EQUAL: warning(
    'A large part of the e-mail addresses are one and the same.',
    'Look whether the column holds the address of the shop, or a placeholder for guests.',
  ),
  ENDPOINT_INVALID: error(
    'The endpoint is no URL that this program can send to.',
    'Write it as https://host/v2, without a question mark and without credentials in it.',
  ),
  ENDPOINT_NOT_SECURE: error(
    'The endpoint is plain HTTP to another machine.',
    'Credentials and personal data go over TLS only. Write https://.',
  ),
  EVENT_OLDER_THAN_30_DAYS: warning(
    'An event is older than 30 days.',
    'It was sent, and may disturb the calculation of audiences. Set delivery.olderThan30Days to historical (a path of its own) or to reject.',
  ),
  FIELD_NOT_TEXT: warning(
    'What should be a text is an object, a list, or true or false.',
    'It was left out and the rest was sent. Map the part that holds the text: $.properties.emails[0].',
  ),
  GENDER_UNREADABLE: warning(
    'The gender cannot be read.',
    'It was left out and the rest was sent. m, f, male and female are read, in any case.',
  ),
  GROUP_COLUMN_MISSING: error(
    'The table has not the column that source.groupBy names.',
    'Write the name as the header has it, or take the setting out where each row is an order.',
  ),
  HASHING_UNREADABLE: rejected(
    'What the mapping gives for a setting of hashingConfiguration is neither true nor false.',
    'Nothing is sent in the clear on a guess. Map true or false, or leave it out for what the config says.',
  ),
  IDENTIFIER_MISSING: rejected(
    'The record has nothing by which its user can be found.',
    'Give it at least one: an e-mail address, a customer id, an RTID, a device id, or an ip together with a user agent.',
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
  INPUT_NOT_UTF8: rejected(
    'A record, or the header, has bytes that are no UTF-8.',
    'Export the file as UTF-8. UTF-16 is told by its byte order mark, and is read.',
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
  IN_FLIGHT_CHANGED: rejected(
    'An earlier run sent the record with another content, and never learned whether that arrived.',
    'Send the file as it was then: the server drops what it has already taken. --resend sends it as it is now, at the risk of delivering it twice.',
  ),
  IN_FLIGHT_INCOMPLETE: rejected(
    'An earlier run sent the record in one batch with others that are not in this input, and never learned whether that arrived.',
    'Repeat the command of that run: only the very same batch is dropped by a server that has it. --resend sends the record alone, at the risk of delivering it twice.',
  ),
  IP_UNUSABLE: warning('The ip is no address.', 'It was left out and the rest was sent.'),
  JSON_INVALID: rejected(
    'An element of the JSON file is no JSON.',
    'Mend it, or export the file again. What comes after it in the list cannot be told apart from it.',
  ),
  JSON_TRUNCATED: rejected(
    'The JSON file ends before the closing bracket of its list.',
    'It was cut short: export it again. What came before was read.',
  ),
  LINE_WITHOUT_RECORD: error(
    'There is no record on the line that --show names.',
    'The line is blank, is the header, or is beyond the end of the file. Lines count from 1, as in an editor and in every message here.',
  ),
  MAPPING_FAILED: rejected(
    'A @liquid template cannot be rendered with this record.',
    'A filter does not take what it was given, or the text grows too long. Guard it with {% if %}; --show LINE shows what the record has.',
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
  MESSAGE_ID_MISSING: rejected(
    'The mapping gives the event no id.',
    'Map one to eventDetails.source_message_id, or leave that field to its default: every record has an id.',
  ),
  NDJSON_INVALID: rejected('A line is no JSON.', 'Write one whole object on each line.'),
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
  RECORD_NOT_AN_OBJECT: rejected(
    'A record is JSON, but no object.',
    'Write each record as an object: {"order_id": …}.',
  ),
  RECORD_TOO_DEEP: rejected(
    'Lists and objects stand in each other more than 200 deep.',
    'No event is like that.',
  ),
  RECORD_TOO_LARGE: rejected(
    'A record has more than 8 MB.',
    'No batch can hold it; a batch has at most 128 KB.',
  ),
  REJECTED_STILL_UNREADABLE: rejected(
    'A line of a rejects file has a text in "record" that still cannot be read.',
    'Mend the text as it stands in the original file, or write the record as a JSON object. Where bytes were no UTF-8, write what belongs there in place of each U+FFFD (�).',
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
  RTID_RARE: warning(
    'Hardly a record has an RTID.',
    "Rokt's click id ties a conversion to a click for certain. rokt-capi serve-plugin prints the snippet that captures it; without it, users are matched by the other identifiers.",
  ),
  RUN_UNKNOWN: error('There is no run with this id.', 'rokt-capi runs lists them.'),
  SANDBOX_PORT_TAKEN: error(
    'The sandbox cannot listen on this address and port.',
    'Most often the port is in use. Choose another one with --port and --host; --port 0 takes any that is free.',
  ),
  SERVER_REFUSED: rejected(
    'The server refused the record for what is in it.',
    'Its words are in the rejects file. The others of the same request were delivered: it was split until this one stood alone.',
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
  TIMESTAMP_IN_FUTURE: warning(
    "The time of an event is more than a day ahead of this machine's clock.",
    'It was sent. Look whether day and month have changed places, and whether the clock is right (rokt-capi doctor).',
  ),
  TIMESTAMP_MISSING: rejected(
    'The record has no time.',
    'Give the column of the time the place timestamp under source.columns: a conversion is matched by when it happened.',
  ),
  TIMESTAMP_UNREADABLE: rejected(
    'The time cannot be read.',
    'Write ISO 8601 (2026-05-01T10:00:00Z, or with a blank and +0200), or Unix seconds or milliseconds. For dates such as 1/2/2026 set source.dateOrder.',
  ),
  TIMESTAMP_WITHOUT_ZONE: warning(
    'The time names no time zone.',
    'It was read as source.timezone says, else as UTC. Hours off, a conversion may not be matched.',
  ),
  TIMES_AT_MIDNIGHT: warning(
    'Every event is at midnight.',
    'The column has dates without times. If another has the time of the order, give that one the place timestamp.',
  ),
  TOO_MANY_ATTRIBUTES: rejected(
    'The record has more than 100 attributes.',
    'The server would drop some without a word. Map fewer.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;

/** A code in {@link CODES}. */
export type Code = keyof typeof CODES;

/** Whether there is such a code. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}
