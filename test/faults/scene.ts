import type { ChildProcess } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { temporaryDirectory } from '../helpers/folder.js';
import { HEADER, orderRow } from '../helpers/orders.js';
import { CREDENTIALS, run } from '../helpers/program.js';

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
  const lines = Array.from({ length: rows }, (_, n) => orderRow(n, Math.floor(n / 2)));
  writeFileSync(join(folder.path, 'orders.csv'), HEADER + lines.join(''));
  const common = ['send', 'orders.csv', '--endpoint', server.url, '--rate', '100000', '--json'];
  return {
    path: folder.path,
    server,
    send: async ({ args = [], env = {}, onStart, quotaKb } = {}) => {
      const ended = await run([...common, ...args], {
        cwd: folder.path,
        env: { ...CREDENTIALS, ...env },
        ...(onStart === undefined ? {} : { onStart }),
        ...(quotaKb === undefined ? {} : { quotaKb }),
      });
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
