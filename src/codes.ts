import { ERROR_CODES } from './codes/error-codes.js';
import { RECORD_CODES } from './codes/record-codes.js';

/**
 * Every code that a message can have. An error or a reason that is not in here does not compile, and `rokt-capi explain`
 * and the README's table are held against it.
 */
export const CODES = { ...ERROR_CODES, ...RECORD_CODES };

/** A code in {@link CODES}. */
export type Code = keyof typeof CODES;

/** Whether there is such a code. */
export function isCode(text: string): text is Code {
  return Object.hasOwn(CODES, text);
}
