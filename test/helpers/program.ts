import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

/** The launcher, as users run it. */
export const BIN = fileURLToPath(new URL('../../bin/rokt-capi.js', import.meta.url));
/** The fixtures directory, with a slash at its end. */
export const FIXTURES = fileURLToPath(new URL('../../fixtures/', import.meta.url));

/** How a run of the program ended. */
export interface Ended {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** System calls of a run that fail, as on a disk that misbehaves. */
export interface Fault {
  /** As strace names them: `read,pread64`. */
  readonly calls: string;
  /** `EIO`. */
  readonly error: string;
  /** Only calls for this file or directory fail, absolute. */
  readonly path: string;
  /** Which of them, as strace counts, in the main thread and in the one for files; default: all. */
  readonly when?: string;
}

/** Whether {@link Fault}s can be made here. */
export const CAN_FAIL = spawnSync('strace', ['-qq', '-o', '/dev/null', 'true']).status === 0;

/** What a run of the program gets. */
export interface RunOptions {
  readonly cwd: string;
  readonly env?: Record<string, string>;
  readonly input?: string | Buffer;
  /** The most that any file it writes may have, in KB: past it writing fails with EFBIG, as on a full disk with ENOSPC. */
  readonly quotaKb?: number;
  /** What standard output is redirected to, as by `>`. */
  readonly stdout?: string;
  /** Only where {@link CAN_FAIL}. */
  readonly fault?: Fault;
  /** The user to run as; only root may be another. */
  readonly uid?: number;
  /** Called with the process once it was started. */
  readonly onStart?: (child: ChildProcess) => void;
}

/** Credentials that any test server takes. */
export const CREDENTIALS = { ROKT_CAPI_API_KEY: 'test-key', ROKT_CAPI_API_SECRET: 'test-secret' };

/** Runs the built program in a process of its own, with a clean environment. */
export function run(args: readonly string[], options: RunOptions): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const limit = options.quotaKb === undefined ? '' : `trap "" XFSZ; ulimit -f ${options.quotaKb}; `;
    const redirect = options.stdout === undefined ? '' : ` > ${options.stdout}`;
    const program = [...(options.fault === undefined ? [] : failing(options.fault)), process.execPath];
    const [command = '', ...before] =
      limit + redirect === ''
        ? program
        : ['bash', '--norc', '-c', `${limit}exec "$@"${redirect}`, 'bash', ...program];
    const child = spawn(command, [...before, BIN, ...args], {
      cwd: options.cwd,
      env: {
        PATH: process.env.PATH,
        TMPDIR: tmpdir(),
        ...(options.fault === undefined ? {} : { UV_THREADPOOL_SIZE: '1' }),
        ...options.env,
      },
      stdio: ['pipe', 'pipe', 'pipe'],
      ...(options.uid === undefined ? {} : { uid: options.uid, gid: options.uid }),
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
    child.stdin.on('error', () => undefined);
    options.onStart?.(child);
    if (options.input !== undefined || options.onStart === undefined) child.stdin.end(options.input);
  });
}

/** The command that runs another one with faults. */
function failing({ calls, error, path, when = '1+' }: Fault): string[] {
  const inject = `inject=${calls}:error=${error}:when=${when}`;
  return ['strace', '-f', '-qq', '-o', '/dev/null', '-P', path, '-e', `trace=${calls}`, '-e', inject];
}
