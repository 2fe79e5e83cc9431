import { EXIT, type ExitCode } from '../errors.js';
import { leavesNotSent } from './audiences.js';
import type { Tally } from './books.js';
import { UNREAD } from './exit.js';
import { baselineChecks, type Gates, rejectsCheck, requirementChecks } from './gates.js';
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

/** A run's result after all that was looked at. */
export interface Verdict {
  readonly result: RunResult;
  readonly checks: readonly Check[];
}

/** Looks at everything that a run is to fulfil; with gates, it is they that decide the exit code. */
export function judge(result: RunResult, gates: Gates | undefined): Verdict {
  const { quality } = result;
  const rejects = gates?.maxRejects === undefined ? undefined : rejectsCheck(result, gates.maxRejects);
  // Of a file that was delivered before there is nothing to look at.
  const shares =
    quality === undefined || gates === undefined || (quality.records === 0 && result.duplicate > 0)
      ? []
      : [
          ...requirementChecks(quality, gates.require),
          ...(gates.baseline === undefined ? [] : baselineChecks(quality, gates.baseline)),
        ];
  const checks: Check[] = [
    rejects ?? noneRejected(result),
    ...(result.stopped === undefined ? [] : [incomplete(result.stopped, result.unread)]),
    ...(result.audiences ?? []).flatMap((audience) =>
      leavesNotSent(audience).map((message) => ({
        name: `leaves ${audience.audience}`,
        status: 'failed' as const,
        message,
        places: [],
      })),
    ),
    ...shares,
    ...result.rejections.map((tally) => ofTally(tally, rejects?.status === 'passed' ? 'warning' : 'failed')),
    ...result.warnings.map((tally) => ofTally(tally, 'warning')),
    ...(quality?.warnings ?? []).map(({ code, message }) => ({
      name: code,
      status: 'warning' as const,
      message,
      places: [],
    })),
  ];
  if (gates === undefined) return { result, checks };
  const failedGates = [...(rejects === undefined ? [] : [rejects]), ...shares]
    .filter(({ status }) => status === 'failed')
    .map(({ name, message }) => ({ name, message }));
  return { result: { ...result, exitCode: gatedExitCode(result.exitCode, checks), failedGates }, checks };
}

/** The exit code of a `validate` whose gates say more than whether a record was rejected. */
function gatedExitCode(exitCode: ExitCode, checks: readonly Check[]): ExitCode {
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

function incomplete(stopped: string, unread: RunResult['unread']): Check {
  const message = unread === true ? `${stopped} ${UNREAD}` : stopped;
  return { name: 'complete', status: 'failed', message, places: [] };
}

function ofTally(tally: Tally, status: Check['status']): Check {
  const { message, count, places } = tally;
  return { name: problemName(tally), status, message: `${count} × ${message}`, places };
}
