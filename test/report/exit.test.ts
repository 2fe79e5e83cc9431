import { describe, expect, it } from 'vitest';
import { describePause, describeStop } from '../../src/report/exit.js';

describe('a pause of an endpoint that is down', () => {
  it.each([
    [20_000, '20 s'],
    [120_000, '120 s'],
    [840_500, '15 min'],
  ])('says when the run is given up, %d ms from now, as %s', (giveUpInMs, words) => {
    const line = describePause({ failures: 5, reason: 'a timeout', waitMs: 900, giveUpInMs });
    expect(line).toContain(`Pausing for 1 s; giving up in ${words}.`);
  });
});

it.each([
  [302, 'the endpoint answered 302, a redirect, which is not followed'],
  [308, 'the endpoint answered 308, a redirect, which is not followed'],
  [404, "the endpoint answered 404: check the endpoint's address; it ends in /v2."],
  [410, "the endpoint answered 410: check the endpoint's address; it ends in /v2."],
])('an endpoint that answered %d is reported with what to do', (status, words) => {
  expect(describeStop({ kind: 'unusable', status })).toContain(words);
});
