import type { DeliveryId, DeliveryKey } from '../interfaces.js';
import { dropBatch } from '../payload/membership.js';
import type { Delivery, PreparedRecord } from '../payload/prepare.js';
import type { BatchSubject } from '../payload/wire.js';
import type { Spool } from '../spool.js';
import { decodeEntry, type Entry, encodeEntry, toDelivery } from './entry.js';
import type { Member, PlannedChange } from './member.js';
import { AudiencePlan, type Decision, type PlanCounts } from './plan.js';
import { changeId } from './profile.js';

/** One change, ready to be sent. */
export interface Change {
  /** The input file; of someone whom no file names, the audience's key. */
  readonly file: string;
  readonly record: PreparedRecord;
  readonly decision: Decision;
  readonly planned: PlannedChange;
  /** Whether a record of the input asks for it; who leaves a snapshot has none. */
  readonly isInput: boolean;
}

/** What an {@link AudienceSync} works with. */
export interface AudienceSyncOptions {
  /** The audience's key. */
  readonly key: string;
  /** Whether the input is a snapshot, so that who is not in it has left. */
  readonly isSnapshot: boolean;
  /** Whether unchanged members are sent again. */
  readonly full: boolean;
  /** Unix ms; when the changes of this sync happen, and what tells them from those of another. */
  readonly generation: number;
  readonly environment: BatchSubject['environment'];
  /** The mapping that leaves go under. */
  readonly mapping: string;
  /** About how many people there are: memory is set aside for them. */
  readonly expected: number;
  /** The confirmed members, always in the same order. */
  readonly members: () => AsyncIterable<Member>;
  readonly identify: (key: DeliveryKey) => DeliveryId;
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

  get key(): string {
    return this.#options.key;
  }

  /** Lets go of what it holds; nothing may be asked of it any more. */
  close(): void {
    this.#options.spool.close();
    this.#plan = new AudiencePlan(false, 0);
  }

  /** How many members were confirmed before. */
  get members(): number {
    return this.#plan.members;
  }

  /** Reads the confirmed members. To be called first. */
  async load(): Promise<void> {
    for await (const member of this.#options.members()) this.#plan.addMember(member);
  }

  /** The generation of which a change of this person has to be, to be the same as one that is in doubt. */
  generationFor(identifiers: readonly string[]): number {
    return this.#plan.generationInDoubt(identifiers) ?? this.#options.generation;
  }

  /**
   * Takes what the input says of a person.
   *
   * @param wanted whether the person is to be a member.
   * @param time in Unix ms; of what is said of one person the latest counts.
   * @returns false where there is nothing to be done for it: the person is a member already, or was named before.
   */
  take(entry: Entry, wanted: boolean, time: number): boolean {
    const { isSnapshot, full, spool } = this.#options;
    if (!this.#plan.name(entry.identifiers, wanted, time, this.#entries)) return false;
    if (isSnapshot && !full && this.#plan.decide(entry.identifiers).decision === 'unchanged') return false;
    spool.add(encodeEntry(entry));
    this.#entries += 1;
    return true;
  }

  /** Sends nobody's leave who is merely not named: the snapshot is not known in full. */
  holdLeaves(): void {
    this.#holdsLeaves = true;
  }

  /** How many leaves are held back. */
  held(): number {
    return this.#holdsLeaves ? this.#plan.counts().left : 0;
  }

  /** What will change; once all was taken. */
  counts(): PlanCounts {
    return this.#plan.counts();
  }

  /**
   * The changes; joins and updates first, then leaves.
   *
   * @param onSettled called for each record of the input that needs no change after all.
   */
  async *changes(onSettled: (file: string, record: PreparedRecord) => void): AsyncGenerator<Change> {
    const { spool, identify, full, generation } = this.#options;
    const leaving = new Map<number, Entry>();
    let number = 0;
    for (const line of spool.lines()) {
      const entry = decodeEntry(line, identify);
      const { file, record, identifiers } = entry;
      const { decision, member } = this.#plan.decide(identifiers);
      const isCurrent = this.#plan.isCurrent(identifiers, number);
      number += 1;
      if (!isCurrent || (decision === 'unchanged' && !full)) {
        onSettled(file, record);
      } else if (decision === 'left' && member !== undefined) {
        leaving.set(member, entry);
      } else {
        const [first] = record.outcome.deliveries;
        if (first === undefined) continue;
        const planned: PlannedChange = {
          what: decision === 'left' ? 'drop' : 'put',
          ...(member === undefined ? {} : { replaces: member }),
          messageId: record.outcome.messageId,
          mappings: record.outcome.deliveries.map(({ mapping }) => mapping),
          member: {
            identifiers: identifiers.join(','),
            subject: subjectOf(first),
            generation: decision === 'left' ? generation : this.generationFor(identifiers),
          },
        };
        yield { file, record, decision, planned, isInput: true };
      }
    }
    yield* this.#leaves(leaving);
  }

  async *#leaves(asked: ReadonlyMap<number, Entry>): AsyncGenerator<Change> {
    const { key, members, generation } = this.#options;
    let number = -1;
    for await (const member of members()) {
      number += 1;
      const entry = asked.get(number);
      if (entry === undefined && (this.#holdsLeaves || !this.#plan.leaves(number))) continue;
      const time = member.inDoubt === 'drop' ? member.generation : generation;
      const messageId = entry?.record.outcome.messageId ?? changeId(key, time, 'drop', member.identifiers);
      const timestampMs = entry?.record.outcome.deliveries[0]?.timestampMs ?? time;
      const delivery = this.#drop(member, messageId, timestampMs);
      const { inDoubt: _, ...certain } = member;
      yield {
        file: entry?.file ?? key,
        record: {
          line: entry?.record.line ?? member.line ?? 0,
          source: entry?.record.source ?? { kind: 'object', value: {} },
          messageId,
          warnings: [],
          outcome: { kind: 'ready', messageId, deliveries: [delivery] },
        },
        decision: 'left',
        planned: {
          what: 'drop',
          replaces: number,
          messageId,
          mappings: [delivery.mapping],
          member: { ...certain, generation: time },
        },
        isInput: entry !== undefined,
      };
    }
  }

  #drop(member: Member, messageId: string, timestampMs: number): Delivery {
    const { key, environment, mapping, identify } = this.#options;
    const subject: Omit<BatchSubject, 'environment'> = JSON.parse(member.subject);
    const batch = dropBatch({ environment, ...subject }, key, messageId, timestampMs);
    const id = identify({ messageId, mapping });
    return toDelivery(batch, { json: JSON.stringify(batch), route: 'live', timestampMs, mapping, id });
  }
}

function subjectOf({ batch }: Delivery): string {
  const { environment: _, user_attributes: __, events: ___, ...subject } = batch;
  return JSON.stringify(subject);
}
