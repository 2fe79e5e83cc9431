import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { formatProgress, startProgress } from '../../src/report/progress.js';

const state = { read: 1200, accepted: 900, rejected: 3, waitingFor: 'rate limit' };

it('a progress line says how many, how fast, and what it waits for', () => {
  expect(formatProgress(state, 4_000)).toBe(
    '1200 read, 300/s, 900 accepted, 3 rejected, waiting for rate limit',
  );
});

it('a short run writes nothing where standard error is no terminal: a cron mail stays empty', async () => {
  const stream = new PassThrough();
  const progress = await startProgress(() => state, stream, {});
  progress.stop();
  expect(stream.read()).toBeNull();
});

it('NO_COLOR gives plain lines on a terminal too', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  const progress = await startProgress(() => state, stream, { NO_COLOR: '1' });
  progress.stop();
  expect(stream.read()).toBeNull();
});

it('a terminal without a size gets plain lines: a run there went on for ever, drawing its spinner', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const progress = await startProgress(() => state, stream, {});
  expect(stream.read()).toBeNull();
  progress.stop();
});
