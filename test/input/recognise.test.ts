import { expect, it } from 'vitest';
import { lookAtTimes } from '../../src/input/recognise.js';

it.each([
  ['2026-11-01', true],
  ['13-11-2026', true],
  ['2026-11-01 10:00', true],
  ['2026-11-01T10:00:00', true],
  ['2026-11-01T10:00:00Z', false],
  ['2026-11-01 10:00:00 +0200', false],
  ['2026-11-01T10:00:00.5-05:30', false],
  ['2026-11-01 10:00 UTC', false],
  ['1794300000', false],
])('whether a zone is to be asked for: %s, %j', (time, zoneless) => {
  expect(lookAtTimes([time]).zoneless).toBe(zoneless);
});
