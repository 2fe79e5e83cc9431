import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync, readFileSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { type Lock, takeLock } from '../../src/state/lock.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

const take = (watchMs = 200): Promise<Lock> => takeLock(folder.path, 'run', 0, () => undefined, watchMs);

describe('the lock of a state', () => {
  it('lets one run in, and says who that is', async () => {
    const held = await take();
    await expect(take()).rejects.toMatchObject({
      code: 'STATE_LOCKED',
      exitCode: 5,
      message: expect.stringContaining(`process ${process.pid} on `),
    });
    await held.release();
    await (await take()).release();
  });

  it('that somebody else has taken over in the meantime is left to them', async () => {
    const path = join(folder.path, 'lock');
    const held = await take();
    const other = { ...JSON.parse(readFileSync(path, 'utf8')), token: 'of another run' };
    writeFileSync(path, JSON.stringify(other));
    await held.release();
    expect(JSON.parse(readFileSync(path, 'utf8'))).toEqual(other);
  });

  it.skipIf(!existsSync('/proc/self/ns/pid'))(
    'says in which container its process is, and when that began',
    async () => {
      const held = await take();
      const { pid, host, space, ticks } = JSON.parse(readFileSync(join(folder.path, 'lock'), 'utf8'));
      expect({ pid, host }).toEqual({ pid: process.pid, host: hostname() });
      expect(space).toMatch(/^[0-9a-f-]{36} pid:/);
      expect(ticks).toMatch(/^\d+$/);
      await held.release();
    },
  );

  it('is taken over from a process that is dead, or whose pid is another process now', async () => {
    const path = join(folder.path, 'lock');
    const dead = { host: hostname(), startedAt: 'then', runId: 'r', token: 't' };
    for (const lock of [{ ...dead, pid: 2 ** 22 + 1 }, { ...dead, pid: process.pid, ticks: '1' }, {}]) {
      writeFileSync(path, JSON.stringify(lock));
      await (await take()).release();
      expect(existsSync(path)).toBe(false);
    }
  });

  it.runIf(process.platform === 'linux')(
    'is taken over from a killed process that its parent never asks about, as in a container without an init',
    async () => {
      // What is started before `exec` is the child of a `sleep` that does not wait for it.
      const parent = spawn('sh', ['-c', 'sleep 60 & echo $!; exec sleep 60']);
      try {
        const [output] = await once(parent.stdout, 'data');
        const pid = Number(String(output));
        const stat = (): string[] =>
          readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
        const ticks = stat()[19];
        const holder = { pid, ticks, host: hostname(), startedAt: 'then', runId: 'r', token: 't' };
        writeFileSync(join(folder.path, 'lock'), JSON.stringify(holder));
        await expect(take()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
        process.kill(pid, 'SIGKILL');
        await expect.poll(() => stat()[0], { timeout: 50_000 }).toBe('Z');
        await (await take()).release();
      } finally {
        parent.kill('SIGKILL');
      }
    },
  );

  it.each([
    ['another machine', { pid: 1, host: 'elsewhere' }],
    ['another container of the same name', { pid: 2 ** 22 + 1, host: hostname(), space: 'another' }],
  ])('of %s holds as long as that gives signs of life', async (_, holder) => {
    const path = join(folder.path, 'lock');
    writeFileSync(path, JSON.stringify({ ...holder, startedAt: 'then', runId: 'r', token: 't' }));
    await expect(take()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    const longAgo = new Date(Date.now() - 120_000);
    utimesSync(path, longAgo, longAgo);
    await (await take()).release();
  });

  it.each([
    ['behind', -240],
    ['ahead', 240],
  ])(
    'of another machine, whose clock is %s, holds as long as that gives signs of life',
    async (_, seconds) => {
      const path = join(folder.path, 'lock');
      writeFileSync(
        path,
        JSON.stringify({ pid: 1, host: 'elsewhere', startedAt: 'then', runId: 'r', token: 't' }),
      );
      const touch = (): void => {
        const time = Date.now() / 1_000 + seconds;
        utimesSync(path, time, time);
      };
      touch();
      const beats = setInterval(touch, 300);
      // It looks no longer than it has to.
      await expect(take(60_000)).rejects.toMatchObject({ code: 'STATE_LOCKED' });
      clearInterval(beats);
      await (await take()).release();
    },
  );

  it('is taken over after the machine was started again, though its pid is another process now', async () => {
    const path = join(folder.path, 'lock');
    // As where the kernel does not say when a process began (macOS, Windows).
    const dead = { pid: process.pid, host: hostname(), runId: 'r', token: 't' };
    const write = (startedAt: string, touchedAt: number): void => {
      writeFileSync(path, JSON.stringify({ ...dead, startedAt }));
      utimesSync(path, touchedAt / 1_000, touchedAt / 1_000);
    };
    const longAgo = Date.now() - 120_000;
    write('2001-01-01T00:00:00.000Z', Date.now());
    await expect(take()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    // Of a laptop that was asleep.
    write(new Date(Date.now() - 1_000).toISOString(), longAgo);
    await expect(take()).rejects.toMatchObject({ code: 'STATE_LOCKED' });
    write('2001-01-01T00:00:00.000Z', longAgo);
    await (await take()).release();
  });

  it('that cannot be read is no lock to wait for', async () => {
    // As one of another user's, which a test that runs as root could read.
    mkdirSync(join(folder.path, 'lock'));
    await expect(take()).rejects.toMatchObject({ code: 'STATE_UNREADABLE', exitCode: 2 });
  });

  it('that is a link to nowhere is not waited for', async () => {
    symlinkSync('nowhere', join(folder.path, 'lock'));
    await expect(take()).rejects.toMatchObject({ code: 'STATE_UNREADABLE', exitCode: 2 });
  });

  it('is taken over although whoever did so last died at it, on a clock that was ahead', async () => {
    const claim = join(folder.path, 'lock.claim');
    writeFileSync(join(folder.path, 'lock'), '{}');
    writeFileSync(claim, '');
    const tomorrow = new Date(Date.now() + 86_400_000);
    utimesSync(claim, tomorrow, tomorrow);
    await (await take()).release();
    expect(existsSync(claim)).toBe(false);
  });
});
