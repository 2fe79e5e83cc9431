import type { JsonValue } from '../interfaces.js';

const BOOLEAN = /^(?:(true)|false)$/i;
const [UPPER_F, LOWER_F, UPPER_T, LOWER_T] = [0x46, 0x66, 0x54, 0x74];

/** `true` or `false` for these words in any case; undefined for anything else. */
export function parseBoolean(text: string): boolean | undefined {
  const word = trimmed(text);
  const first = word.charCodeAt(0);
  // Nearly every cell is asked, and hardly one begins so.
  if (first !== UPPER_F && first !== LOWER_F && first !== UPPER_T && first !== LOWER_T) return undefined;
  const match = BOOLEAN.exec(word);
  return match === null ? undefined : match[1] !== undefined;
}

/** The value as a boolean; of a text, {@link parseBoolean}. */
export function asBoolean(value: JsonValue | undefined): boolean | undefined {
  if (typeof value === 'boolean') return value;
  return typeof value === 'string' ? parseBoolean(value) : undefined;
}

const [UPPER_N, LOWER_N, BACKSLASH, ONE, NINE] = [0x4e, 0x6e, 0x5c, 0x31, 0x39];

/** Whether there is nothing in a text but white space. */
export function isBlank(text: string): boolean {
  return text === '' || (!isPlain(text.charCodeAt(0)) && text.trim() === '');
}

/**
 * Whether a cell stands for nothing: it is blank, or what databases write for SQL's NULL. `Null` is a name that people
 * have.
 */
export function isEmptyCell(text: string): boolean {
  const first = text.charCodeAt(0);
  // Nearly every cell begins with what none of them does.
  if (isPlain(first) && first !== UPPER_N && first !== LOWER_N && first !== BACKSLASH) return false;
  const word = trimmed(text);
  return word === '' || word === 'NULL' || word === 'null' || word === '\\N';
}

/** In any case: a person or a program wrote it. `NA` is what R writes. */
const NO_ID =
  /^(?:NA|#?n\/a|<na>|nan|none|null|undefined|unknown|anonymous|guest|[-–—]+|\((?:none|null|not set)\)|0{8}(?:-0{4}){3}-0{12})$/i;

/**
 * Whether an id stands for none: what pandas, R, JavaScript, .NET, Excel, Google Analytics and people write where there
 * is none. All guests would be one person, and all rows one order. Only of ids: None and Null are names that people
 * have, and an amount of N/A is an error.
 *
 * @param text without white space around it.
 */
export function isNoId(text: string): boolean {
  const first = text.charCodeAt(0);
  // Many an id begins with a digit.
  return !(first >= ONE && first <= NINE) && NO_ID.test(text);
}

/** The text without white space around it: `trim`, which takes a while to find that there is none. */
export function trimmed(text: string): string {
  const { length } = text;
  return length > 0 && isPlain(text.charCodeAt(0)) && isPlain(text.charCodeAt(length - 1))
    ? text
    : text.trim();
}

/** Printable ASCII but the blank: certainly no white space. */
function isPlain(code: number): boolean {
  return code > 0x20 && code < 0x7f;
}
