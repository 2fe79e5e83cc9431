import { PassThrough } from 'node:stream';
import { expect, it } from 'vitest';
import { formatProgress, formatReading, startProgress } from '../../src/report/progress.js';

const state = { read: 1200, accepted: 900, duplicate: 0, skipped: 0, rejected: 4, waitingFor: 'rate limit' };

it('a progress line says how many, how fast they are settled, and what it waits for', () => {
  expect(formatProgress(state, 4_000)).toBe(
    '1200 read, 900 accepted, 4 rejected, 226 a second, waiting for rate limit',
  );
  expect(formatProgress({ ...state, waitingFor: undefined }, 500)).toBe(
    '1200 read, 900 accepted, 4 rejected',
  );
});

it('a progress line counts what was delivered before, or is skipped, where there is any', () => {
  const again = {
    read: 1200,
    accepted: 0,
    duplicate: 1000,
    skipped: 200,
    rejected: 0,
    waitingFor: undefined,
  };
  expect(formatProgress(again, 4_000)).toBe(
    '1200 read, 0 accepted, 1000 duplicate, 200 skipped, 0 rejected, 300 a second',
  );
});

it('while nothing can be sent yet, a progress line says so', () => {
  expect(formatReading(1200, 4_000)).toBe('1200 read, 300 a second, nothing is sent before all is read');
  expect(formatReading(0, 500)).toBe('0 read, nothing is sent before all is read');
});

it('a short run writes nothing where standard error is no terminal: a cron mail stays empty', async () => {
  const stream = new PassThrough();
  const progress = await startProgress(() => 'so many read', stream, {});
  progress.stop();
  expect(stream.read()).toBeNull();
});

it('NO_COLOR gives plain lines on a terminal too', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true });
  const progress = await startProgress(() => 'so many read', stream, { NO_COLOR: '1' });
  progress.stop();
  expect(stream.read()).toBeNull();
});

it('a terminal without a size gets plain lines: a run there went on for ever, drawing its spinner', async () => {
  const stream = Object.assign(new PassThrough(), { isTTY: true, columns: 0 });
  const progress = await startProgress(() => 'so many read', stream, {});
  expect(stream.read()).toBeNull();
  progress.stop();
});
