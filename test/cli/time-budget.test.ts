import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { TimeBudget } from '../../src/cli/time-budget.js';

const DAY_MS = 86_400_000;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
});

it.each([1, 24, 25, 30, 100])('a --max-duration of %i days is over then, and not before', (days) => {
  const onEnd = vi.fn();
  new TimeBudget(days * DAY_MS).watch(onEnd);
  vi.advanceTimersByTime(days * DAY_MS - 1);
  expect(onEnd).not.toHaveBeenCalled();
  vi.advanceTimersByTime(2);
  expect(onEnd).toHaveBeenCalledOnce();
});

it.each([1, 30])('one of %i days that is not watched any more ends nothing', (days) => {
  const onEnd = vi.fn();
  const release = new TimeBudget(days * DAY_MS).watch(onEnd);
  vi.advanceTimersByTime((days - 0.5) * DAY_MS);
  release();
  vi.advanceTimersByTime(days * DAY_MS);
  expect(onEnd).not.toHaveBeenCalled();
});
