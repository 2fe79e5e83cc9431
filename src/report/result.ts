import { relative } from 'node:path';
import type { Decision, PlanCounts } from '../audience/plan.js';
import type { Sender, UploadCounts } from '../delivery/sender.js';
import { EXIT, type ExitCode, type ToldError, type UserError } from '../errors.js';
import type { RecordState } from '../interfaces.js';
import { SWITCHED_OFF } from '../mapping/switched-off.js';
import type { Quality } from '../payload/quality.js';
import type { Books, Tally } from './books.js';
import type { Check } from './checks.js';
import type { Comparison } from './comparison.js';
import { describeStop, exitCodeOf } from './exit.js';
import { describeQuality, type QualityReport } from './quality.js';

/** Everything a finished run has to say; what `--json` prints (design.md, section 3). */
export interface RunResult extends Readonly<Record<RecordState, number>>, Readonly<UploadCounts> {
  readonly runId: string;
  readonly read: number;
  readonly durationMs: number;
  readonly dryRun: boolean;
  readonly exitCode: ExitCode;
  /** Path of the rejects file; absent when nothing was rejected. */
  readonly rejects?: string;
  /** Why it stopped early; absent when it did not. */
  readonly stopped?: string;
  /** What failed, as standard error tells it; absent when nothing did. */
  readonly errors?: readonly ToldError[];
  /** Set where records may be left that were not read then, and are in none of these numbers. */
  readonly unread?: true;
  /** What the deliverable records have; not of `sync-audience`. */
  readonly quality?: QualityReport;
  /** Of `validate`: the gates that failed, with what they found. */
  readonly failedGates?: readonly Pick<Check, 'name' | 'message'>[];
  /** Of `validate --against`. */
  readonly comparison?: Comparison;
  /** Of `sync-audience`. */
  readonly audiences?: readonly AudienceResult[];
  readonly rejections: readonly Tally[];
  readonly warnings: readonly Tally[];
}

/** What became of one audience: changes that were accepted; in a dry run, that would be sent. */
export interface AudienceResult extends Readonly<PlanCounts> {
  /** Its key. */
  readonly audience: string;
  /** Members now. */
  readonly members: number;
  /** Leaves that were not sent, since records were rejected that may be those of members. */
  readonly held: number;
  /** Leaves that the server refused, of members whom no record of the input names. */
  readonly refused: number;
  /** Lines of the input, the first few of each; of who left, of the file of `--previous`. */
  readonly examples: Readonly<Record<Decision, readonly number[]>>;
}

/** What the books do not say of a run. */
export interface RunFacts {
  readonly runId: string;
  readonly durationMs: number;
  readonly dryRun: boolean;
  /** Absolute path; undefined where nothing was rejected. */
  readonly rejectsFile: string | undefined;
  /** Undefined where it is not to be reported. */
  readonly quality: Quality | undefined;
  /** What ended the reading before its time, or could not be written in the end; what was sent before stays sent. */
  readonly failure: UserError | undefined;
  /** Whether all of the input was read. */
  readonly hasReadAll: boolean;
}

/**
 * The result of a run, as `--json` prints it.
 *
 * @throws Error where the books do not balance.
 */
export function toResult(
  books: Books,
  sender: Pick<Sender, 'counts' | 'stopReason'>,
  { runId, durationMs, dryRun, rejectsFile, quality, failure, hasReadAll }: RunFacts,
): RunResult {
  books.balance();
  const { stopReason } = sender;
  // What went wrong besides, once it had stopped, is told as an error.
  const stopped = stopReason === undefined ? failure?.message : describeStop(stopReason);
  const exitCode =
    failure === undefined || stopReason !== undefined
      ? exitCodeOf(stopReason, books.states.rejected)
      : books.states.accepted > 0 || sender.counts.requests > 0
        ? EXIT.pending
        : failure.exitCode;
  return {
    runId,
    read: books.read,
    ...books.states,
    ...sender.counts,
    durationMs,
    dryRun,
    exitCode,
    ...(rejectsFile === undefined ? {} : { rejects: displayPath(rejectsFile) }),
    ...(stopped === undefined ? {} : { stopped }),
    ...(stopped === undefined || hasReadAll ? {} : { unread: true as const }),
    ...(quality === undefined ? {} : { quality: describeQuality(quality) }),
    rejections: books.rejections(),
    warnings: [...books.warnings(), ...nothingMatched(books)],
  };
}

/** A run of which nothing goes out is a success; that an event is called otherwise than the trigger says looks like one. */
function nothingMatched(books: Books): readonly Tally[] {
  const { read, states, nonMembers } = books;
  const asked = read - nonMembers;
  if (asked === 0 || states.skipped < read || books.warnings().some(isSwitchedOff)) return [];
  const message =
    "No mapping's trigger matched any record: do the event names match the triggers? Look at one record with rokt-capi validate --show LINE.";
  return [{ code: 'NOTHING_MATCHED', message, count: asked, places: [] }];
}

/** Whether it says that calls were skipped though a trigger matched: they are switched off for Rokt. */
export function isSwitchedOff({ code }: Pick<Tally, 'code'>): boolean {
  return code === SWITCHED_OFF.code;
}

function displayPath(path: string): string {
  const shown = relative(process.cwd(), path);
  return shown.startsWith('..') ? path : shown;
}
