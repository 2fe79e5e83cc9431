import { hash } from 'node:crypto';
import { join } from 'node:path';
import type { MemberStore } from '../audience/audiences.js';
import {
  applyChanges,
  type ChangeOutcome,
  type Member,
  type PlannedChange,
  type WrittenChanges,
} from '../audience/member.js';
import type { DeliveryLog, DeliveryStatus } from '../interfaces.js';
import { reachedIn } from './clock.js';
import { damaged, tooNew } from './errors.js';
import { AUDIENCES_FOLDER } from './layout.js';
import { openLinesAt, readLines, summaryOf, writeLines } from './line-file.js';
import { isPerhapsMember, toLine, toMember } from './member-line.js';
import { isThere, namesIn, remove } from './on-disk.js';

const FORMAT = 1;
const DAY_MS = 86_400_000;
/** What a planned change has that replaces or removes a member; in a text within it the quotes are escaped. */
const REPLACES = '"replaces":';

/** What is remembered of an audience. */
export interface AudienceRecord {
  /** Its key. */
  readonly audience: string;
  readonly endpoint: string;
  readonly environment: string;
  readonly members: number;
  /** When the last sync was confirmed, ISO 8601. */
  readonly confirmedAt: string;
}

/** The first line of a members file. */
type Header = Omit<AudienceRecord, 'members'> & { readonly format: number; readonly generation: number };

/** The first line of the file of planned changes. */
interface PlanHeader {
  /** Of the sync that planned them. */
  readonly generation: number;
  /** Of the members that they number; 0: there were none. Absent in plans of earlier versions. */
  readonly after?: number;
  /** The number of the run that planned them, which may deliver again what was delivered. Absent likewise. */
  readonly run?: number;
}

/**
 * The members of one audience that a server has confirmed, in `audiences/<key>.<scope>.members`; and while a sync goes
 * on, in a file beside it, the changes that it is about to make: what became of each of them the delivery log knows.
 */
export class AudienceStore implements MemberStore {
  readonly #directory: string;
  readonly #path: string;
  readonly #planned: string;
  readonly #log: DeliveryLog;
  readonly #run: number;
  readonly #of: Pick<AudienceRecord, 'audience' | 'endpoint' | 'environment'>;
  readonly #check: () => Promise<void>;

  /**
   * @param scope what `scopeId` gave.
   * @param run the number of the run that plans; of one that plans nothing, any.
   * @param check rejects where this run may not write any more; asked before what was written gets its name.
   */
  constructor(
    directory: string,
    scope: string,
    of: Pick<AudienceRecord, 'audience' | 'endpoint' | 'environment'>,
    log: DeliveryLog,
    run: number,
    check: () => Promise<void> = async () => undefined,
  ) {
    this.#directory = directory;
    // A key may hold letters that a file system does not tell apart, and be longer than a file's name.
    const name = `${of.audience.replaceAll(/[^a-z0-9_]/g, '-').slice(0, 100)}.${printOf(of.audience)}.${printOf(scope)}`;
    this.#path = join(directory, AUDIENCES_FOLDER, `${name}.members`);
    this.#planned = join(directory, AUDIENCES_FOLDER, `${name}.planned`);
    this.#log = log;
    this.#run = run;
    this.#of = of;
    this.#check = check;
  }

  /** How many members there are, about. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
  async size(): Promise<number> {
    return isThere(this.#path) ? (await summaryOf(this.#path)).lines : 0;
  }

  /**
   * The confirmed members, always in the same order until {@link confirm}.
   *
   * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
   */
  members(): AsyncGenerator<Member> {
    return this.#members(undefined);
  }

  /** @param refused see {@link confirm}. */
  async *#members(refused: ReadonlySet<string> | undefined): AsyncGenerator<Member> {
    const confirmed = this.#confirmed();
    if (!(await this.#isPlanOpen())) {
      yield* confirmed;
      return;
    }
    const lines = openLinesAt(this.#planned);
    const changes: WrittenChanges = {
      all: (replacing) => this.#changes(replacing),
      at: (place) => parse<PlannedChange>(lines.at(place), this.#planned),
    };
    try {
      const { run = 0 } = await this.#planHeader();
      yield* applyChanges(confirmed, changes, (change) => {
        if (refused === undefined) return this.#outcomeOf(change, run);
        // What an earlier run had delivered, and was not to be sent again, is settled as well; of what was refused now it
        // was another change with this id.
        const outcome = this.#outcomeOf(change, 0, refused.has(change.messageId));
        return outcome === 'not sent' ? 'refused' : outcome;
      });
    } finally {
      lines.close();
    }
  }

  /**
   * Whether there is a plan whose changes are not in the members yet. A plan whose changes are in them was left by a run
   * that died before it removed the file: its numbers no longer fit the members.
   */
  async #isPlanOpen(): Promise<boolean> {
    if (!isThere(this.#planned)) return false;
    const { generation, after } = await this.#planHeader();
    const confirmed = await this.#confirmedGeneration();
    return after === undefined ? generation > confirmed : after === confirmed;
  }

  /**
   * The generation of the next sync, which none had before: the time, or one more than the last generation where that is
   * later. Where that is more than a day later, and earlier runs agree with this one's clock, the last sync's clock was
   * wrong: then it is the time all the same.
   *
   * @param nowMs Unix time.
   * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
   */
  async nextGeneration(nowMs: number): Promise<number> {
    const reached = reachedIn(this.#directory);
    const time = Math.max(nowMs, reached ?? 0);
    const confirmed = await this.#confirmedGeneration();
    const isRight = reached !== undefined && nowMs >= reached;
    return confirmed < time || (isRight && confirmed > time + DAY_MS) ? time : confirmed + 1;
  }

  /**
   * Writes down what is about to be sent. Must be awaited before anything is.
   *
   * @param generation of the sync.
   * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`, `STATE_DAMAGED`, `STATE_UNREADABLE`.
   */
  async plan(generation: number, changes: AsyncIterable<PlannedChange>): Promise<void> {
    const header: PlanHeader = { generation, after: await this.#confirmedGeneration(), run: this.#run };
    const check = this.#check;
    async function* lines(): AsyncGenerator<string> {
      yield JSON.stringify(header);
      for await (const change of changes) yield JSON.stringify(change);
      await check();
    }
    await writeLines(this.#planned, lines());
  }

  /** Whether a sync was written down and not confirmed. @throws UserError `STATE_UNREADABLE`. */
  get isUnconfirmed(): boolean {
    return isThere(this.#planned);
  }

  /**
   * Makes the planned changes that were delivered the confirmed members.
   *
   * @param refused ids of those that were, whatever was delivered under them before; where not all have been tried,
   *   undefined. Else what was not delivered was refused, too.
   * @throws UserError `STATE_UNWRITABLE`, `STATE_DISK_FULL`, `STATE_DAMAGED`, `STATE_UNREADABLE`.
   */
  async confirm(nowMs: number, refused: ReadonlySet<string> | undefined): Promise<void> {
    const members = (): AsyncIterable<Member> => this.#members(refused);
    const isOpen = await this.#isPlanOpen();
    const generation = isOpen ? (await this.#planHeader()).generation : await this.#confirmedGeneration();
    const header: Header = {
      format: FORMAT,
      ...this.#of,
      confirmedAt: new Date(nowMs).toISOString(),
      generation,
    };
    const check = this.#check;
    async function* lines(): AsyncGenerator<string> {
      yield JSON.stringify(header);
      for await (const member of members()) yield toLine(member);
      await check();
    }
    await writeLines(this.#path, lines());
    remove(this.#planned);
  }

  /** 0 where nobody was ever confirmed. */
  async #confirmedGeneration(): Promise<number> {
    if (!isThere(this.#path)) return 0;
    const { first } = await summaryOf(this.#path);
    return toHeader(first, this.#path).generation;
  }

  async *#confirmed(): AsyncGenerator<Member> {
    if (!isThere(this.#path)) return;
    let isHeader = true;
    for await (const line of readLines(this.#path)) {
      if (!isHeader) yield toMember(line);
      else toHeader(line, this.#path);
      isHeader = false;
    }
  }

  async #planHeader(): Promise<PlanHeader> {
    const { first } = await summaryOf(this.#planned);
    return parse<PlanHeader>(first, this.#planned);
  }

  /** @param replacing whether those that replace or remove a member, or those that add one. */
  async *#changes(
    replacing: boolean,
  ): AsyncGenerator<{ readonly change: PlannedChange; readonly place: number }> {
    let next = 0;
    for await (const line of readLines(this.#planned)) {
      const place = next;
      next += Buffer.byteLength(line) + 1;
      const wanted = place > 0 && line.includes(REPLACES) === replacing;
      if (wanted) yield { change: parse<PlannedChange>(line, this.#planned), place };
    }
  }

  /**
   * @param since the number of the first run whose deliveries count: what earlier ones alone delivered is in doubt. Of two
   *   mappings one may have delivered it before.
   * @param onlyNow whether nothing counts but what this run has delivered.
   */
  #outcomeOf({ messageId, mappings }: PlannedChange, since: number, onlyNow = false): ChangeOutcome {
    const known = mappings.map((mapping): DeliveryStatus => {
      const id = this.#log.identify({ messageId, mapping });
      const status = this.#log.status(id, 0);
      return onlyNow && !(status.kind === 'delivered' && status.byThisRun) ? { kind: 'unknown' } : status;
    });
    const latest = Math.max(...known.map((status) => (status.kind === 'delivered' ? status.run : -1)));
    if (latest >= since && known.every(({ kind }) => kind === 'delivered')) return 'delivered';
    if (known.every(({ kind }) => kind === 'unknown')) return 'not sent';
    const isUnclear = latest < since || known.some(({ kind }) => kind === 'in flight');
    return isUnclear ? 'in doubt' : { by: known.findIndex(({ kind }) => kind === 'delivered') };
  }
}

/** All audiences of a state directory, by their keys. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
export async function readAudiences(directory: string): Promise<readonly AudienceRecord[]> {
  const folder = join(directory, AUDIENCES_FOLDER);
  const names = namesIn(folder).filter((name) => name.endsWith('.members'));
  const records: AudienceRecord[] = [];
  for (const name of names.sort()) {
    const path = join(folder, name);
    const { audience, endpoint, environment, confirmedAt } = toHeader((await summaryOf(path)).first, path);
    let members = -1;
    for await (const line of readLines(path)) if (!isPerhapsMember(line)) members += 1;
    records.push({ audience, endpoint, environment, members, confirmedAt });
  }
  return records;
}

function toHeader(line: string, path: string): Header {
  const header = parse<Header>(line, path);
  const { format } = header;
  if (typeof format === 'number' && format > FORMAT) throw tooNew(path, format, FORMAT);
  if (format !== FORMAT) throw damaged(path, 'It has a format that this version does not know');
  return header;
}

function printOf(text: string): string {
  return hash('sha256', text).slice(0, 8);
}

/** What was written as a line. The checksum comes at the end of the file: what is no JSON shows before that. */
function parse<Value>(line: string, path: string): Value {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw damaged(path, 'A line of it is not JSON', cause);
  }
}
