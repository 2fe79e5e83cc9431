import { type AllowedRejects, RejectLimit } from '../delivery/reject-limit.js';
import { IDENTIFIERS, type Identifier } from '../payload/identifiers.js';
import { isAbove, plainPercent } from '../share.js';
import type { Check } from './checks.js';
import { percent, type QualityReport, type Share } from './quality.js';
import type { RunResult } from './result.js';

/** What a share must reach. */
export interface Requirement {
  readonly identifier: RequiredShare;
  /** 0 to 1. */
  readonly atLeast: number;
}

/** What a requirement may be of: an identifier, or `several` of them. */
export type RequiredShare = Identifier | 'several';

/** See {@link RequiredShare}. */
export const REQUIRED_SHARES: readonly RequiredShare[] = [...IDENTIFIERS, 'several'];

/** What shares are compared with. */
export interface Baseline {
  /** Of an earlier report. */
  readonly quality: Pick<QualityReport, 'identifiers' | 'several'>;
  /** By how much (0 to 1) a share may have fallen since. */
  readonly tolerance: number;
}

/** What `validate` is asked to insist on. */
export interface Gates {
  /** Absent: no record may be rejected. */
  readonly maxRejects: AllowedRejects | undefined;
  readonly require: readonly Requirement[];
  readonly baseline: Baseline | undefined;
}

/** Whether no more records were rejected than allowed. */
export function rejectsCheck({ rejected, read }: RunResult, allowed: AllowedRejects): Check {
  const limit = new RejectLimit(allowed);
  const share = read === 0 ? 0 : rejected / read;
  return {
    name: 'max-rejects',
    status: limit.isExceeded(read, rejected, true) ? 'failed' : 'passed',
    message: `${rejected} of ${read} records (${percent(share)}) are rejected; at most ${limit.describe()} may be.`,
    places: [],
  };
}

/** Whether each share is what it must be. */
export function requirementChecks(quality: QualityReport, requirements: readonly Requirement[]): Check[] {
  return requirements.map(({ identifier, atLeast }) => {
    const { records, share } = shareOf(quality, identifier);
    return {
      name: `require ${identifier}>=${plainPercent(atLeast)}`,
      status: isAbove(atLeast, share) ? 'failed' : 'passed',
      message: `${records} of ${quality.records} records (${percent(share)}) have ${identifier === 'several' ? 'two identifiers or more' : `the identifier ${identifier}`}; at least ${plainPercent(atLeast)} must.`,
      places: [],
    };
  });
}

/** Whether no share has fallen by more than the tolerance. */
export function baselineChecks(now: QualityReport, { quality: then, tolerance }: Baseline): Check[] {
  return REQUIRED_SHARES.map((identifier) => {
    const before = shareOf(then, identifier).share;
    const after = shareOf(now, identifier).share;
    return {
      name: `baseline ${identifier}`,
      status: isAbove(before - after, tolerance) ? 'failed' : 'passed',
      message: `The share of records with ${identifier === 'several' ? 'two identifiers or more' : identifier} was ${percent(before)} and is ${percent(after)}; it may fall by at most ${plainPercent(tolerance)}.`,
      places: [],
    };
  });
}

function shareOf({ identifiers, several }: Baseline['quality'], of: RequiredShare): Share {
  return of === 'several' ? several : identifiers[of];
}
