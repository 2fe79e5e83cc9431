import { setFlagsFromString } from 'node:v8';
import { CommanderError } from 'commander';
import { codeOf, EXIT, UserError } from '../errors.js';
import { printableLines } from '../printable.js';
import { createProgram } from './program.js';
import { optimizingFlags } from './v8-flags.js';

for (const flag of optimizingFlags(process.versions.node).start) setFlagsFromString(flag);

// A reader that goes away (`rokt-capi … | head`) is no failure of the run. Where what was asked for cannot be written for
// another reason (a full disk), the run still goes on to its end, since what is sent has to be recorded.
let complained = false;
process.stdout.on('error', ({ code, message }: NodeJS.ErrnoException) => {
  if (code === 'EPIPE' || complained) return;
  complained = true;
  process.stderr.write(
    `Standard output cannot be written to: ${message}. What was sent is recorded nevertheless.\n`,
  );
  process.once('exit', () => {
    process.exitCode ||= EXIT.unexpected;
  });
});
// Whatever fails there can be reported nowhere; the exit code still says how the run ended.
process.stderr.on('error', () => undefined);

try {
  await createProgram().parseAsync();
} catch (thrown) {
  const error = isWithoutDirectory(thrown) ? withoutDirectory(thrown) : thrown;
  if (error instanceof CommanderError) {
    // It has reported wrong usage itself, and answers it with 1; the contract is 2.
    process.exitCode = error.exitCode === 0 ? EXIT.ok : EXIT.usage;
  } else if (error instanceof UserError) {
    process.stderr.write(`${error.describe()}\n`);
    process.exitCode = error.exitCode;
  } else {
    const what = error instanceof Error ? (error.stack ?? error.message) : String(error);
    process.stderr.write(`${printableLines(what)}\n`);
    process.stderr.write(
      'This is a bug in rokt-capi. Nothing that was accepted is lost; please report the lines above.\n',
    );
    process.exitCode = EXIT.unexpected;
  }
}
// Not left to Node: a pipe that was opened and not read to its end would keep the process until its writer ends.
// What waits for a reader is written first, and what could not be written shows just after that.
process.stderr.write('', () => process.stdout.write('', () => setImmediate(() => process.exit())));

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
