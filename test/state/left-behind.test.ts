import { join } from 'node:path';
import { expect, it } from 'vitest';
import { sampleFile } from '../../src/input/sample.js';
import { leftBehind } from '../../src/state/left-behind.js';
import type { RunFile, StoredRun } from '../../src/state/runs.js';
import { useFolder } from '../helpers/folder.js';
import { STORED_RUN } from '../helpers/stored-run.js';

const folder = useFolder();

/** A file that holds this, as it is just now. */
async function holding(name: string, text: string): Promise<RunFile> {
  const content = await sampleFile(join(folder.path, folder.write(name, text)));
  return { name, ...(content === undefined ? {} : { content }) };
}
const PIPE: RunFile = { name: '-' };
const killed = (...files: readonly RunFile[]): StoredRun => ({ ...STORED_RUN, files, state: 'killed' });
const ended: StoredRun = { ...STORED_RUN, result: { exitCode: 0 } };
const toldOf = (runs: readonly StoredRun[], ...files: readonly RunFile[]) =>
  leftBehind(runs, { files, scope: 'account' });

it('the file of a killed run is told of in the next run, which does not have it, and in no later one', async () => {
  const [monday, tuesday] = [await holding('monday.csv', '1\n'), await holding('tuesday.csv', '2\n')];
  expect(await toldOf([killed(monday)], tuesday)).toEqual(['monday.csv']);
  expect(await toldOf([killed(monday), killed(tuesday)])).toEqual(['monday.csv', 'tuesday.csv']);
  expect(await toldOf([killed(monday), ended], tuesday)).toEqual([]);
});

it('it is told of in a run to its own account, and a run to another one, as a rehearsal is, does not use it up', async () => {
  const monday = await holding('monday.csv', '1\n');
  const elsewhere = { scope: 'sandbox' };
  expect(await toldOf([{ ...killed(monday), ...elsewhere }])).toEqual([]);
  expect(await toldOf([killed(monday), { ...ended, ...elsewhere }])).toEqual(['monday.csv']);
});

it('it is not told of where it is read again, unless it holds something else; a snapshot always has all', async () => {
  const before = await holding('orders.csv', '1\n');
  expect(await toldOf([killed(before)], before)).toEqual([]);
  const now = await holding('orders.csv', '2\n');
  expect(await toldOf([killed(before)], now)).toEqual(['orders.csv']);
  expect(await toldOf([{ ...killed(before), command: 'sync-audience' }], now)).toEqual([]);
});

it('a pipe is told of also where one is read again: it may hold something else', async () => {
  expect(await toldOf([killed(PIPE)], PIPE)).toEqual(['-']);
});
