import { type ChildProcess, spawn } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { BIN, CREDENTIALS, type Ended, run, temporaryDirectory } from '../helpers/program.js';

/** What the program said of one run. */
export interface Claim {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stderr: string;
  /** Undefined where it was killed. */
  readonly result: Record<string, number | string> | undefined;
}

/** One file, one state, one server, and any number of runs of the real program. */
export interface Scene {
  readonly path: string;
  readonly server: CapiServer;
  send(options?: {
    readonly args?: readonly string[];
    readonly env?: Record<string, string>;
    readonly onStart?: (child: ChildProcess) => void;
    /** Of what each file that is written may have, in KB. */
    readonly quotaKb?: number;
  }): Promise<Claim>;
  /** Deliveries that all runs together claim were accepted, those of killed runs from the state. */
  claimed(): Promise<number>;
  /** Ids of orders that the server holds, each time that it counts them. */
  held(): string[];
  close(): Promise<void>;
}

type ServerOptions = Parameters<typeof startCapiServer>;

/** Makes a scene with `rows` orders of half as many users, some of them twice in a row. */
export async function openScene(rows: number, ...serverOptions: ServerOptions): Promise<Scene> {
  const folder = temporaryDirectory();
  const server = await startCapiServer(...serverOptions);
  const at = Date.now() - 86_400_000;
  const lines = Array.from(
    { length: rows },
    (_, n) =>
      `o-${n},user${Math.floor(n / 2)}@example.com,${n}.50,USD,${new Date(at + n * 1000).toISOString()}\n`,
  );
  writeFileSync(
    join(folder.path, 'orders.csv'),
    `Order Number,Email,Total,Currency,Paid at\n${lines.join('')}`,
  );
  const common = ['send', 'orders.csv', '--endpoint', server.url, '--rate', '100000', '--json'];
  return {
    path: folder.path,
    server,
    send: async ({ args = [], env = {}, onStart, quotaKb } = {}) => {
      const options = {
        cwd: folder.path,
        env: { ...CREDENTIALS, ...env },
        ...(onStart === undefined ? {} : { onStart }),
      };
      const ended =
        quotaKb === undefined
          ? await run([...common, ...args], options)
          : await runWithQuota([...common, ...args], folder.path, quotaKb);
      const { code, signal, stderr, stdout } = ended;
      return { code, signal, stderr, result: stdout === '' ? undefined : JSON.parse(stdout) };
    },
    claimed: async () => {
      const { stdout } = await run(['runs', '--json'], { cwd: folder.path });
      const runs: { result?: { accepted?: number } }[] = JSON.parse(stdout);
      return runs.reduce((sum, { result }) => sum + (result?.accepted ?? 0), 0);
    },
    held: () =>
      server.held.flatMap((batch) =>
        (batch.events ?? []).map((event) => String(event.data.custom_attributes.confirmationref)),
      ),
    close: async () => {
      await server.close();
      folder.remove();
    },
  };
}

/** A file that grows past the quota fails with EFBIG, as one on a full disk does with ENOSPC. */
function runWithQuota(args: readonly string[], cwd: string, quotaKb: number): Promise<Ended> {
  return new Promise((resolve) => {
    const script = `trap "" XFSZ; ulimit -f ${quotaKb}; exec "$@"`;
    const child = spawn('bash', ['-c', script, 'bash', process.execPath, BIN, ...args], {
      cwd,
      env: { PATH: process.env.PATH, ...CREDENTIALS },
    });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
}
