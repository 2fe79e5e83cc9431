import { expect, it } from 'vitest';
import { lookAtTimes } from '../../src/payload/times-seen.js';

it.each([
  [['13/1/2026', '1/2/2026'], 'dmy'],
  [['1/2/2026', '1.13.2026'], 'mdy'],
  [['12-12-2026', '1/12/2026', '12/1/2026'], 'either'],
  [['13/1/2026', '1/13/2026'], 'either'],
  [['2026-11-01', 'Nov 13, 2026'], undefined],
] as const)('what comes first in the dates %j: %j', (times, dateOrder) => {
  expect(lookAtTimes(times).dateOrder).toBe(dateOrder);
});

it.each([
  ['2026-11-01', true],
  ['13-11-2026', true],
  ['13.11.2026', true],
  ['2026-11-01 10:00', true],
  ['2026-11-01T10:00:00', true],
  ['2026-11-01T10:00:00Z', false],
  ['2026-11-01 10:00:00 +0200', false],
  ['2026-11-01T10:00:00.5-05:30', false],
  ['2026-11-01 10:00 UTC', false],
  ['1794300000', false],
  ['1794300000.25', false],
  ['1.79430000025E9', false],
  ['Sun, 01 Nov 2026 10:00:00 +0000', false],
  ['Sun Nov 01 2026 11:00:00 GMT+0100 (CET)', false],
  ['2026/11/01 10:00', true],
  ['Nov 1, 2026 10:00 AM', true],
  ['Nov 1, 2026 10:00 AM UTC', false],
])('whether a zone is to be asked for: %s, %j', (time, zoneless) => {
  expect(lookAtTimes([time]).zoneless).toBe(zoneless);
});
