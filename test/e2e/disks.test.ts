import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { CAN_FAIL, CREDENTIALS, type Fault, run } from '../helpers/program.js';

const folder = useFolder();
let server: CapiServer | undefined;
afterEach(async () => {
  await server?.close();
  server = undefined;
});

/** What is in the state directory. */
function state(name = ''): string {
  return join(folder.path, '.rokt-capi', name);
}

async function command(args: readonly string[], fault?: Fault) {
  server ??= await startCapiServer();
  const ended = await run([...args, '--endpoint', server.url, '--json'], {
    cwd: folder.path,
    env: CREDENTIALS,
    ...(fault === undefined ? {} : { fault }),
  });
  const result: Record<string, unknown> = ended.stdout === '' ? {} : JSON.parse(ended.stdout);
  return { ...ended, result };
}

describe.skipIf(!CAN_FAIL)('a disk that fails', () => {
  it('whose quota is used up is a full disk: run it again once there is room', async () => {
    folder.write('orders.csv', HEADER + orderRows(0, 3));
    const full = await command(['send', 'orders.csv'], {
      calls: 'write,pwrite64',
      error: 'EDQUOT',
      path: state('lock'),
    });
    expect(full.stderr).toContain('STATE_DISK_FULL');
    expect(full.code).toBe(5);
    const again = await command(['send', 'orders.csv']);
    expect(again).toMatchObject({ code: 0, result: { accepted: 3 } });
  });
});
