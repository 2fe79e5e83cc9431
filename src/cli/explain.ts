import { CODES, isCode } from '../codes.js';
import { UserError } from '../errors.js';
import { didYouMean } from '../nearest.js';

const KINDS = {
  error: 'The run did not start, or could not go on.',
  rejected: 'The record was not sent; it is in the rejects file.',
  warning: 'A warning: something should be looked at.',
} as const;

/**
 * `rokt-capi explain [code]`: the long form of a message, or the list of all codes.
 *
 * @throws UserError `CODE_UNKNOWN`.
 */
export function explain(text: string | undefined): void {
  if (text === undefined) {
    const entries = Object.entries(CODES).toSorted(([a], [b]) => (a < b ? -1 : 1));
    const width = Math.max(...entries.map(([code]) => code.length));
    process.stdout.write(
      entries.map(([code, { meaning }]) => `${code.padEnd(width)}  ${meaning}\n`).join(''),
    );
    return;
  }
  const code = text.trim().toUpperCase();
  if (!isCode(code)) {
    throw new UserError('CODE_UNKNOWN', `There is no code ${code}.`, {
      hint: didYouMean(code, Object.keys(CODES), 'rokt-capi explain lists them all.'),
    });
  }
  const { kind, meaning, remedy } = CODES[code];
  process.stdout.write(`${code}\n\n${meaning}\n${KINDS[kind]}\n\n${remedy}\n`);
}
