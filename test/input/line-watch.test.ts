import { Readable } from 'node:stream';
import { expect, it } from 'vitest';
import { LineWatch } from '../../src/input/line-watch.js';
import { openInputs } from '../../src/input/open.js';

const ROWS = 'id,note\n1,"two\nlines"\n2,x\n';

/** The line of the record that is found, or the code of the error where there is none. */
async function found(line: number, text: string, sliceBytes: number): Promise<unknown> {
  const options = { columns: new Map() };
  const stream = Readable.from([Buffer.from(text)], { objectMode: false });
  const [input] = await openInputs(['-'], stream, options, sliceBytes);
  const watch = new LineWatch(line);
  if (input === undefined) expect.fail();
  for await (const slice of watch.watch(input).slices)
    expect(slice.line).toBeLessThanOrEqual(Math.max(2, line));
  try {
    return watch.found('-').line;
  } catch (error) {
    return error instanceof Error && 'code' in error ? error.code : error;
  }
}

it.each([
  [1, 'LINE_WITHOUT_RECORD'],
  [2, 2],
  [3, 2],
  [4, 4],
  [5, 'LINE_WITHOUT_RECORD'],
])('on line %d of a table is the record that begins on it, or goes on to it: %s', async (line, expected) => {
  for (const text of [ROWS, ROWS.slice(0, -1)]) {
    for (const bytes of [1, 1_000]) expect(await found(line, text, bytes), `${bytes}`).toBe(expected);
  }
});
