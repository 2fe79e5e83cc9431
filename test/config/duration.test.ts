import { expect, it } from 'vitest';
import { mayBeDays, parseDuration } from '../../src/config/duration.js';

it.each([
  ['500ms', 500],
  ['30s', 30_000],
  ['15m', 900_000],
  ['2h', 7_200_000],
  ['1.5 h', 5_400_000],
  ['1d', 86_400_000],
  [45, 45_000],
  ['0s', undefined],
  ['-1s', undefined],
  ['soon', undefined],
  ['', undefined],
])('reads the duration %s', (text, ms) => {
  expect(parseDuration(text)).toBe(ms);
});

it.each([
  ['30', true],
  [90, true],
  ['30d', false],
  ['86400', false],
])('says whether %s may be meant as days: %s', (text, expected) => {
  expect(mayBeDays(text)).toBe(expected);
});
