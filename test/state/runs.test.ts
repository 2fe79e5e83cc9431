import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eachRun, type StoredRun, writeRun } from '../../src/state/runs.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

const RUN: StoredRun = {
  number: 1,
  id: '20261123T021500Z-k3x9',
  command: 'send',
  startedAt: '2026-11-23T02:15:00.000Z',
  pid: 1,
  host: 'host',
  endpoint: 'https://example.test/v2',
  environment: 'production',
  files: [{ name: 'orders.csv' }],
  state: 'finished',
  unfinished: false,
};

it('reads the records of runs one at a time, oldest first: there may be thousands, of thousands of files each', async () => {
  await writeRun(folder.path, { ...RUN, number: 10 });
  await writeRun(folder.path, { ...RUN, number: 9 });
  writeFileSync(join(folder.path, 'runs', '00000011-x.json'), '{');
  const runs = eachRun(folder.path);
  expect(runs.next().value).toMatchObject({ number: 9 });
  expect(runs.next().value).toMatchObject({ number: 10 });
  expect(() => runs.next()).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
});
