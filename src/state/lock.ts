import { randomUUID } from 'node:crypto';
import { readFileSync, unlinkSync } from 'node:fs';
import { open, readFile, readlink, stat, unlink, utimes, writeFile } from 'node:fs/promises';
import { hostname, uptime } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { codeOf } from '../errors.js';
import { propertyOf } from '../json.js';
import { gone, locked, lost, unreadable, unwritable } from './errors.js';
import { LOCK_FILE, STATE_FILE } from './layout.js';
import { isThere, remove } from './on-disk.js';
import { pidSpace, startTicks } from './process-identity.js';

/** Who holds a lock. */
export interface LockHolder {
  readonly pid: number;
  readonly host: string;
  /** ISO 8601. */
  readonly startedAt: string;
  readonly runId: string;
}

interface LockFile extends LockHolder {
  /** Tells this lock from any other. */
  readonly token: string;
  /** When the process began, as the kernel counts, where it says so: a pid is used again. */
  readonly ticks?: string;
  /** Where the pid counts, see {@link pidSpace}. */
  readonly space?: string;
}

/** The holder touches its lock this often, in ms. */
const HEARTBEAT_MS = 5_000;
/** A lock that was not touched for this long, in ms, is that of a dead process, where nothing else shows it. */
const DEAD_AFTER_MS = 60_000;
/** And not while it is looked at for this long, in ms: two machines may not have the same time. */
const WATCH_MS = 12_000;
/**
 * Once a lock was seen to be held, it is taken to be so for this long, in ms: nobody takes it over as quickly. A run that
 * was frozen looks again, since its clock went on; unless the whole machine stood still, and the clock with it.
 */
const CHECKED_MS = 1_000;
const POLL_MS = 100;
/** Taking over a dead process's lock takes much less than this, in ms. */
const CLAIM_MS = 5_000;

/** What is said of a file that is not there; of a network file system also that it was removed since it was opened. */
const IS_GONE: ReadonlySet<string | undefined> = new Set(['ENOENT', 'ESTALE']);

/** A lock that is held. */
export interface Lock {
  /**
   * To be awaited between writing to the state and relying on it: a run that was frozen, or cut off from its disk, may
   * have been taken for dead meanwhile, and goes on beside the one that has taken over.
   *
   * @throws UserError `STATE_LOCKED` (exit 5) where this lock is not there any more; `STATE_UNREADABLE`, with exit 5 where
   *   the whole state is not.
   */
  check(): Promise<void>;
  /** Lets go of it. Never throws. */
  release(): Promise<void>;
}

/**
 * Takes the lock of a state directory, so that no second run writes there. A lock whose process is dead is taken over.
 *
 * @param waitMs how long to wait for another run to end; 0: not at all.
 * @param watchMs how long to look for signs of life where the time of the last one tells of none.
 * @throws UserError `STATE_LOCKED` (exit 5: run it again), `STATE_UNREADABLE`, `STATE_UNWRITABLE`.
 */
export async function takeLock(
  directory: string,
  runId: string,
  waitMs: number,
  onWait: (holder: LockHolder) => void,
  watchMs = WATCH_MS,
): Promise<Lock> {
  const path = join(directory, LOCK_FILE);
  const ticks = startTicks(process.pid);
  const space = pidSpace();
  const own: LockFile = {
    pid: process.pid,
    host: hostname(),
    startedAt: new Date().toISOString(),
    runId,
    token: randomUUID(),
    ...(ticks === undefined ? {} : { ticks }),
    ...(space === undefined ? {} : { space }),
  };
  // As at a second Ctrl-C: a run in another container need not find out that this one is dead.
  const onExit = (): void => removeOwn(path, own);
  process.once('exit', onExit);
  try {
    await acquire(path, own, { waitMs, onWait, watchMs });
  } catch (error) {
    process.off('exit', onExit);
    throw error;
  }
  let checkedAt = Number.NEGATIVE_INFINITY;
  const check = async (): Promise<void> => {
    const now = performance.now();
    if (now - checkedAt < CHECKED_MS) return;
    const holder = await readLock(path);
    if (holder === undefined && !isThere(join(directory, STATE_FILE))) throw gone(directory);
    if (holder?.token !== own.token) throw lost(path, holder);
    checkedAt = now;
  };
  const heartbeat = setInterval(async () => {
    const now = new Date();
    // Not that of another run: it would seem to be alive.
    await check()
      .then(() => utimes(path, now, now))
      .catch(() => undefined);
  }, HEARTBEAT_MS);
  heartbeat.unref();
  return {
    check,
    release: async () => {
      clearInterval(heartbeat);
      process.off('exit', onExit);
      removeOwn(path, own);
    },
  };
}

async function acquire(
  path: string,
  own: LockFile,
  {
    waitMs,
    onWait,
    watchMs,
  }: { readonly waitMs: number; readonly onWait: (holder: LockHolder) => void; readonly watchMs: number },
): Promise<void> {
  const deadline = performance.now() + waitMs;
  let isReported = false;
  while (!(await create(path, own))) {
    const holder = await readLock(path);
    if (holder === undefined) continue;
    if (!(await isAlive(path, holder, watchMs))) {
      await removeDead(path, holder);
      continue;
    }
    if (performance.now() >= deadline) throw locked(path, holder);
    if (!isReported) onWait(holder);
    isReported = true;
    await delay(Math.min(POLL_MS, Math.max(1, deadline - performance.now())));
  }
}

function removeOwn(path: string, { token }: LockFile): void {
  try {
    if (parse(readFileSync(path, 'utf8'))?.token === token) unlinkSync(path);
  } catch {
    // Then the next run takes it over as that of a dead process.
  }
}

/** Who is writing to a state directory now; undefined: nobody. @throws UserError `STATE_UNREADABLE`. */
export async function lockHolder(directory: string): Promise<LockHolder | undefined> {
  const path = join(directory, LOCK_FILE);
  const holder = await readLock(path);
  return holder !== undefined && (await isAlive(path, holder, 0)) ? holder : undefined;
}

async function create(path: string, lock: LockFile): Promise<boolean> {
  try {
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(JSON.stringify(lock));
    await handle.close();
    return true;
  } catch (cause) {
    if (codeOf(cause) === 'EEXIST') return false;
    throw unwritable(path, cause);
  }
}

/**
 * Undefined where there is none (any more). One that makes no sense is being written, or was left half-written.
 *
 * @throws UserError `STATE_UNREADABLE`: it is another user's, or a link that leads nowhere, where none can be made.
 */
async function readLock(path: string): Promise<LockFile | undefined> {
  for (let attempt = 0; attempt < 20; attempt += 1) {
    let text: string;
    try {
      text = await readFile(path, 'utf8');
    } catch (cause) {
      if (IS_GONE.has(codeOf(cause)) && !(await isLink(path))) return undefined;
      throw unreadable(path, cause);
    }
    const lock = parse(text);
    if (lock !== undefined) return lock;
    await delay(20);
  }
  return { pid: 0, host: hostname(), startedAt: '', runId: '', token: '' };
}

function isLink(path: string): Promise<boolean> {
  return readlink(path).then(
    () => true,
    () => false,
  );
}

function parse(text: string): LockFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isLock(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

function isLock(value: unknown): value is LockFile {
  return ['host', 'startedAt', 'runId', 'token'].every((name) => typeof propertyOf(value, name) === 'string');
}

async function isAlive(
  path: string,
  { pid, host, ticks, space, startedAt }: LockFile,
  watchMs: number,
): Promise<boolean> {
  const elsewhere = host !== hostname() || (space !== undefined && space !== pidSpace());
  if (elsewhere) return isTouched(path, watchMs);
  if (pid === 0) return false;
  try {
    process.kill(pid, 0);
  } catch (error) {
    return codeOf(error) !== 'ESRCH';
  }
  if (ticks !== undefined) return startTicks(pid) === ticks;
  // Only Linux says when a process began. Elsewhere one of before this machine was started is gone, whatever has its pid.
  const bootedAt = Date.now() - uptime() * 1_000;
  return !(Date.parse(startedAt) < bootedAt) || isTouched(path, watchMs);
}

/** Whether the holder gives signs of life. */
async function isTouched(path: string, watchMs: number): Promise<boolean> {
  const last = await touchedAt(path);
  if (last === undefined || Math.abs(Date.now() - last) < DEAD_AFTER_MS) return last !== undefined;
  const until = performance.now() + watchMs;
  while (performance.now() < until) {
    await delay(POLL_MS);
    const now = await touchedAt(path);
    if (now !== last) return now !== undefined;
  }
  return false;
}

/** Unix ms; undefined where there is no lock any more. @throws UserError `STATE_UNREADABLE`. */
async function touchedAt(path: string): Promise<number | undefined> {
  try {
    return (await stat(path)).mtimeMs;
  } catch (cause) {
    if (IS_GONE.has(codeOf(cause))) return undefined;
    throw unreadable(path, cause);
  }
}

/**
 * Two runs may find the same dead lock; what makes only one of them remove it is the claim.
 *
 * @throws UserError `STATE_UNWRITABLE`, also where the lock stays: it would be found again and again.
 */
async function removeDead(path: string, dead: LockFile): Promise<void> {
  const claim = `${path}.claim`;
  try {
    await writeFile(claim, '', { flag: 'wx', mode: 0o600 });
  } catch (cause) {
    if (codeOf(cause) !== 'EEXIST') throw unwritable(claim, cause);
    const claimed = await stat(claim).catch(() => undefined);
    // Also one of a time to come: a clock was set back.
    if (claimed !== undefined && Math.abs(Date.now() - claimed.mtimeMs) > CLAIM_MS) remove(claim);
    await delay(POLL_MS / 2);
    return;
  }
  try {
    if ((await readLock(path))?.token === dead.token) remove(path);
  } finally {
    await unlink(claim).catch(() => undefined);
  }
}
