import { EXIT, UserError } from '../errors.js';
import { printableJson } from '../printable.js';
import { toAnnotations } from '../report/annotations.js';
import type { Verdict } from '../report/checks.js';
import { writeReport } from '../report/report.js';
import { isSwitchedOff, type RunResult } from '../report/result.js';
import { formatSummary } from '../report/summary.js';
import { nextSteps } from './next-steps.js';
import type { DeliveryOptions } from './options.js';

/**
 * Tells people and machines how a run ended: report files, annotations where GitHub runs it, and the summary on standard
 * output. Sets the exit code.
 */
export async function tell(
  { result: ended, checks }: Verdict,
  context: {
    readonly options: DeliveryOptions;
    readonly files: readonly string[];
    /** In words. */
    readonly destination: string;
  },
): Promise<void> {
  const { options, files, destination } = context;
  let result = ended;
  for (const path of options.report ?? []) {
    try {
      const createdAt = new Date().toISOString();
      await writeReport(path, { version: 1, createdAt, files, destination, result, checks });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`${error.describe()}\n`);
      // What "wrong usage" means is that nothing was sent.
      const failed = result.dryRun ? error.exitCode : EXIT.unexpected;
      const exitCode = result.exitCode === EXIT.ok ? failed : result.exitCode;
      result = { ...result, exitCode, errors: [...(result.errors ?? []), ...error.told()] };
    }
  }
  process.exitCode = result.exitCode;
  const { GITHUB_ACTIONS, GITHUB_WORKSPACE } = process.env;
  if (GITHUB_ACTIONS !== undefined) process.stderr.write(toAnnotations(checks, GITHUB_WORKSPACE));
  if (options.json === true) {
    process.stdout.write(`${printableJson(result)}\n`);
  } else if (options.quiet !== true || needsAttention(result)) {
    const stream = options.quiet === true ? process.stderr : process.stdout;
    const next = nextSteps(process.argv.slice(2), result);
    stream.write(formatSummary(result, { files, destination, next }));
  }
}

/** Warnings that something is wrong though no record is: input and config do not go together, or a run left something. */
const OF_THE_RUN: ReadonlySet<string> = new Set([
  'AUDIENCE_NAME_DATED',
  'COLUMN_MISSING',
  'INPUT_EMPTY',
  'MESSAGE_ID_REPEATED',
  'NOTHING_MATCHED',
  'RUN_KILLED',
]);

/** Whether a person should look at a run, also one who wants to hear only of those. */
function needsAttention({ exitCode, read, skipped, warnings, quality }: RunResult): boolean {
  return (
    exitCode !== EXIT.ok ||
    [...warnings, ...(quality?.warnings ?? [])].some(({ code }) => OF_THE_RUN.has(code)) ||
    (skipped === read && warnings.some(isSwitchedOff))
  );
}
