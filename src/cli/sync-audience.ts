import { setFlagsFromString } from 'node:v8';
import { AppliedChanges } from '../audience/applied.js';
import { Audiences } from '../audience/audiences.js';
import { AudienceIntake, type IntakeOptions } from '../audience/intake.js';
import type { Member } from '../audience/member.js';
import { readMembersOf } from '../audience/previous.js';
import { SNAPSHOT_LISTS } from '../audience/profile.js';
import type { AudienceSync } from '../audience/sync.js';
import type { Config, MappingEntry } from '../config/config.js';
import { DEFAULT_MAPPINGS } from '../config/load.js';
import { packRecords } from '../delivery/pack-records.js';
import { Packer } from '../delivery/packed-slice.js';
import type { PreparedSlice } from '../delivery/prepared-slice.js';
import { overwritten } from '../input/file-chunks.js';
import type { InputRecord } from '../input/input-record.js';
import { isPipe, lookAt } from '../input/look-at.js';
import { openInputs } from '../input/open.js';
import type { Problem } from '../interfaces.js';
import { settingsThatHash } from '../payload/hashing.js';
import { createPreparer, type PreparedRecord } from '../payload/prepare.js';
import { AudienceTally } from '../report/audiences.js';
import { Spool } from '../spool.js';
import type { SyncAudienceOptions } from './options.js';
import { openSession, type Session } from './session.js';
import { unlessInterrupted } from './signals.js';

/** The command's name, in the records of runs too. */
const COMMAND = 'sync-audience';

const DATED_NAME: Problem = {
  code: 'AUDIENCE_NAME_DATED',
  message:
    "The audience has the file's name, with a date in it: the file of another day is another audience, and nobody ever leaves this one. Name it with --audience.",
};

const OTHER_ADDRESS: Problem = {
  code: 'MEMBER_TWICE',
  message:
    'The snapshot has named this person before, by customer id or device, with another e-mail address or none: the first record counts, and this address is not sent.',
};

/**
 * `rokt-capi sync-audience`: makes Rokt's audiences equal to the files, sending only what has changed. Sets the exit
 * code.
 *
 * @throws UserError before anything is sent: wrong usage and config, `AUDIENCE_…`, `INPUT_…`, `STATE_…`.
 */
export async function syncAudience(files: readonly string[], options: SyncAudienceOptions): Promise<void> {
  // Helpers wait for each other longer than they help with so small a young generation (see `session.ts`).
  setFlagsFromString('--no-parallel-scavenge');
  const { previous } = options;
  const tally = new AudienceTally();
  const session = await openSession({
    command: COMMAND,
    files,
    options: {
      ...options,
      // A snapshot is another one each time.
      acceptChanged: true,
      ...(previous === undefined ? {} : { state: false }),
    },
    mappingsOf: audienceMappings,
    lists: SNAPSHOT_LISTS,
    ...(previous === undefined ? {} : { alsoRead: [previous] }),
    changes: {
      isInput: (settled) => {
        if (settled.state === 'rejected') audiences.refuse(settled.record);
        return tally.settle(settled);
      },
      onEnd: async (stopped) => {
        if (!stopped && !session.dryRun) await audiences.confirm();
      },
    },
  });
  const { config, memory, mappings, dryRun } = session;
  const prepare = createPreparer(mappings, session.spec.payload, session.ids);
  const audiences = new Audiences({
    full: options.full === true,
    resend: options.resend === true,
    dryRun,
    environment: config.environment,
    mapping: mappings[0]?.name ?? '',
    identify: (id) => memory.log.identify(id),
    storeOf: (key) => memory.audience(key),
    previousOf: async (key) =>
      previous === undefined ? undefined : readPrevious(previous, key, session, prepare),
    generation: () => generationOf(files, previous !== undefined),
    openApplied: () => toAppliedChanges(session),
    now: Date.now,
  });
  const intake = new AudienceIntake({
    audience: options.audience,
    prepare,
    secret: memory.secret,
    open: (key, isSnapshot) => audiences.open(key, isSnapshot),
    textsAfter: (file) => textsAfter(file, session),
    onDatedName: (file) => session.warn(DATED_NAME, file, 1),
    onOtherAddress: (file, line) => session.warn(OTHER_ADDRESS, file, line),
    onUnchanged: (key, record) => tally.unchanged(key, record),
    ...intoBooks(session),
  });
  const { maxDrop, allowEmpty = false } = options;
  const taking = (): Promise<void> =>
    takeAll(session, intake).then(() => audiences.settle({ maxDrop, allowEmpty }));
  try {
    await session.reading(() => unlessInterrupted(taking()));
  } catch (error) {
    await session.abort();
    throw error;
  }
  for (const sync of audiences.syncs) tally.open(sync.key, sync.members, sync.counts(), sync.held());
  await session.deliver(slices(audiences.syncs, session, tally), (result) => tally.extend(result));
}

/** Enters into the books of a run what its input has that needs no change. */
function intoBooks({ read, settle }: Session): Pick<IntakeOptions, 'onRead' | 'onSettled' | 'onNonMember'> {
  return {
    onRead: read,
    onSettled: (file, record, state, problem) => {
      settle({ file, record, state, ...(problem === undefined ? {} : { problem }) });
    },
    onNonMember: (file, record) => settle({ file, record, state: 'skipped', isNonMember: true }),
  };
}

async function takeAll({ inputs, budget }: Session, intake: AudienceIntake): Promise<void> {
  // Of what is no pipe the end comes.
  const pipes = new Set(inputs.filter(({ file }) => isPipe(file)));
  for (const input of inputs) {
    const taken = intake.take(input);
    await (pipes.has(input) ? budget.spend(taken) : taken);
  }
  intake.end();
}

/**
 * Those of the config that are for audiences; if there are none, the default ones that are, which hash what the config's
 * other mappings do: whoever hashes there does not want it sent in clear here.
 */
function audienceMappings({ mappings }: Config): Config['mappings'] {
  const own = mappings.filter(isForAudiences);
  if (own.length > 0) return own;
  const hashed = mappings.flatMap(({ fields }) => settingsThatHash(fields?.hashingConfiguration));
  const hashing = Object.fromEntries(hashed.map((setting) => [setting, true]));
  const fields = hashed.length === 0 ? {} : { fields: { hashingConfiguration: hashing } };
  return DEFAULT_MAPPINGS.filter(isForAudiences).map((mapping) => ({ ...mapping, ...fields }));
}

function isForAudiences({ preset }: MappingEntry): boolean {
  return preset === 'sync-engage-audience';
}

/** Without a state, the same files must make the same changes: then the time is that of the newest file. */
function generationOf(files: readonly string[], fromFiles: boolean): number {
  const times = files.filter((file) => file !== '-').map((file) => Math.floor(lookAt(file).mtimeMs));
  return fromFiles && times.length > 0 ? Math.max(...times) : Date.now();
}

/** What syncs have applied, as far as is remembered. */
function toAppliedChanges({ memory: { log, runs }, config }: Session): AppliedChanges {
  const syncs = new Set<number>();
  for (const { command, number } of runs) if (command === COMMAND) syncs.add(number);
  return new AppliedChanges({ log, syncs, resendChanged: config.delivery.resendChanged });
}

async function readPrevious(
  file: string,
  key: string,
  { spec, memory, warn }: Session,
  prepare: (record: InputRecord) => PreparedRecord,
): Promise<(() => AsyncIterable<Member>) | undefined> {
  const [input] = await openInputs([file], process.stdin, spec.input);
  return (
    input &&
    readMembersOf(input, {
      key,
      prepare,
      secret: memory.secret,
      spool: new Spool(),
      warn: (problem, line) => warn(problem, file, line),
    })
  );
}

/**
 * The texts after the list of a JSON file that holds one object, which is read through to its end for them; undefined for
 * what cannot be read twice.
 */
async function textsAfter(
  file: string,
  { spec }: Session,
): Promise<Readonly<Record<string, string>> | undefined> {
  if (isPipe(file)) return undefined;
  const [probe] = await openInputs([file], process.stdin, spec.input);
  if (probe?.texts === undefined) throw overwritten(file);
  for await (const _ of probe.slices);
  return probe.texts.after();
}

async function* slices(
  syncs: readonly AudienceSync[],
  session: Session,
  tally: AudienceTally,
): AsyncGenerator<PreparedSlice> {
  const packer = new Packer(session.spec.pack);
  for (const sync of syncs) {
    const { key } = sync;
    const changes = sync.changes((file, record, counts) => {
      session.settle({ file, record, state: 'duplicate' });
      if (counts) tally.unchanged(key, record);
    });
    yield* packRecords(changes, packer, ({ record, decision, isInput, wasMember }) => {
      tally.expect(record, { key, decision, isInput, wasMember });
    });
  }
}
