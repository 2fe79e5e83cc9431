import { setFlagsFromString } from 'node:v8';
import { EXIT } from '../errors.js';
import { printableJson } from '../printable.js';
import { type Ending, endingOf } from './ending.js';
import { createProgram } from './program.js';
import { endAtSignal } from './signals.js';
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

const asJson = process.argv.includes('--json');

function end({ exitCode, errors, text }: Ending): void {
  process.exitCode = exitCode;
  process.stderr.write(text);
  if (asJson && errors.length > 0) process.stdout.write(`${printableJson({ exitCode, errors })}\n`);
}

process.once('uncaughtException', (error) => {
  end(endingOf(error));
  process.exit();
});
endAtSignal((reason) => {
  end(endingOf(reason));
  process.exit();
});
try {
  await createProgram().parseAsync();
} catch (thrown) {
  end(endingOf(thrown));
}
// Not left to Node: a pipe that was opened and not read to its end would keep the process until its writer ends.
// What waits for a reader is written first, and what could not be written shows just after that.
process.stderr.write('', () => process.stdout.write('', () => setImmediate(() => process.exit())));
