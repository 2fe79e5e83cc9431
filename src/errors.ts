import { constants } from 'node:os';
import type { Code } from './codes.js';
import { printable } from './printable.js';

/** Where in the user's own files an error is: every part that is known. */
export interface ErrorPlace {
  /** Path as the user wrote it, or `-` for standard input. */
  readonly file?: string;
  /** 1-based line in `file`. */
  readonly line?: number;
  /** 1-based column on `line`. */
  readonly column?: number;
}

/**
 * What the process answers with (design.md, section 3). `rejected` is the only one that is no failure to run:
 * everything was read, and some records were refused.
 */
export const EXIT = {
  ok: 0,
  unexpected: 1,
  usage: 2,
  rejected: 3,
  credentials: 4,
  pending: 5,
  interrupted: 130,
  terminated: 143,
} as const;

/** One of the exit codes in {@link EXIT}. */
export type ExitCode = (typeof EXIT)[keyof typeof EXIT];

/** What the process answers with where a signal has asked it to end. */
export const EXIT_BY_SIGNAL = { SIGINT: EXIT.interrupted, SIGTERM: EXIT.terminated } as const;

/** A signal that asks the program to end. */
export type EndSignal = keyof typeof EXIT_BY_SIGNAL;

/** An error as `--json` tells it; it has no `code` where it is wrong usage, or a bug. */
export interface ToldError extends ErrorPlace {
  readonly message: string;
  readonly code?: Code;
  readonly hint?: string;
}

/**
 * An error that the user can cause and fix. Everything else that is thrown is a bug and keeps its stack.
 *
 * The message says what is wrong and never holds a value from a record (it could be personal data): it names the
 * column instead.
 */
export class UserError extends Error {
  override readonly name = 'UserError';
  /** Stable, upper-case, for scripts: `CONFIG_UNKNOWN_KEY`. */
  readonly code: Code;
  /** What to do next, as one sentence. */
  readonly hint: string;
  /** Where it is; empty when it has no place in a file. */
  readonly place: ErrorPlace;
  /** What the process exits with; default 2 (wrong usage or config: nothing was sent). */
  readonly exitCode: ExitCode;
  /** Further errors found in the same check, so that all can be fixed at once. */
  readonly also: readonly UserError[];

  constructor(
    code: Code,
    message: string,
    options: {
      readonly hint: string;
      readonly place?: ErrorPlace;
      readonly exitCode?: ExitCode;
      readonly cause?: unknown;
      readonly also?: readonly UserError[];
    },
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.place = options.place ?? {};
    this.exitCode = options.exitCode ?? EXIT.usage;
    this.also = options.also ?? [];
  }

  /** `file:line:column: CODE: message` and the hint on a line of its own; the errors of `also` follow. */
  describe(): string {
    const { file, line, column } = this.place;
    const where = [file, line, line === undefined ? undefined : column]
      .filter((part) => part !== undefined)
      .join(':');
    const what = `${where === '' ? '' : `${where}: `}${this.code}: ${this.message}`;
    const own = `${printable(what)}\n  → ${printable(this.hint)}`;
    return [own, ...this.also.map((error) => error.describe())].join('\n');
  }

  /** It and the errors of `also`, for a program to read. */
  told(): ToldError[] {
    const { code, message, hint, place, also } = this;
    return [{ code, message, hint, ...place }, ...also.flatMap((error) => error.told())];
  }
}

/** The UserError that something fails with; undefined where it does not fail. Throws what else it fails with. */
export async function userErrorOf(work: Promise<unknown> | undefined): Promise<UserError | undefined> {
  try {
    await work;
    return undefined;
  } catch (error) {
    if (error instanceof UserError) return error;
    throw error;
  }
}

/**
 * The system's own code for what went wrong: `EACCES`; undefined where it has none. Node has no name for some, as of a
 * quota that is used up (`EDQUOT`) and of a file on a network that is gone (`ESTALE`): it says only their number.
 */
export function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !('code' in error)) return undefined;
  const code = String(error.code);
  const [, number] = /^Unknown system error -(\d+)$/.exec(code) ?? [];
  return Object.entries(constants.errno).find(([, known]) => known === Number(number))?.[0] ?? code;
}

const TOO_MANY_OPEN: ReadonlySet<string | undefined> = new Set(['EMFILE', 'ENFILE']);

/** What to do where the system does not let the process open one more file; undefined where it is something else. */
export function tooManyOpen(cause: unknown): string | undefined {
  return TOO_MANY_OPEN.has(codeOf(cause))
    ? 'Let the process open more files at once (ulimit -n), or name fewer in one run, or lower --concurrency.'
    : undefined;
}
