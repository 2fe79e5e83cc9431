import { EXIT } from '../errors.js';
import type { RunResult } from '../report/result.js';

/** Why records were rejected in which there is nothing to fix: they have to come as an earlier run sent them. */
const AS_BEFORE: ReadonlySet<string> = new Set(['IN_FLIGHT_CHANGED', 'IN_FLIGHT_INCOMPLETE']);

/**
 * The commands to type next, or none where everything is done.
 *
 * @param argv the words after `rokt-capi`, as the user typed them.
 */
export function nextSteps(argv: readonly string[], result: RunResult): string[] {
  if (result.exitCode === EXIT.credentials) return ['(set the credentials)', commandLine(argv)];
  const steps: string[] = [];
  if (result.stopped !== undefined && result.pending === 0) {
    const again = commandLine(argv);
    // The same input would stop it there again.
    if (result.errors !== undefined) return [`(do what the error says, then)  ${again}`];
    // What had not been read by then is in no rejects file; what was rejected is read again with it.
    return [result.rejected > 0 ? `(fix what is wrong, then)  ${again}` : again];
  }
  if (result.rejects !== undefined && argv[0] === 'sync-audience') {
    // A rejects file is no snapshot: as one, it would let everyone else leave. Of a refused leave the input has nothing.
    if (result.rejected > 0) steps.push(`(fix the records in the input, then)  ${commandLine(argv)}`);
  } else if (result.rejections.some(({ code }) => AS_BEFORE.has(code))) {
    // What else was rejected is rejected then, too, and in the rejects file of that run.
    steps.push(
      `(put files and config back as they were in that earlier run, or see --resend, then)  ${commandLine(argv)}`,
    );
  } else if (result.rejects !== undefined && result.rejected > 1 && result.rejected === result.read) {
    // What is wrong with every record is hardly wrong with the records.
    steps.push(`(fix the header or the mapping, or else the rows, then)  ${commandLine(argv)}`);
  } else if (result.rejects !== undefined) {
    const command = argv[0] === 'validate' ? 'validate' : 'send';
    steps.push(
      `(fix the rows in that file, then)  ${commandLine([command, ...optionsOf(argv), result.rejects])}`,
    );
  }
  if (result.pending > 0) steps.push(commandLine(argv));
  // What is rejected in a rehearsal is to be fixed before the real thing.
  else if (result.rejected > 0) return steps;
  // Nothing was there: the real thing would do as much.
  else if (result.read === 0 && result.batches === 0) return steps;
  else if (result.dryRun && argv.includes('--dry-run')) steps.push(commandLine(forReal(argv)));
  else if (argv.includes('--sandbox')) {
    steps.push(
      `(set ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET, then)  ${commandLine(argv.filter((word) => word !== '--sandbox'))}`,
    );
  }
  return steps;
}

/** What a dry run was a rehearsal of: --out goes with that alone. */
function forReal(argv: readonly string[]): string[] {
  return argv.filter(
    (word, index) =>
      word !== '--dry-run' && word !== '--out' && argv[index - 1] !== '--out' && !word.startsWith('--out='),
  );
}

/** Options that hold for rows as they do for the file that they are of: they say where to, how to map, and what is sent. */
const KEPT = {
  switches: ['--sandbox', '--dry-run', '--no-state', '--strict', '--resend'],
  values: ['--config', '--endpoint', '--state', '--event'],
};

function optionsOf(argv: readonly string[]): string[] {
  return argv.flatMap((word, index) => {
    if (KEPT.switches.includes(word)) return [word];
    if (KEPT.values.some((option) => word.startsWith(`${option}=`))) return [word];
    const value = argv[index + 1];
    return KEPT.values.includes(word) && value !== undefined ? [word, value] : [];
  });
}

/** What to type into a shell for these words after `rokt-capi`. */
export function commandLine(words: readonly string[]): string {
  return ['rokt-capi', ...words.map(quote)].join(' ');
}

function quote(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`;
}
