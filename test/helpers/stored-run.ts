import type { StoredRun } from '../../src/state/runs.js';

/** The record of a run that delivered by one mapping to one account, and of which nothing is left to do. */
export const STORED_RUN: StoredRun = {
  number: 1,
  id: '20261123T021500Z-k3x9',
  command: 'send',
  startedAt: '2026-11-23T02:15:00.000Z',
  pid: 1,
  host: 'host',
  endpoint: 'https://example.test/v2',
  environment: 'production',
  scope: 'account',
  mappings: ['Send'],
  files: [],
  state: 'finished',
  unfinished: false,
};
