import { type ErrorPlace, UserError } from '../errors.js';
import type { InputRecord } from '../input/input-record.js';
import type { OpenedInput } from '../input/open.js';
import { wholeEvent } from '../input/whole-event.js';
import type { Problem, RecordState, SegmentEvent } from '../interfaces.js';
import { membershipIn, unreadableMembership } from '../payload/membership.js';
import type { PreparedRecord } from '../payload/prepare.js';
import type { BatchSubject } from '../payload/wire.js';
import type { Entry } from './entry.js';
import {
  changeInSnapshot,
  checkJoins,
  checkOnlyProfile,
  createSameAudienceCheck,
  isCall,
  isCutShort,
  ofAnotherAudience,
  ofCalls,
  ofRejects,
} from './guards.js';
import { audienceKey, hasDate, nameOfFile } from './key.js';
import { createMemberTest, type Said, unclearMembership } from './own-trait.js';
import { identifiersOf } from './person.js';
import {
  completeEntry,
  hasColumnsOfChanges,
  isAnonymous,
  isChange,
  toIdentify,
  trackAsIdentify,
} from './profile.js';
import type { AudienceSync } from './sync.js';

/** Texts of a JSON object that name its audience, the surest first. */
const NAMES = ['audience_key', 'key', 'computation_key', 'audience_name', 'audience', 'name'] as const;

/** What an {@link AudienceIntake} works with. */
export interface IntakeOptions {
  /** The audience's name, where the user gave it. */
  readonly audience: string | undefined;
  readonly prepare: (record: InputRecord) => PreparedRecord;
  /** See `person.ts`. */
  readonly secret: string;
  /** Opens an audience; may be asked for the same one again. */
  readonly open: (key: string, isSnapshot: boolean) => Promise<AudienceSync>;
  /** Reads a JSON object to its end for the texts after the list in it; undefined for a pipe, which cannot be read twice. */
  readonly textsAfter: (file: string) => Promise<Readonly<Record<string, string>> | undefined>;
  /** Called for a file whose own name is that of its audience, and has a date in it. */
  readonly onDatedName: (file: string) => void;
  /** Called for a record of somebody whom the snapshot has named before, without the e-mail address that it has. */
  readonly onOtherAddress: (file: string, line: number) => void;
  readonly onRead: (count: number) => void;
  /** Called for each record that needs no change. */
  readonly onSettled: (file: string, record: PreparedRecord, state: RecordState, problem?: Problem) => void;
  /** Called for each profile of somebody who is no member. */
  readonly onNonMember: (file: string, record: PreparedRecord) => void;
  /** Called besides for each member of a snapshot who is one already. */
  readonly onUnchanged: (key: string, record: PreparedRecord) => void;
}

/** The snapshot that a file is. */
interface Snapshot {
  readonly sync: AudienceSync;
  readonly saidBy: (record: InputRecord, event: SegmentEvent) => Said;
}

/** Reads input files into audiences: each file is a snapshot of one, or reports changes of any number. */
export class AudienceIntake {
  readonly #options: IntakeOptions;
  #hasSnapshot = false;
  /** The first change of another audience than the user has named. */
  #ofAnother: ErrorPlace | undefined;

  constructor(options: IntakeOptions) {
    this.#options = options;
  }

  /**
   * Reads one file to its end. Where records of a snapshot were rejected, they may be those of members: then nobody can
   * be said to have left it.
   *
   * @throws UserError `AUDIENCE_EMPTY`, `AUDIENCE_TRUNCATED`, `AUDIENCE_NAME_MISSING`, `AUDIENCE_NOT_MAPPED`,
   *   `AUDIENCE_OF_REJECTS`, `AUDIENCE_TWICE`, and what reading and `open` throw.
   */
  async take(input: OpenedInput): Promise<void> {
    let snapshot: Snapshot | undefined;
    // Of a table also where its first row is no change, or there is none.
    let isStream: boolean | undefined = hasColumnsOfChanges(input.head.table?.columns ?? [])
      ? true
      : undefined;
    let rejectedLine: number | undefined;
    let isIncomplete = false;
    let callLine: number | undefined;
    let only: InputRecord | undefined;
    const checkAudience = createSameAudienceCheck(input.file);
    for await (const slice of input.slices) {
      for (const record of input.read(slice)) {
        this.#options.onRead(1);
        const { content, fromRejects = false } = record;
        if (fromRejects) rejectedLine ??= record.line;
        if (content.kind === 'unreadable') {
          this.#reject(input.file, record, content.problem);
          isIncomplete = true;
          continue;
        }
        const event = wholeEvent(content.event);
        const saysChange = isChange(event);
        isStream ??= saysChange;
        if (fromRejects && !(isStream && saysChange)) throw ofRejects(input.file, record.line);
        if (saysChange && !isStream) throw changeInSnapshot(input.file, record.line);
        if (isStream) {
          await this.#takeChange(input.file, record, event, saysChange);
        } else {
          only = snapshot === undefined ? record : undefined;
          if (isCall(record)) callLine ??= record.line;
          snapshot ??= await this.#openSnapshot(input);
          checkAudience(event, record.line);
          if (!this.#takeProfile(input.file, record, event, snapshot)) isIncomplete = true;
        }
      }
    }
    // Throws where the file is damaged after its list, whether or not the name was to be found there.
    input.texts?.after();
    if (isStream === true) return;
    if (callLine !== undefined) throw ofCalls({ file: input.file, line: callLine });
    if (only?.source.kind === 'object' && input.texts === undefined) {
      checkOnlyProfile(only.source.value, { file: input.file, line: only.line });
    }
    if (isStream === undefined && rejectedLine !== undefined) throw ofRejects(input.file, rejectedLine);
    // A snapshot without anyone in it is one all the same.
    snapshot ??= await this.#openSnapshot(input);
    if (isIncomplete) snapshot.sync.holdLeaves();
  }

  /**
   * To be called once all files were taken.
   *
   * @throws UserError `OPTION_CONFLICT` where the audience that the user has named is that of no snapshot, and there are
   *   changes of others: to leave them out would lose them, and to apply them is not what was asked for.
   */
  end(): void {
    if (this.#ofAnother !== undefined && !this.#hasSnapshot) throw ofAnotherAudience(this.#ofAnother);
  }

  async #openSnapshot(input: OpenedInput): Promise<Snapshot> {
    this.#hasSnapshot = true;
    const key = await this.#keyOf(input);
    return { sync: await this.#options.open(key, true), saidBy: createMemberTest(key) };
  }

  async #keyOf({ file, texts }: OpenedInput): Promise<string> {
    const { audience } = this.#options;
    // What comes before the list counts first, since of a large file nothing else is known yet.
    const before = audience ?? nameIn(texts?.before ?? {});
    const after = before !== undefined || texts === undefined ? {} : await this.#options.textsAfter(file);
    // Where the content may name it, and cannot be looked at, the file's name is no answer.
    const ofFile = after === undefined || isNameless(file) ? '' : nameOfFile(file);
    const inside = before ?? nameIn(after ?? {});
    if (inside === undefined && hasDate(ofFile)) this.#options.onDatedName(file);
    const key = audienceKey(inside ?? ofFile);
    if (key !== '') return key;
    throw new UserError('AUDIENCE_NAME_MISSING', 'The file does not say which audience it is of.', {
      hint: 'Name it with --audience.',
      place: { file },
    });
  }

  /** @returns false where it may be that of a member, and it is not known whose. */
  #takeProfile(file: string, record: InputRecord, event: SegmentEvent, { sync, saidBy }: Snapshot): boolean {
    const said = saidBy(record, event);
    if (said === 'unclear') throw unclearMembership({ file, line: record.line });
    if (said === 'unreadable') {
      this.#reject(file, record, unreadableMembership('audienceDetails.customAudienceMembership'));
      return false;
    }
    if (said === 'no member') {
      this.#skip(file, record, event);
      return true;
    }
    const make = (generation: number): PreparedRecord =>
      this.#options.prepare({
        ...record,
        content: { kind: 'event', event: toIdentify(record, event, { key: sync.key, generation }) },
      });
    const first = make(sync.generation);
    const entry = this.#toEntry(file, first);
    if (entry === undefined) {
      const { outcome } = first;
      if (outcome.kind !== 'rejected') return true;
      return outcome.problem.code === 'IDENTIFIER_MISSING' && isAnonymous(record, event);
    }
    checkJoins(sync.key, entry.record.outcome.deliveries, { file, line: record.line });
    const generation = sync.generationFor(entry.identifiers);
    // A change in doubt may be too old by now for the config, which rejects it: then it is made anew.
    const inDoubt = generation === sync.generation ? undefined : this.#entryOf(file, make(generation));
    const taken = inDoubt ?? entry;
    const { record: prepared } = taken;
    const done = sync.take(taken, true, 0);
    if (done !== 'more') this.#options.onSettled(file, prepared, 'duplicate');
    if (done === 'new address') this.#options.onOtherAddress(file, record.line);
    if (done === 'unchanged') this.#options.onUnchanged(sync.key, prepared);
    return true;
  }

  #skip(file: string, { line, source }: InputRecord, { messageId }: SegmentEvent): void {
    const record: PreparedRecord = { line, source, messageId, warnings: [], outcome: { kind: 'skipped' } };
    this.#options.onNonMember(file, record);
  }

  async #takeChange(
    file: string,
    record: InputRecord,
    said: SegmentEvent,
    saysChange: boolean,
  ): Promise<void> {
    const event = completeEntry(said);
    const asIs = this.#options.prepare(
      event === said ? record : { ...record, content: { kind: 'event', event } },
    );
    const prepared =
      asIs.outcome.kind === 'skipped' && event.type === 'track'
        ? this.#options.prepare({ ...record, content: { kind: 'event', event: trackAsIdentify(event) } })
        : asIs;
    // What is no change need not be one that could be sent.
    const isLeftOut = !saysChange && prepared.outcome.kind === 'rejected';
    const entry = this.#toEntry(file, isLeftOut ? { ...prepared, outcome: { kind: 'skipped' } } : prepared);
    if (entry === undefined) return;
    const [delivery] = entry.record.outcome.deliveries;
    const change = delivery === undefined ? undefined : membershipIn(delivery.batch);
    const unreadable = prepared.warnings.find(({ code }) => code === 'MEMBERSHIP_UNREADABLE');
    if (unreadable !== undefined) {
      this.#options.onSettled(file, prepared, 'rejected', unreadable);
      return;
    }
    if (delivery === undefined || change === undefined) {
      this.#options.onSettled(file, { ...prepared, warnings: [], outcome: { kind: 'skipped' } }, 'skipped');
      return;
    }
    const { audience } = this.#options;
    if (audience !== undefined && audienceKey(change.name) !== audienceKey(audience)) {
      this.#ofAnother ??= { file, line: record.line };
    }
    const sync = await this.#options.open(change.name, false);
    sync.take(entry, change.member, delivery.timestampMs);
  }

  /** Undefined where the record is settled: it cannot be delivered, or no mapping wants it. */
  #toEntry(file: string, record: PreparedRecord): Entry | undefined {
    const entry = this.#entryOf(file, record);
    if (entry !== undefined) return entry;
    const { outcome } = record;
    if (outcome.kind === 'rejected') this.#options.onSettled(file, record, 'rejected', outcome.problem);
    else this.#options.onSettled(file, record, outcome.kind === 'skipped' ? 'skipped' : 'duplicate');
    return undefined;
  }

  /** Undefined where there is nothing to deliver. */
  #entryOf(file: string, record: PreparedRecord): Entry | undefined {
    const { outcome } = record;
    const [first] = outcome.kind === 'ready' ? outcome.deliveries : [];
    if (outcome.kind !== 'ready' || first === undefined) return undefined;
    const subject: BatchSubject = first.batch;
    return {
      file,
      record: { ...record, outcome },
      identifiers: identifiersOf(subject, this.#options.secret),
    };
  }

  #reject(file: string, record: InputRecord, problem: Problem): void {
    if (isCutShort(problem)) {
      throw new UserError(
        'AUDIENCE_TRUNCATED',
        'The file ends early, or is not valid JSON here: people missing from it may not have left.',
        {
          hint: 'Export it again; nothing was sent.',
          place: { file, line: record.line },
        },
      );
    }
    const { line, source } = record;
    const prepared = { line, source, warnings: [], outcome: { kind: 'rejected', problem } } as const;
    this.#options.onSettled(file, prepared, 'rejected', problem);
  }
}

/** Standard input, and what a shell makes of `<(…)`. */
function isNameless(file: string): boolean {
  return file === '-' || file.startsWith('/dev/');
}

function nameIn(texts: Readonly<Record<string, string>>): string | undefined {
  return NAMES.map((name) => texts[name]).find((name) => name !== undefined && audienceKey(name) !== '');
}
