import type { DeliveryId, DeliveryKey } from '../interfaces.js';
import { dropBatch } from '../payload/membership.js';
import type { PreparedRecord } from '../payload/prepare.js';
import type { BatchSubject } from '../payload/wire.js';
import type { Spool } from '../spool.js';
import type { Standing } from './applied.js';
import { decodeEntry, type Entry, encodeEntry, recordOf, type StoredEntry, subjectOf } from './entry.js';
import { isCounted, type Member, type PlannedChange } from './member.js';
import { withoutKinds } from './person.js';
import { AudiencePlan, type Decision, type PlanCounts } from './plan.js';
import { changeId } from './profile.js';

/** One change, ready to be sent. */
export interface Change {
  /** The input file; of someone whom no file names, the audience's key. */
  readonly file: string;
  readonly record: PreparedRecord;
  readonly decision: Decision;
  /** Whether a record of the input asks for it; who leaves a snapshot has none. */
  readonly isInput: boolean;
  /** Whether the person is a member before it, as far as is known. */
  readonly wasMember: boolean;
}

/** What an {@link AudienceSync} works with. */
export interface AudienceSyncOptions {
  /** The audience's key. */
  readonly key: string;
  /** Whether the input is a snapshot, so that who is not in it has left. */
  readonly isSnapshot: boolean;
  /** Whether unchanged members are sent again. */
  readonly full: boolean;
  /** Unix ms; when the changes of this sync happen, and what they are recognised by. */
  readonly generation: number;
  readonly environment: BatchSubject['environment'];
  /** The mapping that leaves go under. */
  readonly mapping: string;
  /** About how many people there are: memory is set aside for them. */
  readonly expected: number;
  /** The confirmed members, always in the same order. */
  readonly members: () => AsyncIterable<Member>;
  readonly identify: (key: DeliveryKey) => DeliveryId;
  /** Whether an earlier sync has applied a change of the input. */
  readonly isApplied: (record: Entry['record'], standing: Standing) => boolean;
  /** Keeps what the input says. */
  readonly spool: Spool;
}

/** One audience of a run: takes what the input says of people, then gives the changes. */
export class AudienceSync {
  readonly #options: AudienceSyncOptions;
  #plan: AudiencePlan;
  #entries = 0;
  #holdsLeaves = false;

  constructor(options: AudienceSyncOptions) {
    this.#options = options;
    this.#plan = new AudiencePlan(options.isSnapshot, options.expected);
  }

  /** See {@link AudienceSyncOptions}. */
  get key(): string {
    return this.#options.key;
  }

  /** See {@link AudienceSyncOptions}. */
  get isSnapshot(): boolean {
    return this.#options.isSnapshot;
  }

  /** Lets go of what it holds; nothing may be asked of it any more. */
  close(): void {
    this.#options.spool.close();
    this.#plan = new AudiencePlan(false, 0);
  }

  /** See {@link AudienceSyncOptions}. */
  get generation(): number {
    return this.#options.generation;
  }

  /** How many members were confirmed before. */
  get members(): number {
    return this.#plan.members;
  }

  /** Reads the confirmed members. To be called first. */
  async load(): Promise<void> {
    for await (const member of this.#options.members()) this.#plan.addMember(member);
  }

  /** The generation that makes a change of this person the same as one that is in doubt; where none is, that of this sync. */
  generationFor(identifiers: readonly string[]): number {
    return this.#plan.generationInDoubt(identifiers) ?? this.#options.generation;
  }

  /**
   * Takes what the input says of a person.
   *
   * @param wanted whether the person is to be a member.
   * @param time in Unix ms; of what is said of one person the latest counts.
   * @returns what there is to be done for it. Of a stream that is given by {@link changes}. `new address`: named before, and
   *   without this e-mail address.
   */
  take(entry: Entry, wanted: boolean, time: number): 'more' | 'unchanged' | 'named before' | 'new address' {
    const { isSnapshot, full, isApplied, spool } = this.#options;
    const applied = !isSnapshot && isApplied(entry.record, this.#plan.standingOf(entry.identifiers));
    const isNewAddress = isSnapshot && this.#plan.hasNewAddress(entry.identifiers);
    const person = this.#plan.name(entry.identifiers, wanted, time, this.#entries, applied);
    if (isSnapshot && person === undefined) return isNewAddress ? 'new address' : 'named before';
    if (isSnapshot && !full && person !== undefined && this.#plan.decide(person) === 'unchanged') {
      return 'unchanged';
    }
    spool.add(encodeEntry(entry, person));
    this.#entries += 1;
    return 'more';
  }

  /** Sends nobody's leave who is merely not named: the snapshot is not known in full. */
  holdLeaves(): void {
    this.#holdsLeaves = true;
  }

  /** To be called once all was taken; before that nothing can be said of changes. */
  async settle(): Promise<void> {
    if (!this.#plan.mayShare) return;
    let number = 0;
    for await (const member of this.#options.members()) {
      this.#plan.keepShared(number, member);
      number += 1;
    }
  }

  /** What the input says, of a stream all of it. */
  *entries(): Generator<Entry['record']> {
    const { spool, identify } = this.#options;
    for (const line of spool.lines()) yield recordOf(decodeEntry(line), identify);
  }

  /** Whether {@link holdLeaves} was called. */
  get holdsLeaves(): boolean {
    return this.#holdsLeaves;
  }

  /** How many leaves are held back. */
  held(): number {
    return this.#holdsLeaves ? this.#plan.counts().left : 0;
  }

  /** What will change; once all was taken. */
  counts(): PlanCounts {
    return this.#plan.counts();
  }

  /** What {@link changes} will be, as it is written down before they are sent. */
  async *planned(): AsyncGenerator<PlannedChange> {
    const leaving = new Map<number, number>();
    for (const { stored, place, decision, member } of this.#decided()) {
      if (decision === 'left' && member !== undefined) leaving.set(member, place);
      else if (decision !== undefined) yield this.#plannedOf(stored, decision, member);
    }
    for await (const { number, member, entry } of this.#leavers(leaving)) {
      yield this.#plannedLeave(number, member, entry);
    }
  }

  /**
   * The changes. Of a snapshot leaves come first: whoever leaves by one identifier and joins by another is in in the end,
   * also where the server knows that the two are one person.
   *
   * @param onSettled called for each record of the input that needs no change after all; `counts`: whether it is what
   *   counts of what the input says of somebody, who is unchanged then.
   */
  async *changes(
    onSettled: (file: string, record: PreparedRecord, counts: boolean) => void,
  ): AsyncGenerator<Change> {
    const { identify, isSnapshot } = this.#options;
    const leaving = new Map<number, number>();
    if (isSnapshot) yield* this.#leaves(leaving);
    for (const { stored, place, decision, member, wasMember, counts } of this.#decided()) {
      if (decision === 'left' && member !== undefined) leaving.set(member, place);
      else if (decision === undefined) onSettled(stored.file, recordOf(stored, identify), counts);
      else
        yield { file: stored.file, record: recordOf(stored, identify), decision, isInput: true, wasMember };
    }
    if (!isSnapshot) yield* this.#leaves(leaving);
  }

  /** @param asked see {@link #leavers}. */
  async *#leaves(asked: ReadonlyMap<number, number>): AsyncGenerator<Change> {
    const { identify, key, environment, mapping } = this.#options;
    for await (const { number, member, entry } of this.#leavers(asked)) {
      const { messageId, member: leaver } = this.#plannedLeave(number, member, entry);
      const timestampMs = entry?.deliveries[0]?.timestampMs ?? leaver.generation;
      const subject = withoutKinds(JSON.parse(member.subject), this.#plan.sharedKinds(member));
      const batch = dropBatch({ environment, ...subject }, key, messageId, timestampMs);
      const leave = {
        line: entry?.line ?? member.line ?? 0,
        source: entry?.source ?? { kind: 'object', value: {} },
        messageId,
        warnings: [],
        deliveries: [{ mapping, batch, route: 'live', timestampMs }],
      } as const;
      const record = recordOf(leave, identify);
      const isInput = entry !== undefined;
      yield { file: entry?.file ?? key, record, decision: 'left', isInput, wasMember: isCounted(member) };
    }
  }

  /** What the input says, with what is to be done for it; undefined: nothing. */
  *#decided(): Generator<{
    readonly stored: StoredEntry;
    /** In the spool. */
    readonly place: number;
    readonly decision: Decision | undefined;
    readonly member: number | undefined;
    readonly wasMember: boolean;
    readonly counts: boolean;
  }> {
    const { spool, full } = this.#options;
    let number = 0;
    let next = 0;
    for (const line of spool.lines()) {
      const place = next;
      next += Buffer.byteLength(line) + 1;
      const stored = decodeEntry(line);
      // Not looked up again: since then, somebody else may have come to be found by the same identifiers.
      const { person, identifiers } = stored;
      if (person === undefined) {
        number += 1;
        yield { stored, place, decision: undefined, member: undefined, wasMember: false, counts: false };
        continue;
      }
      const decision = this.#plan.decide(person);
      const isDone = decision === 'unchanged' && (!full || this.#plan.isApplied(person));
      const counts = this.#plan.isCurrent(person, number, identifiers);
      const member = this.#plan.isConfirmed(person) ? person : undefined;
      number += 1;
      const wasMember = this.#plan.isMember(person);
      yield { stored, place, decision: counts && !isDone ? decision : undefined, member, wasMember, counts };
    }
  }

  /**
   * Members who leave: those whom the input says so of, and of a snapshot those whom it does not name.
   *
   * @param asked members by number, to the place in the spool where the input says so.
   */
  async *#leavers(asked: ReadonlyMap<number, number>): AsyncGenerator<{
    readonly number: number;
    readonly member: Member;
    readonly entry: StoredEntry | undefined;
  }> {
    let number = -1;
    for await (const member of this.#options.members()) {
      number += 1;
      const place = asked.get(number);
      const entry = place === undefined ? undefined : decodeEntry(this.#options.spool.at(place));
      if (entry !== undefined || (!this.#holdsLeaves && this.#plan.leaves(number))) {
        yield { number, member, entry };
      }
    }
  }

  #plannedOf(stored: StoredEntry, decision: Decision, member: number | undefined): PlannedChange {
    const { identifiers, messageId, deliveries } = stored;
    const subjects = deliveries.map(({ batch }) => subjectOf(batch));
    const [subject = ''] = subjects;
    const isDrop = decision === 'left';
    return {
      what: isDrop ? 'drop' : 'put',
      ...(member === undefined ? {} : { replaces: member }),
      messageId,
      mappings: deliveries.map(({ mapping }) => mapping),
      ...(subjects.every((each) => each === subject) ? {} : { subjects }),
      member: {
        identifiers: identifiers.join(','),
        subject,
        generation: isDrop ? this.#options.generation : this.generationFor(identifiers),
      },
    };
  }

  #plannedLeave(number: number, member: Member, entry: StoredEntry | undefined): PlannedChange {
    const { key, generation, mapping } = this.#options;
    // Whoever was added by a clock that was ahead leaves after that, not before.
    const isRepeated = member.inDoubt === 'drop' || member.inDoubt === 'both';
    const time = isRepeated ? member.generation : Math.max(generation, member.generation + 1);
    const { inDoubt: _, line: __, ...certain } = member;
    return {
      what: 'drop',
      replaces: number,
      messageId: entry?.messageId ?? changeId(key, time, 'drop', member.identifiers),
      mappings: [mapping],
      member: { ...certain, generation: time },
    };
  }
}
