import { appendFileSync, closeSync, openSync, writeFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { beginsAs, sampleFile } from '../../src/input/sample.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();

function writeAt(file: string, position: number): void {
  const descriptor = openSync(file, 'r+');
  writeSync(descriptor, 'x', position);
  closeSync(descriptor);
}

it.each([0, 1, 5_000, 17 << 20])(
  'a file of %i bytes begins as it did after more was added, and not once its end or beginning is another',
  async (size) => {
    const file = join(folder.path, 'orders.csv');
    writeFileSync(file, Buffer.alloc(size, 'a'));
    const sample = await sampleFile(file);
    if (sample === undefined) expect.fail('The file cannot be read.');
    expect(sample).toMatchObject({ path: file, size });
    appendFileSync(file, 'more');
    expect(await beginsAs(sample)).toBe(true);
    for (const position of size === 0 ? [] : [size - 1, 0]) {
      writeFileSync(file, Buffer.alloc(size, 'a'));
      expect(await beginsAs(sample)).toBe(true);
      writeAt(file, position);
      expect(await beginsAs(sample)).toBe(false);
    }
  },
);

it('what is no file, or is not there, has no content to be known by', async () => {
  expect(await sampleFile(folder.path)).toBeUndefined();
  expect(await sampleFile(join(folder.path, 'none'))).toBeUndefined();
});
