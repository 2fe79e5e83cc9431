import { hexWord } from '../hex.js';
import type { Standing } from './applied.js';
import { isCounted, type Member } from './member.js';
import { PersonIndex } from './person-index.js';

/** What is to happen to a person. */
export type Decision = 'joined' | 'updated' | 'unchanged' | 'left';

const CONFIRMED = 1;
const NAMED = 2;
const WANTED = 4;
const CHANGED = 8;
const DOUBT = { add: 16, update: 32, drop: 64, both: 512, part: 1024 } as const;
const APPLIED = 128;
const KEPT = 256;
/** The record of a snapshot that counts has a customer id. */
const BY_CUSTOMER_ID = 2048;

/** How an audience changes: how many people there are of each. */
export type PlanCounts = Record<Decision, number>;

/**
 * The difference between the confirmed members of one audience and what the input says of it. First all members are
 * added, then all that the input says; then it can be asked.
 */
export class AudiencePlan {
  readonly #index: PersonIndex;
  readonly #isSnapshot: boolean;
  #members = 0;
  #flags: Uint16Array;
  #mayShare = false;
  /** Of changes, when the input last spoke of a person, in Unix ms, and in which entry. */
  #times = new Float64Array(0);
  #entries = new Uint32Array(0);
  /** A hash of the identifiers of a confirmed member. */
  #prints: Uint32Array;
  readonly #generations = new Map<number, number>();

  /**
   * @param isSnapshot whether who is not named has left.
   * @param expected about how many people there will be.
   */
  constructor(isSnapshot: boolean, expected: number) {
    const room = Math.ceil(expected * 1.1) + 1024;
    this.#isSnapshot = isSnapshot;
    this.#index = new PersonIndex(expected);
    this.#flags = new Uint16Array(room);
    this.#prints = new Uint32Array(room);
    if (isSnapshot) return;
    this.#times = new Float64Array(room);
    this.#entries = new Uint32Array(room);
  }

  /** How many members were confirmed. */
  get members(): number {
    return this.#members;
  }

  /** Adds a confirmed member; they are numbered in this order. */
  addMember(member: Member): void {
    const { identifiers, inDoubt, generation } = member;
    const list = identifiers.split(',');
    // Someone added twice under identifiers that were not known to be one person's stays two members.
    this.#mayShare ||= this.#index.find(list) !== undefined;
    const person = this.#index.add(list);
    this.#makeRoom(person);
    this.#flags[person] = CONFIRMED | (inDoubt === undefined ? 0 : DOUBT[inDoubt]);
    this.#prints[person] = printOf(list);
    if (inDoubt !== undefined) this.#generations.set(person, generation);
    if (isCounted(member)) this.#members += 1;
  }

  /** What is known of who has these identifiers. */
  standingOf(identifiers: readonly string[]): Standing {
    const person = this.#index.find(identifiers);
    const flags = person === undefined ? 0 : (this.#flags[person] ?? 0);
    const { add, update, drop, both, part } = DOUBT;
    return {
      isMember: (flags & CONFIRMED) !== 0,
      isInDoubt: (flags & (add | update | drop | both | part)) !== 0,
    };
  }

  /** The generation of a change of this person that is in doubt, if it is the change that is to be made now. */
  generationInDoubt(identifiers: readonly string[]): number | undefined {
    if (this.#generations.size === 0) return undefined;
    const person = this.#index.find(identifiers);
    if (person === undefined) return undefined;
    const flags = this.#flags[person] ?? 0;
    return (flags & (DOUBT.add | DOUBT.update | DOUBT.part)) === 0
      ? undefined
      : this.#generations.get(person);
  }

  /**
   * Takes what the input says of a person. Of a snapshot the first record with a customer id counts; where none has one,
   * the first.
   *
   * @param entry the number of the place where it does, from 0.
   * @param time in Unix ms: of changes the latest counts, of equal ones the last.
   * @param isApplied whether an earlier sync has applied it: then what is so now, which may have come later, stays.
   * @returns the person's number; undefined where what the input said before stays.
   */
  name(
    identifiers: readonly string[],
    wanted: boolean,
    time: number,
    entry: number,
    isApplied: boolean,
  ): number | undefined {
    const person = this.#personOf(identifiers);
    const flags = this.#flags[person] ?? 0;
    const byCustomerId = hasCustomerId(identifiers);
    const isBetter = this.#isSnapshot
      ? byCustomerId && (flags & BY_CUSTOMER_ID) === 0
      : (this.#times[person] ?? 0) <= time;
    const stays = (flags & NAMED) !== 0 && !isBetter;
    this.#index.extend(person, identifiers);
    if (this.#isSnapshot && this.#index.note(person, identifiers)) this.#mayShare = true;
    if (stays) return undefined;
    const changed = (flags & CONFIRMED) !== 0 && printOf(identifiers) !== this.#prints[person];
    this.#flags[person] =
      (flags & ~(WANTED | CHANGED | APPLIED)) |
      NAMED |
      (wanted ? WANTED : 0) |
      (changed ? CHANGED : 0) |
      (byCustomerId ? BY_CUSTOMER_ID : 0) |
      (isApplied ? APPLIED : 0);
    this.#times[person] = time;
    this.#entries[person] = entry;
    return person;
  }

  /** Whether these identifiers have an e-mail address that no record of a snapshot had; to be asked before {@link name}. */
  hasNewAddress(identifiers: readonly string[]): boolean {
    const address = identifiers.find((identifier) => identifier.startsWith('e'));
    return address !== undefined && !this.#index.isNoted([address]);
  }

  /**
   * Whom a record names. In a snapshot that is not a member whom another record, with none of these identifiers, has
   * named already: one of the two is somebody else now.
   */
  #personOf(identifiers: readonly string[]): number {
    const found = this.#index.find(identifiers);
    const isTaken =
      this.#isSnapshot &&
      found !== undefined &&
      ((this.#flags[found] ?? 0) & NAMED) !== 0 &&
      !this.#index.isNoted(identifiers);
    if (found !== undefined && !isTaken) return found;
    const person = this.#index.add(identifiers);
    if (isTaken) this.#index.takeOver(person, identifiers);
    this.#makeRoom(person);
    return person;
  }

  /** Whether there may be members whom the input does not name, and who have an identifier of somebody in it. */
  get mayShare(): boolean {
    return this.#mayShare;
  }

  /**
   * Keeps a member whose strongest identifier is somebody else's in the input: a leave sent under it would take that
   * person out. To be called for all members where {@link mayShare}, once all was named.
   */
  keepShared(member: number, { identifiers }: Member): void {
    const list = identifiers.split(',');
    const strongest = list.filter((identifier) => identifier.charAt(0) === list[0]?.charAt(0));
    if (this.#index.isNoted(strongest)) this.#flags[member] = (this.#flags[member] ?? 0) | KEPT;
  }

  /** The kinds of a member's identifiers, but for the strongest, of which somebody in the snapshot has the very same. */
  sharedKinds({ identifiers }: Member): ReadonlySet<string> {
    const list = identifiers.split(',');
    const weaker = list.filter((identifier) => identifier.charAt(0) !== list[0]?.charAt(0));
    return new Set(
      weaker
        .filter((identifier) => this.#index.isNoted([identifier]))
        .map((identifier) => identifier.charAt(0)),
    );
  }

  /** Whether this entry, which has these identifiers, is the one that counts of those that name this person. */
  isCurrent(person: number, entry: number, identifiers: readonly string[]): boolean {
    if (!this.#isSnapshot) return this.#entries[person] === entry;
    return hasCustomerId(identifiers) === (((this.#flags[person] ?? 0) & BY_CUSTOMER_ID) !== 0);
  }

  /** Whether a person is a confirmed member. */
  isConfirmed(person: number): boolean {
    return ((this.#flags[person] ?? 0) & CONFIRMED) !== 0;
  }

  /** Whether a person is counted as a member: not one whose joining is in doubt, or was refused in part. */
  isMember(person: number): boolean {
    return ((this.#flags[person] ?? 0) & (CONFIRMED | DOUBT.add | DOUBT.both | DOUBT.part)) === CONFIRMED;
  }

  /** Whether what counts of what the input says of a person was applied by an earlier sync. */
  isApplied(person: number): boolean {
    return ((this.#flags[person] ?? 0) & APPLIED) !== 0;
  }

  /** What is to happen to a person whom the input names. */
  decide(person: number): Decision {
    return this.#decisionOf(this.#flags[person] ?? 0);
  }

  /** Whether a confirmed member, given by their number, leaves because a snapshot does not name them. */
  leaves(member: number): boolean {
    return this.#isSnapshot && ((this.#flags[member] ?? 0) & (NAMED | KEPT)) === 0;
  }

  /** How the audience changes; once all was added. */
  counts(): PlanCounts {
    const counts: PlanCounts = { joined: 0, left: 0, updated: 0, unchanged: 0 };
    for (let person = 0; person < this.#index.size; person += 1) {
      const flags = this.#flags[person] ?? 0;
      if ((flags & NAMED) !== 0) counts[this.#decisionOf(flags)] += 1;
      else if ((flags & KEPT) !== 0) counts.unchanged += 1;
      else if (this.#isSnapshot) counts.left += 1;
    }
    return counts;
  }

  #decisionOf(flags: number): Decision {
    if ((flags & APPLIED) !== 0) return 'unchanged';
    if ((flags & WANTED) === 0) return 'left';
    const isJoining = (flags & (DOUBT.add | DOUBT.drop | DOUBT.both | DOUBT.part)) !== 0;
    if ((flags & CONFIRMED) === 0 || isJoining) return 'joined';
    return (flags & CHANGED) === 0 ? 'unchanged' : 'updated';
  }

  #makeRoom(person: number): void {
    if (person < this.#flags.length) return;
    const size = Math.ceil(this.#flags.length * 1.5);
    this.#flags = grown(this.#flags, new Uint16Array(size));
    this.#prints = grown(this.#prints, new Uint32Array(size));
    if (this.#isSnapshot) return;
    this.#times = grown(this.#times, new Float64Array(size));
    this.#entries = grown(this.#entries, new Uint32Array(size));
  }
}

function grown<T extends Uint16Array | Float64Array | Uint32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

function hasCustomerId([strongest]: readonly string[]): boolean {
  return strongest?.startsWith('c') === true;
}

/** 32 bits by which a list of identifiers is recognised: each is a hash already. */
function printOf(identifiers: readonly string[]): number {
  return identifiers.reduce((sum, identifier) => (sum + hexWord(identifier, 2)) >>> 0, 0);
}
