import { basename } from 'node:path';
import type { Code } from '../codes.js';
import { codeOf, EXIT, tooManyOpen, UserError } from '../errors.js';
import { IN_FLIGHT_FILE, isOfAudience, isRunRecord, runOfJournal } from './layout.js';
import type { LockHolder } from './lock.js';

/** What the system says of a file that is missing, or is something else. All else that it says may pass. */
const IS_GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'EISDIR', 'ENOTDIR']);

/** What it says where a disk fails, or a network file system is away. */
const IS_FAILING: ReadonlySet<string | undefined> = new Set([
  'EBADMSG',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'EIO',
  'ENODEV',
  'ENOTCONN',
  'ENXIO',
  'EREMOTEIO',
  'ESTALE',
  'ETIMEDOUT',
]);

/** What a user should know who would rather have a new state. */
const ELSEWHERE =
  'Another directory (--state) knows nothing of earlier runs: what they delivered would be sent again.';

/**
 * Something in the state directory is damaged; or, where `cause` says so, it cannot be read just now.
 *
 * @param path the file.
 * @param what is wrong, as a sentence without its full stop.
 */
export function damaged(path: string, what: string, cause?: unknown): UserError {
  const isFromSystem = cause instanceof Error && 'syscall' in cause;
  if (isFromSystem && !IS_GONE.has(codeOf(cause))) return unreadable(path, cause);
  return new UserError('STATE_DAMAGED', `The state is damaged. ${what}.`, {
    hint: remedyFor(path),
    place: { file: path },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** What costs least: some files the others can do without. */
function remedyFor(path: string): string {
  const name = basename(path);
  if (isOfAudience(name)) {
    return "Move this file alone away; the others of the state stay. Then sync the last snapshot once more before a newer one: each member is sent again, and nobody's leave is lost.";
  }
  if (isRunRecord(name)) {
    return 'Move this file alone away; the others of the state stay. Only what rokt-capi runs shows of that run is lost, not what it delivered.';
  }
  if (name === IN_FLIGHT_FILE || runOfJournal(name) !== undefined) {
    return 'Move this file alone away; the others of the state stay. Then send the files of the last run again before newer ones: what it had sent is sent again, and the server (for 30 to 60 days) drops what it already has.';
  }
  return 'Restore the state directory from a backup, and send the files since then again before newer ones. If you have none, move the directory away: then earlier runs are forgotten, and only the server (for 30 to 60 days) drops what it already has.';
}

/**
 * `state.json` is older than other files of the state: what it does not name would be removed, and so forgotten.
 *
 * @param run the id of a run that began after it was written.
 */
export function putBack(path: string, run: string): UserError {
  return new UserError('STATE_DAMAGED', `The state is damaged. The file is from before run ${run}.`, {
    hint: 'Restore the whole state directory from one backup, after moving this one away: some of its files may be newer than others. If there is no other, remove the records of later runs in runs/: then what those delivered is forgotten.',
    place: { file: path },
  });
}

/** The state directory, or a file in it, cannot be written: nothing may be sent, since it could not be recorded. */
export function unwritable(path: string, cause: unknown): UserError {
  const code = codeOf(cause) ?? 'unknown cause';
  if (code === 'ENOTDIR') return noDirectory('STATE_UNWRITABLE', path, cause);
  const full = code === 'ENOSPC' || code === 'EDQUOT' || code === 'EFBIG';
  return new UserError(
    full ? 'STATE_DISK_FULL' : 'STATE_UNWRITABLE',
    full
      ? 'The disk of the state directory is full, so nothing more can be recorded.'
      : `The state directory cannot be written to (${code}), so nothing could be recorded.`,
    {
      hint: full
        ? 'Make room and run the same command again; nothing more was sent.'
        : (remedyOf(cause) ?? `Let this user write there. ${ELSEWHERE}`),
      place: { file: path },
      cause,
      ...(full ? { exitCode: EXIT.pending } : {}),
    },
  );
}

/** The state was written by a later version of this program. */
export function tooNew(path: string, format: number, known: number): UserError {
  return new UserError(
    'STATE_TOO_NEW',
    `A later version of rokt-capi has written the state: it has format ${format}, and this version knows formats up to ${known}.`,
    { hint: `Use that version again. ${ELSEWHERE}`, place: { file: path } },
  );
}

/** The state directory, or a file in it, cannot be read: what was delivered is not known. */
export function unreadable(path: string, cause: unknown): UserError {
  if (codeOf(cause) === 'ENOTDIR') return noDirectory('STATE_UNREADABLE', path, cause);
  return new UserError(
    'STATE_UNREADABLE',
    `The state cannot be read (${codeOf(cause) ?? 'unknown cause'}).`,
    {
      hint:
        remedyOf(cause) ??
        `Run as the user who owns it, or make this user its owner (chown -R). ${ELSEWHERE}`,
      place: { file: path },
      cause,
    },
  );
}

/** What to do where it is not this user's rights that are in the way. */
function remedyOf(cause: unknown): string | undefined {
  return IS_FAILING.has(codeOf(cause))
    ? 'Check the disk, or the connection to it, and run the same command again. Do not move the directory away: it knows what was delivered.'
    : tooManyOpen(cause);
}

function noDirectory(code: Code, path: string, cause: unknown): UserError {
  return new UserError(code, 'There is a file where the state directory should be.', {
    hint: 'Name a directory with --state.',
    place: { file: path },
    cause,
  });
}

/**
 * Another run took the state over from this one.
 *
 * @param holder who has the lock now; undefined: nobody.
 */
export function lost(path: string, holder: LockHolder | undefined): UserError {
  const by = holder === undefined ? '' : `: ${describe(holder)}`;
  return new UserError(
    'STATE_LOCKED',
    `Another run has taken over this state, since this one gave no sign of life for a minute${by}.`,
    {
      hint: 'It may have been frozen, or cut off from its disk. Run it again when that run has ended.',
      place: { file: path },
      exitCode: EXIT.pending,
    },
  );
}

/** The state directory was moved or removed during a run. */
export function gone(directory: string): UserError {
  return new UserError(
    'STATE_UNREADABLE',
    'The state directory is not there any more: it was moved or removed, or its disk is no longer mounted.',
    {
      hint: 'Put it back before you run the same command again: it knows what was delivered.',
      place: { file: directory },
      exitCode: EXIT.pending,
    },
  );
}

/** Another run holds the state. */
export function locked(path: string, holder: LockHolder): UserError {
  return new UserError('STATE_LOCKED', `Another run is writing to this state: ${describe(holder)}.`, {
    hint: 'Run it again when that run has ended, or wait for it with --wait SECONDS.',
    place: { file: path },
    exitCode: EXIT.pending,
  });
}

function describe({ pid, host, startedAt, runId }: LockHolder): string {
  return `${runId}, process ${pid} on ${host}, since ${startedAt}`;
}
