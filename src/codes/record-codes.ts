import type { CodeEntry } from './entry.js';

const rejected = (meaning: string, remedy: string): CodeEntry => ({ kind: 'rejected', meaning, remedy });
const warning = (meaning: string, remedy: string): CodeEntry => ({ kind: 'warning', meaning, remedy });

/** The codes of what is said of records. */
export const RECORD_CODES = {
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
    'An attribute, or an entry of a list, is an object, which the API does not take.',
    'It was left out and the rest was sent. Map a part of it (@path), or its text (@json with mode encode).',
  ),
  ATTRIBUTE_VALUE_TOO_LONG: rejected(
    "An attribute's value has more than 4,096 characters.",
    'The server would drop it without a word. Shorten it, or do not map it.',
  ),
  BATCH_TOO_LARGE: rejected(
    'The batch of the record has more than 128 KB.',
    'The server would drop it without a word. Map less into it.',
  ),
  COLUMN_MISSING: warning(
    'No table of the run has a column that source.columns names.',
    'It is misspelt, or was renamed in the export: what was in it is missing from what was sent. The message names the nearest column there is. The columns of a preset may be missing.',
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
  EMAIL_RARE: warning(
    'Hardly a record has an e-mail address.',
    'Look whether its column was renamed in the export: give it the place properties.email under source.columns. Of an export that never has one, map the identifiers that it has.',
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
  HASHING_UNREADABLE: rejected(
    'What the mapping gives for a setting of hashingConfiguration is neither true nor false.',
    'Nothing is sent in the clear on a guess. Map true or false, or leave it out for what the config says.',
  ),
  IDENTIFIER_MISSING: rejected(
    'The record has nothing by which its user can be found.',
    'Give it at least one: an e-mail address, a customer id, an RTID, a device id, or an ip together with a user agent.',
  ),
  INPUT_EMPTY: warning(
    'No file of the run has anything in it, not even a header.',
    'Look whether the job before this one has failed: a shell makes the file also where the export comes to nothing. In a pipe, set -o pipefail tells of it. Of a night without orders there is a header, or an empty list.',
  ),
  INPUT_NOT_UTF8: rejected(
    'A record, or the header, has bytes that are no UTF-8.',
    'Export the file as UTF-8; in Excel: save as CSV UTF-8, or iconv -f WINDOWS-1252 -t UTF-8 orders.csv > new.csv. UTF-16 is told by its byte order mark, and is read. An image, a PDF or a workbook (.xlsx) is no export.',
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
  MAPPING_FAILED: rejected(
    'A @liquid template cannot be rendered with this record.',
    'A filter does not take what it was given, or the text grows too long. Guard it with {% if %}; --show LINE shows what the record has.',
  ),
  MESSAGE_ID_MISSING: rejected(
    'The mapping gives the event no id.',
    'Map one to eventDetails.source_message_id, or leave that field to its default: every record has an id.',
  ),
  NDJSON_INVALID: rejected('A line is no JSON.', 'Write one whole object on each line.'),
  NOTHING_MATCHED: warning(
    "No mapping's trigger matched any record of the run.",
    'All were skipped, and nothing was sent. rokt-capi validate --show LINE tells of one record what its event is called, and what each trigger says: write the trigger so that it matches, or give the column of the name the place event under source.columns. In an archive without an order it is as it should be.',
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
    'A record has more than 8 MB, or more than 40,000 keys.',
    'No batch can hold it; a batch has at most 128 KB and 100 attributes.',
  ),
  REJECTED_STILL_UNREADABLE: rejected(
    'A line of a rejects file has a text in "record" that still cannot be read.',
    'Mend the text as it stands in the original file, or write the record as a JSON object. Where bytes were no UTF-8, write what belongs there in place of each U+FFFD (�).',
  ),
  RTID_RARE: warning(
    'Hardly a record has an RTID.',
    "Rokt's click id ties a conversion to a click for certain. rokt-capi serve-plugin prints the snippet that captures it; without it, users are matched by the other identifiers.",
  ),
  SERVER_REFUSED: rejected(
    'The server refused the record for what is in it.',
    'Its words are in the rejects file. The others of the same request were delivered: it was split until this one stood alone.',
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
