import { UserError } from '../errors.js';
import { Spool } from '../spool.js';
import type { AppliedChanges } from './applied.js';
import type { Entry } from './entry.js';
import { checkLeaves, type GuardOptions } from './guards.js';
import type { Member, PlannedChange } from './member.js';
import { AudienceSync, type AudienceSyncOptions } from './sync.js';

/** Where the confirmed members of one audience are kept; see `AudienceStore`, which says also what each throws. */
export interface MemberStore {
  /** Whether a sync was written down and not confirmed. */
  readonly isUnconfirmed: boolean;
  /** How many members there are, about. */
  size(): Promise<number>;
  /** The confirmed members, always in the same order until {@link confirm}. */
  members(): AsyncIterable<Member>;
  /** The generation of the next sync. */
  nextGeneration(nowMs: number): Promise<number>;
  /** Writes down what is about to be sent. */
  plan(generation: number, changes: AsyncIterable<PlannedChange>): Promise<void>;
  /** Makes the planned changes that were delivered the confirmed members. `refused`: ids, once all has been tried. */
  confirm(nowMs: number, refused: ReadonlySet<string> | undefined): Promise<void>;
}

/** What {@link Audiences} works with. */
export interface AudiencesOptions
  extends Pick<AudienceSyncOptions, 'full' | 'environment' | 'mapping' | 'identify'> {
  /** Whether changes of a stream are sent again that an earlier sync has applied. */
  readonly resend: boolean;
  /** Whether nothing is written down. */
  readonly dryRun: boolean;
  /** Where the members of an audience are kept, by its key; undefined: nowhere. */
  readonly storeOf: (key: string) => MemberStore | undefined;
  /** Members that take the place of the kept ones, by the audience's key; undefined: none do. */
  readonly previousOf: (key: string) => Promise<(() => AsyncIterable<Member>) | undefined>;
  /** The generation of a sync whose members are kept nowhere, in Unix ms. */
  readonly generation: () => number;
  /** Which changes of streams were applied; asked for once, where there is a stream. */
  readonly openApplied: () => AppliedChanges;
  /** Gives the time, in Unix ms. */
  readonly now: () => number;
}

interface Opened {
  readonly sync: AudienceSync;
  readonly store: MemberStore | undefined;
}

/** The audiences of one run, from the first record of each until its members are confirmed. */
export class Audiences {
  readonly #options: AudiencesOptions;
  readonly #opened = new Map<string, Opened>();
  /** Ids of the changes of streams that the server has refused. */
  readonly #refused = new Set<string>();
  #applied: AppliedChanges | undefined;

  constructor(options: AudiencesOptions) {
    this.#options = options;
  }

  /** Those that were opened, in that order. */
  get syncs(): readonly AudienceSync[] {
    return [...this.#opened.values()].map(({ sync }) => sync);
  }

  /**
   * Opens an audience; gives the same one where it is open.
   *
   * @throws UserError `AUDIENCE_TWICE`, `OPTION_CONFLICT`, `STATE_…`, and what reading earlier members throws.
   */
  async open(key: string, isSnapshot: boolean): Promise<AudienceSync> {
    const known = this.#opened.get(key)?.sync;
    if (known !== undefined && known.isSnapshot !== isSnapshot) throw mixed(key);
    if (known !== undefined) return known;
    const { full, resend, dryRun, environment, mapping, identify, storeOf, previousOf, generation, now } =
      this.#options;
    const store = storeOf(key);
    if (store?.isUnconfirmed === true && !dryRun) await store.confirm(now(), undefined);
    const previous = await previousOf(key);
    if (previous !== undefined && this.#opened.size > 0) throw previousOfOne();
    const sync = new AudienceSync({
      key,
      isSnapshot,
      full,
      generation: (await store?.nextGeneration(now())) ?? generation(),
      environment,
      expected: (await store?.size()) ?? 0,
      mapping,
      members: () => previous?.() ?? store?.members() ?? none(),
      identify,
      isApplied: (record, standing) => !resend && this.#appliedChanges().has(record, standing),
      spool: new Spool(),
    });
    await sync.load();
    this.#opened.set(key, { sync, store });
    return sync;
  }

  /**
   * To be called once all of the input was taken: only then it shows what changes. That is written down.
   *
   * @throws UserError `AUDIENCE_EMPTY`, `AUDIENCE_DROP_TOO_LARGE`, `STATE_…`.
   */
  async settle(guards: GuardOptions): Promise<void> {
    for (const sync of this.syncs) {
      await sync.settle();
      if (sync.isSnapshot) checkLeaves(sync.key, sync.members, sync.counts(), sync.holdsLeaves, guards);
    }
    if (this.#options.dryRun) return;
    for (const { sync, store } of this.#opened.values()) await store?.plan(sync.generation, sync.planned());
  }

  /** Takes a record that the server has refused. */
  refuse({ messageId }: { readonly messageId?: string | undefined }): void {
    if (messageId !== undefined && this.syncs.some(({ isSnapshot }) => !isSnapshot)) {
      this.#refused.add(messageId);
    }
  }

  /**
   * Makes what was delivered the confirmed members, once all was tried. Nothing may be asked of the audiences any more.
   *
   * @throws UserError `STATE_…`.
   */
  async confirm(): Promise<void> {
    for (const { sync, store } of this.#opened.values()) {
      if (store !== undefined && !sync.isSnapshot) await this.#appliedChanges().note(this.#accepted(sync));
      sync.close();
      await store?.confirm(this.#options.now(), this.#refused);
    }
  }

  #appliedChanges(): AppliedChanges {
    this.#applied ??= this.#options.openApplied();
    return this.#applied;
  }

  /** The changes of a stream, except those that the server refused. */
  *#accepted(sync: AudienceSync): Generator<Entry['record']> {
    for (const record of sync.entries()) if (!this.#refused.has(record.outcome.messageId)) yield record;
  }
}

async function* none(): AsyncGenerator<Member> {
  // No one was confirmed.
}

function mixed(key: string): UserError {
  return new UserError(
    'AUDIENCE_TWICE',
    `The audience ${key} is in these files both as a snapshot and as changes.`,
    {
      hint: 'Sync the snapshot and the changes in two runs.',
    },
  );
}

function previousOfOne(): UserError {
  return new UserError('OPTION_CONFLICT', 'The files are of several audiences, and --previous is of one.', {
    hint: 'Sync each audience in a run of its own, with the earlier snapshot of that. Nothing was sent.',
  });
}
