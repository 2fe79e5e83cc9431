import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';
import { HAS_TERMINAL, onTerminal } from '../helpers/terminal.js';

const folder = useFolder();

const READING = 'Reading records from standard input; Ctrl-D ends it.';
const ORDERS = 'Order Number,Email,Paid at\n1,a@example.com,2026-11-02T10:00:00Z\n';

describe.runIf(HAS_TERMINAL)('standard input', () => {
  it('that is a terminal is announced: a run without a redirection looks as if it hung', async () => {
    const typed = `${ORDERS}\u0004`;
    const { code, seen } = await onTerminal(['send', '-', '--dry-run'], folder.path, { [READING]: typed });
    expect(code).toBe(0);
    expect(seen).toMatch(/accepted +1 +would be sent/);
  });

  it('that is a pipe is not', async () => {
    const ended = await run(['send', '-', '--dry-run'], { cwd: folder.path, input: ORDERS });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
  });
});
