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
   * member yet), `update` (perhaps known by other identifiers now), `drop` (perhaps no member any more), `both` (perhaps
   * added, and perhaps no member any more). Or where one mapping has added them and another has not: `part`.
   */
  readonly inDoubt?: 'add' | 'update' | 'drop' | 'both' | 'part';
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
  /** What {@link Member.subject} is by each of them; absent where that is the same. */
  readonly subjects?: readonly string[];
  /** What the member is then; of a drop, what it was. */
  readonly member: Member;
}

/**
 * What became of a change. `refused`: the server does not have it and does not want it. `by`: the server has it by some
 * of the mappings, this being the number of the first of them, and surely not by another.
 */
export type ChangeOutcome = 'delivered' | 'in doubt' | 'not sent' | 'refused' | { readonly by: number };

/** The changes that a sync wrote down. There may be one for each of millions of members: they are read as they are needed. */
export interface WrittenChanges {
  /** Those that replace or remove a member, or those that add one; each with its place. */
  all(replacing: boolean): AsyncIterable<{ readonly change: PlannedChange; readonly place: number }>;
  /** The change at a place. */
  at(place: number): PlannedChange;
}

/**
 * The members after some changes, those that stay and those that are replaced in the places that they had.
 *
 * @param members in the order in which changes number them.
 * @param outcome what became of each change.
 */
export async function* applyChanges(
  members: AsyncIterable<Member>,
  changes: WrittenChanges,
  outcome: (change: PlannedChange) => ChangeOutcome,
): AsyncGenerator<Member> {
  const fates = new Fates();
  for await (const { change, place } of changes.all(true)) {
    const fate = fateOf(change, outcome(change));
    if (change.replaces !== undefined && fate !== FATE.same) fates.set(change.replaces, fate, place);
  }
  let number = 0;
  for await (const member of members) {
    const { fate, place } = fates.of(number);
    const after = memberAfter(member, fate, () => {
      const change = changes.at(place);
      return plannedMember(change, outcome(change));
    });
    if (after !== undefined) yield after;
    number += 1;
  }
  for await (const { change } of changes.all(false)) {
    if (change.what === 'drop') continue;
    const end = outcome(change);
    if (end === 'delivered') yield change.member;
    if (end === 'in doubt') yield { ...change.member, inDoubt: 'add' };
    if (typeof end === 'object') yield { ...plannedMember(change, end), inDoubt: 'part' };
  }
}

/** What the member is then; who to the server, by a mapping that has it. */
function plannedMember({ member, subjects }: PlannedChange, end: ChangeOutcome): Member {
  const subject = typeof end === 'object' ? subjects?.[end.by] : undefined;
  return subject === undefined ? member : { ...member, subject };
}

/** What becomes of a member. `staying`: the server did not want the leave. */
const FATE = {
  same: 0,
  removed: 1,
  replaced: 2,
  updateInDoubt: 3,
  dropInDoubt: 4,
  staying: 5,
  inPart: 6,
} as const;
type Fate = (typeof FATE)[keyof typeof FATE];

function fateOf({ what }: PlannedChange, end: ChangeOutcome): Fate {
  const isDrop = what === 'drop';
  if (end === 'delivered') return isDrop ? FATE.removed : FATE.replaced;
  if (end === 'in doubt') return isDrop ? FATE.dropInDoubt : FATE.updateInDoubt;
  if (typeof end === 'object') return isDrop ? FATE.dropInDoubt : FATE.inPart;
  return end === 'refused' && isDrop ? FATE.staying : FATE.same;
}

/** @param planned what the change says of the member. @returns undefined where there is no member any more. */
function memberAfter(member: Member, fate: Fate, planned: () => Member): Member | undefined {
  if (fate === FATE.same) return member;
  if (fate === FATE.removed) return undefined;
  // Whom the server takes neither in nor out is no member: else each sync to come would try it again.
  if (fate === FATE.staying) return mayNeverHaveJoined(member) ? undefined : member;
  if (fate === FATE.replaced) return planned();
  if (fate === FATE.dropInDoubt) {
    return { ...planned(), inDoubt: mayNeverHaveJoined(member) ? 'both' : 'drop' };
  }
  // Of an update, what the member was known by before is still what is certain; of someone who may be no member,
  // nothing is.
  const certain = member.inDoubt === undefined || member.inDoubt === 'update';
  if (certain) return { ...member, inDoubt: 'update', generation: planned().generation };
  if (fate === FATE.inPart) return { ...planned(), inDoubt: 'part' };
  return member.inDoubt === 'part' ? member : { ...planned(), inDoubt: 'add' };
}

/** Whether someone may be no member at all. */
function mayNeverHaveJoined({ inDoubt }: Member): boolean {
  return inDoubt === 'add' || inDoubt === 'both';
}

/** Whether someone is counted as a member: it is known that they are, by all mappings. */
export function isCounted(member: Member): boolean {
  return !mayNeverHaveJoined(member) && member.inDoubt !== 'part';
}

/** Of each member, by their number, what becomes of it and the place of the change that says so: 9 bytes. */
class Fates {
  #fates = new Uint8Array(1024);
  #places = new Float64Array(1024);

  set(number: number, fate: Fate, place: number): void {
    if (number >= this.#fates.length) {
      const room = Math.ceil((number + 1) * 1.5);
      const [fates, places] = [new Uint8Array(room), new Float64Array(room)];
      fates.set(this.#fates);
      places.set(this.#places);
      this.#fates = fates;
      this.#places = places;
    }
    this.#fates[number] = fate;
    this.#places[number] = place;
  }

  of(number: number): { readonly fate: Fate; readonly place: number } {
    const fate = FATES[this.#fates[number] ?? 0] ?? FATE.same;
    return { fate, place: this.#places[number] ?? 0 };
  }
}

const FATES: readonly Fate[] = Object.values(FATE);
