import { chmodSync, existsSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, type Ended, run } from '../helpers/program.js';

const folder = useFolder();

describe('a sandbox', () => {
  it.each([
    ['--port 70000', 'port 70000 of 127.0.0.1'],
    ['--port 0 --host foo.invalid', 'port 0 of foo.invalid'],
    ['--port 0 --host 192.0.2.1', 'port 0 of 192.0.2.1'],
  ])('that cannot listen there says so: %s', async (options, what) => {
    const ended = await run(['sandbox', ...options.split(' ')], { cwd: folder.path });
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/^SANDBOX_PORT_TAKEN: Cannot listen on .* \([A-Z_]+\)\.\n {2}→ [^\n]*\n$/);
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

  /** Sends twenty orders to a sandbox, which is asked to end then. @returns how it, and `send`, have ended. */
  async function sendTo(
    out: readonly string[],
    stdout?: string,
  ): Promise<readonly [sandbox: Ended, send: Ended | undefined]> {
    let sent: Ended | undefined;
    const ended = await run(['sandbox', '--port', '0', ...out], {
      cwd: folder.path,
      ...(stdout === undefined ? {} : { stdout }),
      onStart: (child) => {
        child.stderr?.once('data', async (text: string) => {
          const [url = ''] = /http:\S+/.exec(text) ?? [];
          sent = await run(['send', '-', '--no-state', '--endpoint', url], {
            cwd: folder.path,
            env: CREDENTIALS,
            input: HEADER + orderRows(0, 20),
            // It would try for long to reach one that has ended.
            onStart: (sender) => child.once('exit', () => sender.kill()),
          });
          child.kill('SIGTERM');
        });
      },
    });
    return [ended, sent];
  }

  it('takes what send sends, writes each batch as a line, and ends with a summary', async () => {
    const [ended, sent] = await sendTo(['--out', 'b.ndjson']);
    expect([ended.code, sent?.code]).toEqual([0, 0]);
    expect(ended.stderr).toContain('"accepted":20');
    expect(readFileSync(join(folder.path, 'b.ndjson'), 'utf8').trim().split('\n')).toHaveLength(20);
  });

  it.each([
    ['>(true)', 'whoever reads its output goes away'],
    ['/dev/full', 'the disk of its output is full'],
  ])('still answers where standard output is %s: %s', async (stdout) => {
    const [ended, sent] = await sendTo([], stdout);
    expect([sent?.code, sent?.stderr]).toEqual([0, '']);
    expect(ended.stderr).toContain('"accepted":20');
  });

  it.each(['b.ndjson', 'link.ndjson'])(
    'writes --out for its owner alone, also where all could read it: %s',
    async (name) => {
      writeFileSync(join(folder.path, 'b.ndjson'), '');
      chmodSync(join(folder.path, 'b.ndjson'), 0o666);
      symlinkSync('b.ndjson', join(folder.path, 'link.ndjson'));
      const [ended] = await sendTo(['--out', name]);
      expect(ended.stderr).toContain('"accepted":20');
      expect(statSync(join(folder.path, 'b.ndjson')).mode & 0o777).toBe(0o600);
    },
  );

  it.runIf(existsSync('/proc/self/fd'))(
    'leaves what is in the file of standard output where --out is /dev/stdout',
    async () => {
      const all = join(folder.path, 'all');
      writeFileSync(all, 'before\n');
      const [ended] = await sendTo(['--out', '/dev/stdout'], `/dev/null >> ${all}`);
      expect(ended.code, ended.stderr).toBe(0);
      const lines = readFileSync(all, 'utf8').trimEnd().split('\n');
      expect([lines[0], lines.length]).toEqual(['before', 21]);
    },
  );

  it('ends where the disk of --out is full', async () => {
    const [ended] = await sendTo(['--out', '/dev/full']);
    expect(ended.code).toBe(2);
    expect(ended.stderr).toMatch(/\n\/dev\/full: OUT_UNWRITABLE: .*\(ENOSPC\)\.\n {2}→ [^\n]*\n$/);
  });
});
