import type { AllowedRejects } from '../delivery/reject-limit.js';
import { EXIT, type ExitCode } from '../errors.js';
import type { Tally } from './books.js';
import { type Baseline, baselineChecks, type Requirement, rejectsCheck, requirementChecks } from './gates.js';
import { problemName, type RecordPlace } from './group.js';
import type { RunResult } from './result.js';

/** One thing that was looked at. */
export interface Check {
  /** Stable, for scripts: `rejects`, `require rtid>=20%`, `CSV_RAGGED_ROW`. */
  readonly name: string;
  /** `failed`: the run is no success. `warning`: a person should look at it. */
  readonly status: 'passed' | 'failed' | 'warning';
  readonly message: string;
  /** The first few, where there are such. */
  readonly places: readonly RecordPlace[];
}

/** What `validate` is told to insist on. */
export interface Gates {
  /** Absent: no record may be rejected. */
  readonly maxRejects: AllowedRejects | undefined;
  readonly require: readonly Requirement[];
  readonly baseline: Baseline | undefined;
}

/** Everything that was looked at in a run, and how it was. */
export function checksOf(result: RunResult, gates: Gates | undefined): Check[] {
  const { quality } = result;
  const allowed =
    gates?.maxRejects !== undefined && rejectsCheck(result, gates.maxRejects).status === 'passed';
  return [
    ...(gates?.maxRejects === undefined ? [noneRejected(result)] : [rejectsCheck(result, gates.maxRejects)]),
    ...(result.stopped === undefined
      ? []
      : [{ name: 'complete', status: 'failed' as const, message: result.stopped, places: [] }]),
    // Of a file that was delivered before there is nothing to look at.
    ...(quality === undefined || gates === undefined || (quality.records === 0 && result.duplicate > 0)
      ? []
      : [
          ...requirementChecks(quality, gates.require),
          ...(gates.baseline === undefined ? [] : baselineChecks(quality, gates.baseline)),
        ]),
    ...result.rejections.map((tally) => ofTally(tally, allowed ? 'warning' : 'failed')),
    ...result.warnings.map((tally) => ofTally(tally, 'warning')),
    ...(quality?.warnings ?? []).map(({ code, message }) => ({
      name: code,
      status: 'warning' as const,
      message,
      places: [],
    })),
  ];
}

/** The exit code of a `validate` whose gates say more than whether a record was rejected. */
export function gatedExitCode(exitCode: ExitCode, checks: readonly Check[]): ExitCode {
  if (exitCode !== EXIT.ok && exitCode !== EXIT.rejected) return exitCode;
  return checks.some(({ status }) => status === 'failed') ? EXIT.rejected : EXIT.ok;
}

function noneRejected({ rejected, read }: RunResult): Check {
  return {
    name: 'rejects',
    status: rejected === 0 ? 'passed' : 'failed',
    message:
      rejected === 0
        ? `None of ${read} records is rejected.`
        : `${rejected} of ${read} records are rejected.`,
    places: [],
  };
}

function ofTally(tally: Tally, status: Check['status']): Check {
  const { message, count, places } = tally;
  return { name: problemName(tally), status, message: `${count} × ${message}`, places };
}
