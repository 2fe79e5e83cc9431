import type { BatchSubject } from '../payload/wire.js';

/** Who someone was to the server when they were added: what a leave is sent with. */
export type MemberSubject = Omit<BatchSubject, 'environment'>;

/** One confirmed member of an audience. */
export interface Member {
  /** Keyed hashes (`person.ts`), separated by commas. */
  readonly identifiers: string;
  /** JSON of a {@link MemberSubject}. */
  readonly subject: string;
  /**
   * Set where an earlier sync sent a change of this person and never learned whether it arrived: `add` (perhaps no
   * member yet), `update` (perhaps known by other identifiers now), `drop` (perhaps no member any more).
   */
  readonly inDoubt?: 'add' | 'update' | 'drop';
  /** Of the change in doubt, or of the last one. */
  readonly generation: number;
  /** 1-based line in the file of `--previous`; absent for a member that the state remembers. */
  readonly line?: number;
}

/** One change that a sync is about to send, as it is written down before. */
export interface PlannedChange {
  readonly what: 'put' | 'drop';
  /** The number of the member that it replaces or removes; absent for a new one. */
  readonly replaces?: number;
  readonly messageId: string;
  /** The mappings that deliver it. */
  readonly mappings: readonly string[];
  /** What the member is then; of a drop, what it was. */
  readonly member: Member;
}

/** What became of a change. `refused`: the server has it not, and does not want it. */
export type ChangeOutcome = 'delivered' | 'in doubt' | 'not sent' | 'refused';

/**
 * The members after some changes.
 *
 * @param members in the order in which changes number them.
 * @param changes gives those that replace or remove a member, or those that add one.
 * @param outcome what became of each change.
 */
export async function* applyChanges(
  members: AsyncIterable<Member>,
  changes: (replacing: boolean) => AsyncIterable<PlannedChange>,
  outcome: (change: PlannedChange) => ChangeOutcome,
): AsyncGenerator<Member> {
  /** Of changes that replace or remove a member: what is in its place then. */
  const replaced = new Map<number, Member | undefined>();
  /** Members who cannot be taken out. */
  const staying = new Set<number>();
  for await (const change of changes(true)) {
    const { replaces, member, what } = change;
    const end = outcome(change);
    if (replaces === undefined || end === 'not sent') continue;
    if (end === 'refused') {
      if (what === 'drop') staying.add(replaces);
    } else if (end === 'delivered') replaced.set(replaces, what === 'put' ? member : undefined);
    else replaced.set(replaces, { ...member, inDoubt: what === 'put' ? 'update' : 'drop' });
  }
  let number = 0;
  for await (const member of members) {
    const change = replaced.has(number) ? replaced.get(number) : member;
    // Whom the server takes neither in nor out is no member: else each sync to come would try it again.
    if (staying.has(number) && member.inDoubt === 'add') {
      number += 1;
      continue;
    }
    if (change?.inDoubt === 'update') {
      // Of an update, what the member was known by before is still what is certain; of someone who may be no member,
      // nothing is.
      const certain = member.inDoubt === undefined || member.inDoubt === 'update';
      yield certain
        ? { ...member, inDoubt: 'update', generation: change.generation }
        : { ...change, inDoubt: 'add' };
    } else if (change !== undefined) yield change;
    number += 1;
  }
  for await (const change of changes(false)) {
    if (change.replaces !== undefined || change.what === 'drop') continue;
    const end = outcome(change);
    if (end === 'delivered') yield change.member;
    if (end === 'in doubt') yield { ...change.member, inDoubt: 'add' };
  }
}
