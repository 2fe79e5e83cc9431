import { afterEach, describe, expect, it } from 'vitest';
import { type Behaviour, type CapiServer, startCapiServer } from '../helpers/capi-server.js';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, run } from '../helpers/program.js';
import { HAS_TERMINAL, inShell, KEYS, onTerminal } from '../helpers/terminal.js';

const folder = useFolder();

const READING = 'Reading records from standard input; Ctrl-D ends it.';
const ORDERS = 'Order Number,Email,Paid at\n1,a@example.com,2026-11-02T10:00:00Z\n';

describe.runIf(HAS_TERMINAL)('standard input', () => {
  it('that is a terminal is announced: a run without a redirection looks as if it hung', async () => {
    const typed = `${ORDERS}${KEYS.d}`;
    const { code, seen } = await onTerminal(['send', '-', '--dry-run'], folder.path, { [READING]: typed });
    expect(code).toBe(0);
    expect(seen).toMatch(/accepted +1 +would be sent/);
  });

  it('that is a pipe is not', async () => {
    const ended = await run(['send', '-', '--dry-run'], { cwd: folder.path, input: ORDERS });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });
});

it.runIf(HAS_TERMINAL)('no progress is drawn over the line that somebody types', async () => {
  const answers = { [READING]: `${ORDERS}${KEYS.d}` };
  const { code, seen } = await onTerminal(['validate', '-'], folder.path, answers, { columns: 80 });
  expect(code).toBe(0);
  expect(seen).not.toContain('0 read');
});

it.runIf(HAS_TERMINAL)('a sync shows how far it has read: of a large snapshot it said nothing', async () => {
  folder.write('vip.csv', 'Email\na@example.com\n');
  const args = ['sync-audience', 'vip.csv', '--dry-run'];
  const { code, seen } = await onTerminal(args, folder.path, {}, { columns: 80 });
  expect(code).toBe(0);
  expect(seen).toContain('read, nothing is sent before all is read');
});

describe.runIf(HAS_TERMINAL)('the progress on a terminal', () => {
  let server: CapiServer;
  afterEach(() => server.close());
  const send = async (behaviour: Behaviour): Promise<string[]> => {
    folder.write('orders.csv', HEADER + orderRows(0, 20));
    server = await startCapiServer(() => behaviour);
    return ['send', 'orders.csv', '--endpoint', server.url];
  };
  const slow: Behaviour = { kind: 'accept', delayMs: 1_000 };

  it('leaves the cursor to be seen, also while it draws: Ctrl-Z or a kill left a shell without one', async () => {
    const args = await send(slow);
    const { seen } = await inShell(
      args,
      folder.path,
      { '20 read': KEYS.z, Stopped: 'fg\n', 'Match quality': 'exit\n' },
      { env: CREDENTIALS, columns: 80 },
    );
    expect(seen).toContain('20 read, 0 accepted');
    expect(seen).not.toContain('\u001b[?25l');
    expect(seen).toMatch(/accepted +20/);
  });

  it('takes its line away when a second Ctrl-C ends the run', async () => {
    const args = await send({ kind: 'accept-and-hang' });
    const { code, seen } = await onTerminal(
      args,
      folder.path,
      { '20 read': KEYS.c, 'a second one stops at once': KEYS.c },
      { env: CREDENTIALS, columns: 80 },
    );
    expect(code).toBe(130);
    // What is drawn last is an empty line, from its beginning.
    expect(seen.endsWith('\u001b[1G\u001b[0K')).toBe(true);
  });

  it('says so where a server does not answer: it looked as if the run did nothing', async () => {
    const args = await send({ kind: 'accept-and-hang' });
    const { code, seen } = await onTerminal(
      args,
      folder.path,
      { 'waiting for an answer': KEYS.c, 'a second one stops at once': KEYS.c },
      { env: CREDENTIALS, columns: 80 },
    );
    expect(code).toBe(130);
    expect(seen).toContain('20 read, 0 accepted, 0 rejected, 0 a second, waiting for an answer');
  });

  it('is no line that stays at 0 where CI is set: there, too, plain lines come each half a minute', async () => {
    const args = await send(slow);
    const { code, seen } = await onTerminal(
      args,
      folder.path,
      {},
      { env: { ...CREDENTIALS, CI: 'true' }, columns: 80 },
    );
    expect(code).toBe(0);
    expect(seen).not.toContain('0 read');
  });
});
