import type { Decision, PlanCounts } from '../audience/plan.js';
import type { RunRecord, SettledRecord } from '../delivery/run-record.js';
import { EXIT } from '../errors.js';
import type { AudienceResult, RunResult } from './result.js';
import { counted } from './words.js';

/** What was decided on people, in the order in which it is reported. */
export const DECISIONS = ['joined', 'left', 'updated', 'unchanged'] as const satisfies readonly Decision[];

/** As many lines of the input are shown of each decision. */
const EXAMPLES = 5;

interface Open {
  readonly planned: PlanCounts;
  readonly held: number;
  readonly done: { joined: number; left: number; updated: number };
  members: number;
  refused: number;
  readonly examples: Record<Decision, number[]>;
}

interface Expected {
  readonly key: string;
  readonly decision: Decision;
  readonly isInput: boolean;
  readonly wasMember: boolean;
}

/** What became of the changes of each audience of a run. */
export class AudienceTally {
  readonly #audiences = new Map<string, Open>();
  /** Of records on their way. */
  readonly #expected = new Map<RunRecord, Expected>();
  /** Of each audience, lines of members that need no change. */
  readonly #unchanged = new Map<string, number[]>();

  /** @param held how many leaves are held back. */
  open(key: string, before: number, planned: PlanCounts, held: number): void {
    const examples = { joined: [], left: [], updated: [], unchanged: this.#unchangedOf(key) };
    const done = { joined: 0, left: 0, updated: 0 };
    this.#audiences.set(key, { members: before, refused: 0, planned, held, done, examples });
  }

  /** A record of the input of somebody who is unchanged. @param key of the audience. */
  unchanged(key: string, { line }: RunRecord): void {
    const lines = this.#unchangedOf(key);
    if (lines.length < EXAMPLES) lines.push(line);
  }

  /** What a record is about to be sent for. */
  expect(record: RunRecord, change: Expected): void {
    this.#expected.set(record, change);
  }

  /** Takes a settled record. @returns whether it is one of the input. */
  settle({ record, state }: SettledRecord): boolean {
    const expected = this.#expected.get(record);
    if (expected === undefined) return true;
    this.#expected.delete(record);
    const { key, decision, isInput, wasMember } = expected;
    const audience = this.#audiences.get(key);
    if (audience === undefined) return isInput;
    if (state === 'accepted' || state === 'duplicate') {
      if (decision !== 'unchanged') {
        audience.done[decision] += 1;
        audience.members += Number(decision !== 'left') - Number(wasMember);
      }
      const lines = audience.examples[decision];
      if (record.line > 0 && lines.length < EXAMPLES) lines.push(record.line);
    } else if (state === 'rejected' && !isInput) {
      audience.refused += 1;
    }
    return isInput;
  }

  #unchangedOf(key: string): number[] {
    const lines = this.#unchanged.get(key) ?? [];
    this.#unchanged.set(key, lines);
    return lines;
  }

  /** The result of the run with its audiences. */
  extend(result: RunResult): RunResult {
    const audiences = [...this.#audiences].map(([audience, open]): AudienceResult => {
      const { members, planned, held, refused, done, examples } = open;
      return { audience, members, ...done, unchanged: planned.unchanged, held, refused, examples };
    });
    const isShort = audiences.some((audience) => leavesNotSent(audience).length > 0);
    const exitCode = result.exitCode === EXIT.ok && isShort ? EXIT.rejected : result.exitCode;
    return { ...result, exitCode, audiences };
  }
}

/** Why members who have left are members still, in sentences; none where each leave went through. */
export function leavesNotSent({
  audience,
  held,
  refused,
}: Pick<AudienceResult, 'audience' | 'held' | 'refused'>): string[] {
  return [
    ...(held === 0
      ? []
      : [
          `${counted(held, 'leave')} of ${audience} held back: rejected records may be those of members. Fix them, or leave them out of the export, and run it again.`,
        ]),
    ...(refused === 0
      ? []
      : [
          `${counted(refused, 'leave')} of ${audience} ${refused === 1 ? 'was' : 'were'} refused by the server: its words are in the rejects file. Each sync tries again.`,
        ]),
  ];
}
