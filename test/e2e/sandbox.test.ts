import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { CREDENTIALS, type Ended, run, temporaryDirectory } from '../helpers/program.js';

let folder: ReturnType<typeof temporaryDirectory>;
beforeEach(() => {
  folder = temporaryDirectory();
});
afterEach(() => folder.remove());

describe('a sandbox', () => {
  it.each([
    ['--port 70000', 'Port 70000 of 127.0.0.1'],
    ['--port 0 --host foo.invalid', 'Port 0 of foo.invalid'],
    ['--port 0 --host 192.0.2.1', 'Port 0 of 192.0.2.1'],
  ])('that cannot listen there says so: %s', async (options, what) => {
    const ended = await run(['sandbox', ...options.split(' ')], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(
      /^SANDBOX_PORT_TAKEN: .* cannot be listened on \([A-Z_]+\)\.\n {2}→ [^\n]*\n$/,
    );
    expect(ended.stderr).toContain(what);
  });

  it('does not listen on every address where --host is empty, as by a variable that is not set', async () => {
    const ended = await run(['sandbox', '--port', '0', '--host', ''], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toContain('0.0.0.0 for all of them');
  });

  it.each(['nowhere/out.ndjson', '.'])(
    'says that it cannot write --out before it listens: %s',
    async (name) => {
      const ended = await run(['sandbox', '--port', '0', '--out', name], { cwd: folder.path });
      expect(ended.code).toBe(2);
      expect(ended.stderr).toMatch(/^[^\n]*: OUT_UNWRITABLE: [^\n]*\n {2}→ [^\n]*\n$/);
    },
  );

  /** What `send` has sent to it is in its file; then it is asked to end, if it has not. */
  async function sendTo(out: string): Promise<Ended> {
    const paid = new Date(Date.now() - 86_400_000).toISOString();
    const order = `Order Number,Email,Total,Currency,Paid at\n1,a@example.com,5,USD,${paid}\n`;
    return run(['sandbox', '--port', '0', '--out', out], {
      cwd: folder.path,
      onStart: (child) => {
        child.stderr?.once('data', async (text: string) => {
          const [url = ''] = /http:\S+/.exec(text) ?? [];
          const args = ['send', '-', '--no-state', '--endpoint', url, '--max-duration', '2'];
          await run(args, { cwd: folder.path, env: CREDENTIALS, input: order });
          child.kill('SIGTERM');
        });
      },
    });
  }

  it('writes what it was sent to the file of --out', async () => {
    expect((await sendTo('b.ndjson')).code).toBe(0);
    expect(readFileSync(join(folder.path, 'b.ndjson'), 'utf8')).toContain('a@example.com');
  });

  it('ends where the disk of --out is full', async () => {
    const ended = await sendTo('/dev/full');
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/\n\/dev\/full: OUT_UNWRITABLE: .*\(ENOSPC\)\.\n {2}→ [^\n]*\n$/);
  });
});
