import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { eachRun, writeRun } from '../../src/state/runs.js';
import { useFolder } from '../helpers/folder.js';
import { STORED_RUN } from '../helpers/stored-run.js';

const folder = useFolder();

it('reads the records of runs one at a time, oldest first: there may be thousands, of thousands of files each', async () => {
  await writeRun(folder.path, { ...STORED_RUN, number: 10 });
  await writeRun(folder.path, { ...STORED_RUN, number: 9 });
  writeFileSync(join(folder.path, 'runs', '00000011-x.json'), '{');
  const runs = eachRun(folder.path);
  expect(runs.next().value).toMatchObject({ number: 9 });
  expect(runs.next().value).toMatchObject({ number: 10 });
  expect(() => runs.next()).toThrow(expect.objectContaining({ code: 'STATE_DAMAGED' }));
});
