import type { Problem, RecordSource, RecordState } from '../interfaces.js';

/** What is known of a record of a run. */
export interface RunRecord {
  /** 1-based line on which the record starts. */
  readonly line: number;
  /** What it was; may have to be read again. */
  readonly source: RecordSource;
  /** The event's id; absent where the record could not be read. */
  readonly messageId?: string | undefined;
  /** What the record lost on the way. */
  readonly warnings: readonly Problem[];
}

/** A record and the state in which it ended. */
export interface SettledRecord {
  readonly file: string;
  readonly record: RunRecord;
  readonly state: RecordState;
  /** Why, when it was rejected. */
  readonly problem?: Problem;
  /** Set where it was skipped as the profile of somebody who is no member, whatever the triggers say. */
  readonly isNonMember?: true;
}
