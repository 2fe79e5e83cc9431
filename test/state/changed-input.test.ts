import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { sampleFile } from '../../src/input/sample.js';
import { checkUnchanged } from '../../src/state/changed-input.js';
import type { RunFile, StoredRun } from '../../src/state/runs.js';
import { useFolder } from '../helpers/folder.js';
import { STORED_RUN } from '../helpers/stored-run.js';

const folder = useFolder();
const { endpoint, environment } = STORED_RUN;
const HERE = { endpoint, environment, id: 'account', mappings: ['Send'] };

/** The file as it is just now. */
async function orders(): Promise<RunFile> {
  const content = await sampleFile(join(folder.path, 'orders.csv'));
  return { name: 'orders.csv', ...(content === undefined ? {} : { content }) };
}
const check = async (runs: readonly StoredRun[], destination = HERE) =>
  checkUnchanged([await orders()], runs, destination);

/** A run that stopped half-way through the file as it was then. */
let stopped: StoredRun;
beforeEach(async () => {
  folder.write('orders.csv', 'id\n1\n');
  stopped = { ...STORED_RUN, files: [await orders()], state: 'stopped', unfinished: true };
});

/** A later run that had the file as it is now. */
const later = async (record: Partial<StoredRun> = {}): Promise<StoredRun> => ({
  ...STORED_RUN,
  files: [await orders()],
  ...record,
});

describe('a file that a run stopped half-way through is to be as it was', () => {
  beforeEach(() => {
    folder.write('orders.csv', 'id\n2\n');
  });

  it.each<[string, Partial<StoredRun>[]]>([
    ['', []],
    [', though a run was refused since', [{ state: 'stopped' }]],
    [', though a run was killed since before it had sent anything', [{ state: 'killed' }]],
    [', though all of it was sent since to another account', [{ scope: 'other' }]],
    [', though all of it was sent since by another mapping', [{ mappings: ['Other'] }]],
    [', though all of it was sent since to a test environment', [{ environment: 'development' }]],
  ])('else it is an error%s', async (_, since) => {
    const runs = [stopped, ...(await Promise.all(since.map(later)))];
    await expect(check(runs)).rejects.toMatchObject({ code: 'INPUT_CHANGED', place: { file: 'orders.csv' } });
  });

  it.each<[string, Partial<typeof HERE>]>([
    ['by a mapping more', { mappings: ['Send', 'Other'] }],
    ['by a mapping of another name', { mappings: ['Other'] }],
    ['with a new key', { id: 'other' }],
  ])('also where it is sent %s: once, until that is done with the file as it is', async (_, more) => {
    const destination = { ...HERE, ...more };
    await expect(check([stopped], destination)).rejects.toMatchObject({ code: 'INPUT_CHANGED' });
    const accepted = await later({ mappings: destination.mappings, scope: destination.id });
    folder.write('orders.csv', 'id\n3\n');
    await check([stopped, accepted], destination);
  });

  it.each<[string, Partial<typeof HERE>]>([
    ['endpoint', { endpoint: 'https://elsewhere.test/v2' }],
    ['environment', { environment: 'development' }],
  ])('but not where it goes to another %s', async (_, more) => {
    await check([stopped], { ...HERE, ...more });
  });

  it('but not once all of it was sent, whatever it holds then', async () => {
    await check([stopped, await later()]);
  });
});

it('a file that has only grown since is as it was', async () => {
  appendFileSync(join(folder.path, 'orders.csv'), '2\n');
  await check([stopped]);
});
