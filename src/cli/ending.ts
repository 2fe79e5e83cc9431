import { CommanderError } from 'commander';
import { codeOf, EXIT, type ExitCode, type ToldError, UserError } from '../errors.js';
import { printableLines } from '../printable.js';
import { withoutValue } from './program.js';
import { Interrupted } from './signals.js';

/** How the program ends where it has no result to print. */
export interface Ending {
  readonly exitCode: ExitCode;
  /** What `--json` tells of it; empty where help was asked for. */
  readonly errors: readonly ToldError[];
  /** For standard error, with the end of its last line; empty where everything was said there. */
  readonly text: string;
}

/** The ending that something thrown by the program makes. */
export function endingOf(thrown: unknown): Ending {
  const error = isWithoutDirectory(thrown) ? withoutDirectory(thrown) : thrown;
  if (error instanceof CommanderError) {
    // It has reported wrong usage itself, and answers it with 1; the contract is 2.
    if (error.exitCode === 0) return { exitCode: EXIT.ok, errors: [], text: '' };
    const message = withoutValue(error.message).replace(/^error: /, '');
    return { exitCode: EXIT.usage, errors: [{ message }], text: '' };
  }
  if (error instanceof UserError) {
    return { exitCode: error.exitCode, errors: error.told(), text: `${error.describe()}\n` };
  }
  if (error instanceof Interrupted) {
    const { exitCode, message } = error;
    return { exitCode, errors: [{ message }], text: `${message}\n` };
  }
  const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
  return {
    exitCode: EXIT.unexpected,
    errors: [{ message: 'An unexpected failure, which standard error tells.' }],
    text: `${printableLines(what)}\nThis is a bug in rokt-capi. Nothing that was accepted is lost; please report the lines above.\n`,
  };
}

/** Whether the working directory was asked for, and is not there any more. */
function isWithoutDirectory(error: unknown): boolean {
  return (
    error instanceof Error && 'syscall' in error && error.syscall === 'uv_cwd' && codeOf(error) === 'ENOENT'
  );
}

function withoutDirectory(cause: unknown): UserError {
  return new UserError(
    'CONFIG_NOT_FOUND',
    'The working directory no longer exists; the search for the config begins there.',
    { hint: 'Change into an existing directory (cd); a deploy may have removed this one.', cause },
  );
}
