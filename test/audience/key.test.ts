import { expect, it } from 'vitest';
import { hasDate } from '../../src/audience/key.js';

it.each([
  ...[
    'vip-2026-11-28',
    'vip_20261128',
    'vip.2026.11.28',
    '2026_11_28 vip',
    'vip_20261128T0315',
    'v20261128031500',
  ],
  ...['vip-28.11.2026', 'vip 11-28-2026', '28_11_2026'],
])('%s has a day in it', (name) => {
  expect(hasDate(name)).toBe(true);
});

it.each([
  'vip',
  'vip-2026',
  'vip_2026-11',
  'last_30_days',
  'top100',
  'vip-2026-13-01',
  'id 120261128',
  '1-2-3',
  'v1.2.2026',
])('%s has none', (name) => {
  expect(hasDate(name)).toBe(false);
});
