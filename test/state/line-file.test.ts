import { existsSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { beforeEach, expect, it } from 'vitest';
import { readLines, summaryOf, writeLines } from '../../src/state/line-file.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();
let path = '';
beforeEach(() => {
  path = join(folder.path, 'vip.members');
});

async function read(): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of readLines(path)) lines.push(line);
  return lines;
}

async function write(lines: readonly string[]): Promise<void> {
  await writeLines(
    path,
    (async function* () {
      yield* lines;
    })(),
  );
}

/** Lines, some of them longer than what is read or written at once. */
const lines = fc
  .array(fc.tuple(fc.string({ unit: 'grapheme', maxLength: 3 }), fc.constantFrom(1, 1, 1, 3_000, 40_000)), {
    minLength: 1,
    maxLength: 12,
    size: 'max',
  })
  .map((parts) => parts.map(([text, times]) => text.replaceAll('\n', ' ').repeat(times)));

it('has the lines that were written, and gives the first one and how many there are without reading them all', async () => {
  await fc.assert(
    fc.asyncProperty(lines, async (written) => {
      await write(written);
      expect(await read()).toEqual(written);
      expect(await summaryOf(path)).toEqual({ first: written[0], lines: written.length });
    }),
    { numRuns: 40 },
  );
});

it('is damaged where any byte of it has changed or is missing, and says so at the end at the latest', async () => {
  const written = ['{"format":1}', 'anna', '', 'ben'];
  await write(written);
  const bytes = readFileSync(path);
  for (let at = 0; at < bytes.length; at += 1) {
    writeFileSync(path, bytes);
    truncateSync(path, at);
    await expect(read(), `cut at ${at}`).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
    const changed = Buffer.from(bytes);
    changed[at] = (changed[at] ?? 0) ^ 1;
    writeFileSync(path, changed);
    await expect(read(), `changed at ${at}`).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
  }
  writeFileSync(path, '"text"\n');
  await expect(summaryOf(path)).rejects.toMatchObject({ code: 'STATE_DAMAGED' });
});

it('is not there where its lines end with a failure', async () => {
  const failing = (async function* () {
    yield 'anna';
    throw new Error('broken');
  })();
  await expect(writeLines(path, failing)).rejects.toBeDefined();
  expect(existsSync(path)).toBe(false);
});
