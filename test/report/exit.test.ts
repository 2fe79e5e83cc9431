import { describe, expect, it } from 'vitest';
import { describePause } from '../../src/report/exit.js';

describe('a pause of an endpoint that is down', () => {
  it.each([
    [20_000, '20 s'],
    [120_000, '120 s'],
    [840_500, '15 min'],
  ])('tells when the run is given up, %d ms from now, as %s', (giveUpInMs, words) => {
    const line = describePause({ failures: 5, reason: 'a timeout', waitMs: 900, giveUpInMs });
    expect(line).toContain(`Pausing for 1 s; giving up in ${words}.`);
  });
});
