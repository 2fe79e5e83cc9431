import { type BigIntStats, fstatSync, realpathSync, statSync } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { type AtomicFile, asidePath, checkWritable } from '../atomic-file.js';
import { UserError } from '../errors.js';
import { unwritable } from '../state/errors.js';
import { rejectsPath } from '../state/layout.js';
import type { DeliveryOptions } from './options.js';

/** A file that an option says to write. */
export interface Output {
  /** As on the command line: `--out`. */
  readonly option: string;
  readonly path: string;
}

/** The files that a run writes where its options say. */
export function outputsOf({ out, rejects, report = [] }: DeliveryOptions): Output[] {
  return [
    ...(out === undefined ? [] : [{ option: '--out', path: out }]),
    // What an earlier run has rejected is kept beside it.
    ...(rejects === undefined
      ? []
      : [rejects, asidePath(rejects)].map((path) => ({ option: '--rejects', path }))),
    ...report.map((path) => ({ option: '--report', path })),
  ];
}

/**
 * Where the rejected records of a run go: checked before anything is sent, since they could be reported nowhere else.
 *
 * @throws UserError `REJECTS_UNWRITABLE`, or `STATE_UNWRITABLE` where the run would write more into the state than these.
 */
export async function rejectsPathOf(
  { rejects, state, dryRun }: DeliveryOptions,
  stateDirectory: string,
  runId: string,
): Promise<string> {
  const path = resolve(rejects ?? rejectsPath(stateDirectory, runId));
  try {
    await checkWritable(path, 'REJECTS_UNWRITABLE');
    return path;
  } catch (error) {
    if (rejects !== undefined || !(error instanceof UserError)) throw error;
    if (state !== false && dryRun !== true) throw unwritable(stateDirectory, error.cause);
    throw new UserError('REJECTS_UNWRITABLE', error.message, {
      hint: 'Name another place for rejected records with --rejects FILE.',
      place: error.place,
      cause: error,
    });
  }
}

/**
 * Gives the file of `--out` its name, or leaves nothing behind where the run has failed or was stopped. A failure to write
 * it is thrown again: a dry run that cannot write what was asked for has nothing else to report.
 */
export async function endOut(
  out: AtomicFile | undefined,
  failure: UserError | undefined,
  stopped: boolean,
): Promise<void> {
  if (failure?.code === 'OUT_UNWRITABLE') throw failure;
  await (failure === undefined && !stopped ? out?.commit() : out?.discard());
}

/**
 * Checks that no output is an input, under whatever name, and that no two options write one file. That holds for a
 * rejects file that is sent again too: where a run stops early, what is pending is in that file alone.
 *
 * @param inputs paths that are read, or `-` for standard input.
 * @throws UserError `OPTION_CONFLICT`.
 */
export function checkOutputs(inputs: readonly string[], outputs: readonly Output[]): void {
  if (outputs.length === 0) return;
  const read = new Set(inputs.map(identityOf));
  const written = new Map<string, string>();
  for (const { option, path } of outputs) {
    const identity = identityOf(path);
    if (identity === undefined) continue;
    const other = written.get(identity) ?? option;
    if (!read.has(identity) && other === option) {
      written.set(identity, option);
      continue;
    }
    const what =
      other === option ? `${option} names an input file.` : `${other} and ${option} name the same file.`;
    throw new UserError('OPTION_CONFLICT', what, {
      hint: `It would be overwritten: give ${option} another name.`,
      place: { file: path },
    });
  }
}

/** What is the same for each name of a file; undefined for what is no regular file, and is not written over. */
function identityOf(path: string): string | undefined {
  const found = look(path);
  if (found !== undefined) return found.isFile() ? `${found.dev}:${found.ino}` : undefined;
  const absolute = resolve(path);
  try {
    return join(realpathSync(dirname(absolute)), basename(absolute));
  } catch {
    return absolute;
  }
}

function look(path: string): BigIntStats | undefined {
  try {
    return path === '-' ? fstatSync(0, { bigint: true }) : statSync(path, { bigint: true });
  } catch {
    return undefined;
  }
}
