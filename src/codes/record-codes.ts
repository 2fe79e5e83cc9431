import type { CodeEntry } from './entry.js';

const rejected = (meaning: string, remedy: string): CodeEntry => ({ kind: 'rejected', meaning, remedy });
const warning = (meaning: string, remedy: string): CodeEntry => ({ kind: 'warning', meaning, remedy });

/** The codes of what is said of records. */
export const RECORD_CODES = {
  ACCOUNT_UNKNOWN: warning(
    'A dry run without credentials counts what any of several accounts got as delivered.',
    'Set ROKT_CAPI_API_KEY (or ROKT_CAPI_ACCOUNT) to that of the account in question, and run it again: it tells what that one got. In the state no account has a name.',
  ),
  AMOUNTS_RARE: warning(
    'Hardly any order has an amount.',
    'The orders were sent without one. If the column of the totals was renamed in the export, give it the place properties.revenue under source.columns.',
  ),
  AMOUNTS_ZERO: warning(
    'Every amount of the run is 0.',
    'They were sent: an amount of 0 is data. If the column of the totals has another name, give it the place properties.revenue under source.columns.',
  ),
  AMOUNT_UNREADABLE: rejected(
    'The amount cannot be read as one number.',
    'Write 1234.50. 1,234.50, 1.234,50, $5 and 5 EUR are read too; 1,234 alone is not, since it means a thousand in Boston and about one in Berlin.',
  ),
  ATTRIBUTE_LIST_TOO_LONG: rejected(
    'A list has more than 1,000 entries, or an entry of more than 512 characters.',
    'The server would drop it silently. Shorten the list, or do not map it.',
  ),
  ATTRIBUTE_NAME_TOO_LONG: rejected(
    "An attribute's name has more than 256 characters.",
    'The server would drop the attribute silently. Map it under a shorter name.',
  ),
  ATTRIBUTE_NOT_SCALAR: warning(
    'An attribute, or an entry of a list, is an object, which the API does not take.',
    'It was left out and the rest was sent. Map a part of it (@path), or encode it as text (@json with mode encode).',
  ),
  ATTRIBUTE_VALUE_TOO_LONG: rejected(
    "An attribute's value has more than 4,096 characters.",
    'The server would drop it silently. Shorten it, or do not map it.',
  ),
  AUDIENCE_NAME_DATED: warning(
    'The audience is called as its file, which has a date in its name.',
    'The file of another day is another audience then: everyone joins that one, and nobody ever leaves this one. Name the audience with --audience; if the date belongs to its name, with that.',
  ),
  BATCH_TOO_LARGE: rejected(
    'The batch of the record has more than 128 KB.',
    'The server would drop it silently. Map less into it.',
  ),
  CALL_SWITCHED_OFF: warning(
    'A call is switched off for Rokt in its integrations, and was skipped.',
    'Segment does not deliver it to Rokt either: integrations has false for Rokt Conversions API, or for All without naming it. Often a person has refused it. If all of them are meant to be sent, export the events without integrations.',
  ),
  COLUMN_MISSING: warning(
    'No table of the run has a column that source.columns names.',
    'It is misspelt, or was renamed in the export: its values are missing from what was sent. The message names the nearest column. Columns that only a preset names may be missing.',
  ),
  CSV_QUOTE_INVALID: rejected(
    'A quote is in the wrong place in a row.',
    'Quote the whole cell and double the quotes in it: "17"" screen". Only this row was rejected.',
  ),
  CSV_QUOTE_NOT_CLOSED: rejected(
    'A quote is opened in a row and not closed.',
    'Close it, or double it if it belongs to the text. Only this row was rejected, not the rows after it.',
  ),
  CSV_RAGGED_ROW: rejected(
    'The row has more or fewer cells than the header.',
    'Look for a missing delimiter, or for one inside a cell without quotes.',
  ),
  CURRENCY_UNKNOWN: warning(
    'Amounts have no currency, or one that is not an ISO 4217 code.',
    'Write USD, EUR and so on into a column with the place properties.currency.',
  ),
  DEVICE_ID_UNUSABLE: warning(
    'A device id is not a UUID, or is all zeros.',
    'It was left out and the rest was sent. Devices report 00000000-… when the user has refused tracking.',
  ),
  DOB_UNREADABLE: warning(
    'The date of birth cannot be read.',
    'It was left out and the rest was sent. Write 1990-05-15 or 19900515. For dates such as 5/15/1990 set source.dateOrder.',
  ),
  EMAILS_EQUAL: warning(
    'A large share of the e-mail addresses are the same one.',
    "Check whether the column holds the shop's own address, or a placeholder for guests.",
  ),
  EMAIL_IN_CLEAR: warning(
    'An e-mail address is sent as it is in another field, though addresses are hashed.',
    'Hashing is of user_identities.email only. Many shops have the address as the customer id, too, or in an attribute: map another id to user_identities.customerid or none, and leave such attributes out. With --strict a record with one is not sent.',
  ),
  EMAIL_RARE: warning(
    'Hardly any record has an e-mail address.',
    'If its column was renamed in the export, give it the place properties.email under source.columns. If the export never has e-mail addresses, map the identifiers that it has.',
  ),
  EMAIL_UNUSABLE: warning(
    'An e-mail address is none, or several, or a hash other than SHA-256.',
    'It was left out and the rest was sent; a record without another identifier is rejected. Write one plain address, or its SHA-256 as 64 hex digits.',
  ),
  EVENT_OLDER_THAN_30_DAYS: warning(
    'An event is older than 30 days.',
    'It was sent, and may disturb audience calculation. Set delivery.olderThan30Days to historical (sends it to the path for old events) or to reject.',
  ),
  FIELD_NOT_OBJECT: warning(
    'A field that is an object with names and values is something else.',
    'All of it was left out and the rest was sent. Write each of its names under the field, with a directive of its own; what is JSON in a text, @json with mode decode makes an object of.',
  ),
  FIELD_NOT_TEXT: warning(
    'A field that should be text is an object, a list, or true or false.',
    'It was left out and the rest was sent. Map the part that holds the text: $.properties.emails[0].',
  ),
  GENDER_UNREADABLE: warning(
    'The gender cannot be read.',
    'It was left out and the rest was sent. m, f, male and female are read, in upper or lower case.',
  ),
  GROUP_WITHOUT_ID: warning(
    'Rows are grouped by source.groupBy, and no column of the table leads to messageId.',
    'The id of an order is then made of its rows: one whose rows do not follow one another, or are in two files, is sent as two, and so is one that is exported again with another row or value. In source.columns, lead the column of the order id to [properties.order_id, messageId], as init does. Do so before the first upload, or from a file on that has new orders alone: with another id, what was delivered is sent again.',
  ),
  HASHING_UNREADABLE: rejected(
    'The mapping makes a hashingConfiguration with a setting that there is not, or with a value that is neither true nor false.',
    'No guess is made, so that nothing is sent unhashed by mistake. Map true or false to hashEmail, hashFirstName, hashLastName, hashMobile or hashBillingZipcode, or leave it out so that the setting under hashing counts.',
  ),
  IDENTIFIER_MISSING: rejected(
    'The record has no identifier by which its user can be found.',
    'Give it at least one: an e-mail address, a customer id, an RTID, a device id, or an ip together with a user agent.',
  ),
  ID_UNUSABLE: warning(
    'A customer id, order id, phone number or RTID is what is written for none, such as N/A, None, guest or -.',
    'It was left out and the rest was sent; a record without another identifier is rejected. Many records share it: all guests would be one person. Leave the cell empty in the export.',
  ),
  INPUT_EMPTY: warning(
    'Every file of the run is empty, without even a header.',
    'Check whether the job before this one has failed: a shell creates the file even if the export fails. In a pipe, set -o pipefail reports that. A night without orders leaves a header, or an empty list.',
  ),
  INPUT_NOT_UTF8: rejected(
    'A record, or the header, has bytes that are not UTF-8.',
    'Export the file as UTF-8 (in Excel: save as CSV UTF-8), or convert it: iconv -f WINDOWS-1252 -t UTF-8 orders.csv > new.csv. UTF-16 with a byte order mark is read too. An image, a PDF or a workbook (.xlsx) cannot be read.',
  ),
  IN_FLIGHT_CHANGED: rejected(
    'The record, or what the config or this version of rokt-capi makes of it, has changed since an earlier run sent it without learning whether it arrived.',
    'Send the file as it was then, with the config and the version of then: the server drops what it already has. --resend sends the record as it is now, at the risk of delivering it twice.',
  ),
  IN_FLIGHT_INCOMPLETE: rejected(
    'An earlier run sent the record without learning whether it arrived, in one batch with others that are not in this input, that no trigger matches now, or that were delivered since.',
    'Repeat the command of that run, with the config as it was: a server that has the batch drops only the very same batch. Where others of it were delivered since, by --resend, there is no such batch any more. --resend sends the record alone, at the risk of delivering it twice.',
  ),
  IP_UNUSABLE: warning('The ip is not an IP address.', 'It was left out and the rest was sent.'),
  JSON_INVALID: rejected(
    'An element of the JSON file is not valid JSON.',
    'Fix it, or export the file again. What comes after it in the list could not be read.',
  ),
  JSON_TRUNCATED: rejected(
    'The JSON file ends before the closing bracket of its list.',
    'It was cut short: export it again. Everything before that was read.',
  ),
  MAPPING_FAILED: rejected(
    'A @liquid template cannot be rendered with this record.',
    'A filter cannot take the value it was given, or the text becomes too long. Guard it with {% if %}; --show LINE shows what the record has.',
  ),
  MEMBERSHIP_UNREADABLE: warning(
    'The membership of an audience is neither true nor false.',
    'The rest was sent, without a change of the audience; sync-audience rejects the record. Write true or false; yes, no, t, f, 1, 0, and what Excel writes in German, French, Spanish, Italian, Portuguese and Dutch (WAHR, FALSCH) are read too.',
  ),
  MEMBER_TWICE: warning(
    'Two records of a snapshot have one customer id or device, and not one e-mail address.',
    'They are one person, of whom the first record counts; the other counts as a duplicate, and its address is not sent. If guests share such an id (0, a word for none), leave it out of the export: then they are told apart by their addresses.',
  ),
  MESSAGE_ID_MISSING: rejected(
    'The mapping gives the event no id, or one that others have too: rounded by a spreadsheet, or N/A, None and the like.',
    'Map one to eventDetails.source_message_id, or leave that field at its default, which gives every record an id.',
  ),
  MESSAGE_ID_REPEATED: warning(
    'Consecutive records of several people have the same messageId.',
    'Of records with one id the first is sent, and the others are duplicates: orders are lost if the column has no id for each of them, but one of the shop, of a status or the like. Give the place messageId to the column of the order id, or to none: then each row has an id of its own.',
  ),
  NDJSON_INVALID: rejected('A line is not valid JSON.', 'Write one whole object on each line.'),
  NOTHING_MATCHED: warning(
    "No mapping's trigger matched any record of the run.",
    "All were skipped, and nothing was sent. rokt-capi validate --show LINE shows a record's event name and what each trigger makes of it. Change the trigger so that it matches, or give the column with the event name the place event under source.columns. If the input has no orders, all is well.",
  ),
  NUMBER_ROUNDED: warning(
    'A spreadsheet has rounded a customer id, an order id or a phone number.',
    'It was left out and the rest was sent: many records may share 5.81235E+12. Export the file again and send it unchanged; in a spreadsheet, format the column as text before importing the data.',
  ),
  ORDER_IDS_RARE: warning(
    'Hardly any event with an amount has an order id.',
    'They were sent without one. If the column of the order ids was renamed in the export, give it the place properties.order_id under source.columns. A renamed column makes a row without an id of its own another row, which is sent again.',
  ),
  ORDER_ID_REPEATED: warning(
    'Consecutive records have the same order id.',
    'If an order has a row for each of its items, name the column of the order id in source.groupBy: consecutive rows of a table with the same value become one event. JSON is not grouped: there give it the places properties.order_id and messageId under source.columns, so that of an order the first record is sent and the others are duplicates. Otherwise each row counts as an order of its own, and so does each event with a messageId of its own.',
  ),
  RECORD_NOT_AN_OBJECT: rejected(
    'A record is JSON, but not an object.',
    'Write each record as an object: {"order_id": …}.',
  ),
  RECORD_TOO_DEEP: rejected(
    'A record has lists or objects nested more than 200 deep.',
    'No event is like that: look for a mistake in the export.',
  ),
  RECORD_TOO_LARGE: rejected(
    'A record has more than 8 MB, or more than 40,000 keys.',
    'No batch can hold it; a batch has at most 128 KB and 100 attributes.',
  ),
  REJECTED_STILL_UNREADABLE: rejected(
    'A line of a rejects file has a text in "record" that still cannot be read.',
    'Fix the text, written as it would be in the input file, or write the record as a JSON object. Where bytes were not UTF-8, replace each U+FFFD (�) with what belongs there.',
  ),
  RTID_RARE: warning(
    'Hardly any record has an RTID.',
    "Only Rokt's click id (RTID) ties a conversion to a click for certain; without it, users are matched by the other identifiers. rokt-capi serve-plugin prints the snippet that captures it.",
  ),
  RUN_KILLED: warning(
    'A run was killed while it sent a file, and no run to the same account is known to have had the file since.',
    'Send the file again: what was delivered of it is not sent twice. That is not needed if a later file has all that is in it, as a later snapshot of an audience has. What came through standard input (-) may have been sent since: that cannot be seen. The next run does not tell of it again.',
  ),
  SERVER_REFUSED: rejected(
    'The server refused the record because of its content.',
    "The server's words are in the rejects file. The request was split until this record stood alone, so that the others were delivered.",
  ),
  TIMESTAMP_IN_FUTURE: warning(
    "The time of an event is more than a day ahead of this machine's clock.",
    'It was sent. Check whether day and month are swapped, and whether the clock is right (rokt-capi doctor).',
  ),
  TIMESTAMP_MISSING: rejected(
    'The record has no time.',
    'Give the column with the time the place timestamp under source.columns: a conversion is matched by when it happened.',
  ),
  TIMESTAMP_UNREADABLE: rejected(
    'The time cannot be read.',
    'Write ISO 8601 (2026-05-01T10:00:00Z or 2026-05-01 10:00:00 +0200), or Unix seconds or milliseconds. For dates such as 1/2/2026 set source.dateOrder.',
  ),
  TIMESTAMP_WITHOUT_ZONE: warning(
    'The time has no time zone.',
    'It was read in source.timezone, else in UTC. A conversion whose time is hours off may not be matched.',
  ),
  TIMES_AT_MIDNIGHT: warning(
    'Every event is at midnight.',
    'The column has dates without times. If another column has the time of the order, give that one the place timestamp.',
  ),
  TOO_MANY_ATTRIBUTES: rejected(
    'The record has more than 100 attributes.',
    'The server would drop some of them silently. Map fewer.',
  ),
} as const satisfies Readonly<Record<string, CodeEntry>>;
