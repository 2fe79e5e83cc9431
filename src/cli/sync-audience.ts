import { statSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { AppliedChanges } from '../audience/applied.js';
import type { Entry } from '../audience/entry.js';
import { checkLeaves } from '../audience/guards.js';
import { AudienceIntake } from '../audience/intake.js';
import type { Member } from '../audience/member.js';
import { readMembersOf } from '../audience/previous.js';
import { SNAPSHOT_LISTS } from '../audience/profile.js';
import { AudienceSync } from '../audience/sync.js';
import type { Config, MappingEntry } from '../config/config.js';
import { DEFAULT_MAPPINGS } from '../config/load.js';
import { Packer } from '../delivery/packed-slice.js';
import type { PreparedSlice } from '../delivery/prepared-slice.js';
import type { RunRecord } from '../delivery/run-record.js';
import { UserError } from '../errors.js';
import { openInputs } from '../input/open.js';
import { createPreparer, type PreparedRecord } from '../payload/prepare.js';
import { AudienceTally } from '../report/audiences.js';
import { Spool } from '../spool.js';
import type { AudienceStore } from '../state/audiences.js';
import type { SyncAudienceOptions } from './options.js';
import { openSession, type Session } from './session.js';

const NO_RECORD: RunRecord = { line: 0, source: { kind: 'text', text: '' }, warnings: [] };
/** Changes that go to the delivery station together. */
const SLICE = 256;

/** An audience of this run, and where its confirmed members are kept; nowhere with `--previous`, or without a state. */
interface Opened {
  readonly sync: AudienceSync;
  readonly store: AudienceStore | undefined;
  readonly isSnapshot: boolean;
}

/**
 * `rokt-capi sync-audience`: makes Rokt's audiences equal to the files, sending only what has changed. Sets the exit
 * code.
 *
 * @throws UserError before anything is sent: wrong usage and config, `AUDIENCE_…`, `INPUT_…`, `STATE_…`.
 */
export async function syncAudience(files: readonly string[], options: SyncAudienceOptions): Promise<void> {
  // What is planned of a million people lies outside the heap, and V8 lets the heap itself grow by as much again before
  // it collects it: changes on their way would take twice as much memory as they do.
  setFlagsFromString('--heap-growing-percent=30');
  // Helpers wait for each other longer than they help with so small a young generation (see `session.ts`).
  setFlagsFromString('--no-parallel-scavenge');
  const tally = new AudienceTally();
  const opened = new Map<string, Opened>();
  /** Ids of what the server has refused, where changes are read one by one. */
  const refused = new Set<string>();
  let applied: AppliedChanges | undefined;
  const appliedChanges = (): AppliedChanges => {
    applied ??= toAppliedChanges(session);
    return applied;
  };
  const isStream = (): boolean => [...opened.values()].some(({ isSnapshot }) => !isSnapshot);
  const session = await openSession({
    command: 'sync-audience',
    files,
    options: {
      ...options,
      // A snapshot is another one each time.
      acceptChanged: true,
      ...(options.previous === undefined ? {} : { state: false }),
    },
    mappingsOf: audienceMappings,
    separate: true,
    readsAllFirst: true,
    // A sync says what is so now: a change of someone that is in doubt gives way to that.
    resendChanged: true,
    lists: SNAPSHOT_LISTS,
    ...(options.previous === undefined ? {} : { alsoRead: [options.previous] }),
    isInput: (settled) => {
      const { messageId } = settled.record;
      if (settled.state === 'rejected' && messageId !== undefined && isStream()) refused.add(messageId);
      return tally.settle(settled);
    },
    onEnd: async (stopped) => {
      if (stopped || session.dryRun) return;
      for (const { store, sync, isSnapshot } of opened.values()) {
        if (store !== undefined && !isSnapshot) await appliedChanges().note(accepted(sync, refused));
        sync.close();
        await store?.confirm(Date.now(), true);
      }
    },
  });
  const prepare = createPreparer(session.mappings, session.spec.payload, session.ids);
  try {
    const intake = new AudienceIntake({
      audience: options.audience,
      prepare,
      secret: session.memory.secret,
      open: async (key, isSnapshot) => {
        const known = opened.get(key);
        if (known !== undefined && known.isSnapshot === isSnapshot) return known.sync;
        if (known !== undefined) throw mixed(key);
        const one = await openAudience(session, options, files, key, isSnapshot, appliedChanges);
        opened.set(key, { ...one, isSnapshot });
        return one.sync;
      },
      textsAfter: (file) => textsAfter(file, session),
      onRead: session.read,
      onSettled: (file, record, state, problem) => {
        session.settle({ file, record, state, ...(problem === undefined ? {} : { problem }) });
      },
      onNonMember: (file, record) => {
        session.settle({ file, record, state: 'skipped', isNonMember: true });
      },
      onUnchanged: (key, record) => tally.unchanged(key, record),
    });
    for (const input of session.inputs) {
      const taken = intake.take(input);
      // Of what is no pipe the end comes.
      await (input.bytes === undefined ? session.budget.spend(taken) : taken);
    }
    for (const { sync, isSnapshot } of opened.values()) {
      await sync.settle();
      if (isSnapshot)
        checkLeaves(sync.key, sync.members, sync.counts(), {
          maxDrop: options.maxDrop,
          allowEmpty: options.allowEmpty === true,
        });
      tally.open(sync.key, sync.members, sync.counts(), sync.held());
    }
    if (!session.dryRun) {
      for (const { sync, store } of opened.values()) await store?.plan(sync.generation, sync.planned());
    }
  } catch (error) {
    await session.abort();
    throw error;
  }
  const changes = slices(
    [...opened.values()].map(({ sync }) => sync),
    session,
    tally,
  );
  await session.deliver(changes, (result) => tally.extend(result));
}

/** Those of the config that are for audiences; if there are none, the default ones that are. */
function audienceMappings({ mappings }: Config): Config['mappings'] {
  const own = mappings.filter(isForAudiences);
  return own.length > 0 ? own : DEFAULT_MAPPINGS.filter(isForAudiences);
}

function isForAudiences({ preset }: MappingEntry): boolean {
  return preset === 'sync-engage-audience';
}

async function openAudience(
  session: Session,
  options: SyncAudienceOptions,
  files: readonly string[],
  key: string,
  isSnapshot: boolean,
  appliedChanges: () => AppliedChanges,
): Promise<{ readonly sync: AudienceSync; readonly store: AudienceStore | undefined }> {
  const { config, memory, mappings, dryRun } = session;
  const store = options.previous === undefined ? memory.audience(key) : undefined;
  if (store?.isUnconfirmed === true && !dryRun) await store.confirm(Date.now(), false);
  const previous =
    options.previous === undefined ? undefined : await readPrevious(options.previous, key, session);
  const sync = new AudienceSync({
    key,
    isSnapshot,
    full: options.full === true,
    generation: (await store?.nextGeneration(Date.now())) ?? generationOf(files, previous !== undefined),
    environment: config.environment,
    expected: (await store?.size()) ?? 0,
    mapping: mappings[0]?.name ?? '',
    members: () => previous?.() ?? store?.members() ?? none(),
    identify: (id) => memory.log.identify(id),
    isApplied: options.resend === true ? () => false : (record) => appliedChanges().has(record),
    spool: new Spool(),
  });
  await sync.load();
  return { sync, store };
}

/** Without a state, the same files must make the same changes: then the time is that of the newest file. */
function generationOf(files: readonly string[], fromFiles: boolean): number {
  const times = files.filter((file) => file !== '-').map((file) => Math.floor(statSync(file).mtimeMs));
  return fromFiles && times.length > 0 ? Math.max(...times) : Date.now();
}

/** What syncs have applied, as far as is remembered. */
function toAppliedChanges({ memory: { log, runs }, config }: Session): AppliedChanges {
  const syncs = new Set<number>();
  for (const { command, number } of runs) if (command === 'sync-audience') syncs.add(number);
  return new AppliedChanges({ log, syncs, resendChanged: config.delivery.resendChanged });
}

/** The changes of a stream, except those that the server refused. */
function* accepted(sync: AudienceSync, refused: ReadonlySet<string>): Generator<Entry['record']> {
  for (const record of sync.entries()) if (!refused.has(record.outcome.messageId)) yield record;
}

async function readPrevious(
  file: string,
  key: string,
  { mappings, spec, ids, memory }: Session,
): Promise<() => AsyncIterable<Member>> {
  const [input] = await openInputs([file], process.stdin, spec.input);
  if (input === undefined) return none;
  const prepare = createPreparer(mappings, spec.payload, ids);
  return readMembersOf(input, { key, prepare, secret: memory.secret, spool: new Spool() });
}

/**
 * The texts after the list of a JSON file that holds one object, which is read through to its end for them; undefined for
 * what cannot be read twice.
 */
async function textsAfter(
  file: string,
  { spec }: Session,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (file === '-' || !statSync(file).isFile()) return undefined;
  const [probe] = await openInputs([file], process.stdin, spec.input);
  if (probe?.texts === undefined) return {};
  for await (const _ of probe.slices);
  return probe.texts.after();
}

async function* none(): AsyncGenerator<Member> {
  // No one was confirmed.
}

async function* slices(
  syncs: readonly AudienceSync[],
  session: Session,
  tally: AudienceTally,
): AsyncGenerator<PreparedSlice> {
  const packer = new Packer(session.spec.pack);
  const toSlice = (file: string, records: readonly PreparedRecord[]): PreparedSlice => {
    for (const record of records) packer.add(record);
    const packed = packer.take();
    const { buffer } = packed.bodies;
    const release = (): void => {
      if (buffer instanceof ArrayBuffer) packer.lend(buffer);
    };
    return { file, packed, recordAt: (index) => records[index] ?? NO_RECORD, release };
  };
  for (const sync of syncs) {
    let file = '';
    let records: PreparedRecord[] = [];
    const settled = (of: string, record: PreparedRecord, counts: boolean): void => {
      session.settle({ file: of, record, state: 'duplicate' });
      if (counts) tally.unchanged(sync.key, record);
    };
    for await (const change of sync.changes(settled)) {
      if (records.length >= SLICE || (change.file !== file && records.length > 0)) {
        yield toSlice(file, records);
        records = [];
      }
      file = change.file;
      const { record, decision, isInput, wasMember } = change;
      tally.expect(record, { key: sync.key, decision, isInput, wasMember });
      records.push(record);
    }
    if (records.length > 0) yield toSlice(file, records);
  }
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
