import { EXIT, UserError } from '../errors.js';
import { toAnnotations } from '../report/annotations.js';
import { type Check, checksOf, type Gates, gatedExitCode } from '../report/checks.js';
import { writeReport } from '../report/report.js';
import type { RunResult } from '../report/result.js';
import { formatSummary } from '../report/summary.js';
import { nextSteps } from './next-steps.js';
import type { DeliveryOptions } from './options.js';

/** A run's result after all that was looked at. */
export interface Verdict {
  readonly result: RunResult;
  readonly checks: readonly Check[];
}

/** Looks at everything that a run is to fulfil. */
export function judge(result: RunResult, gates: Gates | undefined): Verdict {
  const checks = checksOf(result, gates);
  if (gates === undefined) return { result, checks };
  const isGate = ({ name }: Check): boolean => /^(?:max-rejects$|require |baseline )/.test(name);
  const failedGates = checks
    .filter((check) => check.status === 'failed' && isGate(check))
    .map(({ name, message }) => ({ name, message }));
  return { result: { ...result, exitCode: gatedExitCode(result.exitCode, checks), failedGates }, checks };
}

/**
 * Tells people and machines how a run ended: report files, annotations where GitHub runs it, and the summary on standard
 * output.
 */
export async function tell(
  { result, checks }: Verdict,
  context: {
    readonly options: DeliveryOptions;
    readonly files: readonly string[];
    /** In words. */
    readonly destination: string;
  },
): Promise<void> {
  const { options, files, destination } = context;
  for (const path of options.report ?? []) {
    try {
      const createdAt = new Date().toISOString();
      await writeReport(path, { version: 1, createdAt, files, destination, result, checks });
    } catch (error) {
      if (!(error instanceof UserError)) throw error;
      process.stderr.write(`${error.describe()}\n`);
      // What "wrong usage" means is that nothing was sent.
      if (result.exitCode === 0) process.exitCode = result.dryRun ? error.exitCode : EXIT.unexpected;
    }
  }
  if (process.env.GITHUB_ACTIONS !== undefined) process.stderr.write(toAnnotations(checks));
  if (options.json === true) {
    process.stdout.write(`${JSON.stringify(result)}\n`);
  } else if (options.quiet !== true || result.exitCode !== 0) {
    const stream = options.quiet === true ? process.stderr : process.stdout;
    const next = nextSteps(process.argv.slice(2), result);
    stream.write(formatSummary(result, { files, destination, next }));
  }
}
