import type { AllowedRejects } from '../delivery/reject-limit.js';
import { IDENTIFIERS, type Identifier } from '../payload/identifiers.js';
import { isAbove, plainPercent } from '../share.js';
import type { Check } from './checks.js';
import { percent, type QualityReport } from './quality.js';
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

/** Whether no more records were rejected than allowed. */
export function rejectsCheck({ rejected, read }: RunResult, allowed: AllowedRejects): Check {
  const most = 'count' in allowed ? allowed.count : allowed.share * read;
  const limit = 'count' in allowed ? `${allowed.count}` : plainPercent(allowed.share);
  const share = read === 0 ? 0 : rejected / read;
  return {
    name: 'max-rejects',
    status: isAbove(rejected, most) ? 'failed' : 'passed',
    message: `${rejected} of ${read} records (${percent(share)}) are rejected; ${limit} may be.`,
    places: [],
  };
}

/** Whether each share is what it must be. */
export function requirementChecks(quality: QualityReport, requirements: readonly Requirement[]): Check[] {
  return requirements.map(({ identifier, atLeast }) => {
    const { records, share } = identifier === 'several' ? quality.several : quality.identifiers[identifier];
    return {
      name: `require ${identifier}>=${plainPercent(atLeast)}`,
      status: isAbove(atLeast, share) ? 'failed' : 'passed',
      message: `${records} of ${quality.records} records (${percent(share)}) have ${identifier === 'several' ? 'two identifiers or more' : `the identifier ${identifier}`}; ${plainPercent(atLeast)} must.`,
      places: [],
    };
  });
}

/** Whether no share has fallen by more than the tolerance. */
export function baselineChecks(now: QualityReport, { quality: then, tolerance }: Baseline): Check[] {
  return REQUIRED_SHARES.map((identifier) => {
    const before = identifier === 'several' ? then.several.share : then.identifiers[identifier].share;
    const after = identifier === 'several' ? now.several.share : now.identifiers[identifier].share;
    return {
      name: `baseline ${identifier}`,
      status: isAbove(before - after, tolerance) ? 'failed' : 'passed',
      message: `The share of records with ${identifier === 'several' ? 'two identifiers or more' : identifier} was ${percent(before)} and is ${percent(after)}; it may fall by ${plainPercent(tolerance)}.`,
      places: [],
    };
  });
}
