import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { isTelling } from '../../src/input/detect.js';
import { openInputs } from '../../src/input/open.js';
import { isPause, withPauses } from '../../src/input/pauses.js';
import type { InputOptions } from '../../src/interfaces.js';

const options: InputOptions = { columns: new Map(), pauseMs: 60 };

/** A piece, and what the input has given (`|` where it pauses) before the next one comes; after the last one, at the end. */
type Piece = readonly [piece: string | Buffer, given: string];

/** What an input gives of pieces, each of which comes once it has given what belongs to the one before. */
async function readPieces(
  pieces: readonly Piece[],
  more: Partial<InputOptions> = {},
): Promise<{ readonly text: string; readonly expected: string }> {
  const stream = new PassThrough();
  let text = '';
  let expected = '';
  const writing = (async () => {
    for (const [index, [piece, given]] of pieces.entries()) {
      stream.write(piece);
      expected += given;
      if (index === pieces.length - 1) break;
      if (given === '') await delay(200);
      while (text !== expected) await delay(5);
    }
    stream.end();
  })();
  const [input] = await openInputs(['-'], stream, { ...options, ...more });
  for await (const slice of input?.slices ?? []) {
    text += slice.pause === true ? '|' : Buffer.from(slice.bytes).toString('utf8');
  }
  await writing;
  return { text, expected };
}

const A = '{"type":"track","messageId":"a"}\n';
const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');

describe('a pipe that pauses', () => {
  it.each<[string, Piece[]]>([
    [
      'NDJSON',
      [
        [A, `${A}|`],
        [A + A, A + A],
      ],
    ],
    [
      'NDJSON with half a line',
      [
        [`${A}{"messageId"`, `${A}|`],
        [`:"b"}\n`, '{"messageId":"b"}\n'],
      ],
    ],
    [
      'a table with half a row',
      [
        ['a,b\n1,2\n3,4\n5,', '1,2\n3,4\n|'],
        ['6\n', '5,6\n'],
      ],
    ],
    [
      'a table with half a cell in quotes',
      [
        ['a,b\n1,2\n3,4\n5,"x\n', '1,2\n3,4\n|'],
        ['y"\n', '5,"x\ny"\n'],
      ],
    ],
    [
      'a table of which the header alone has come',
      [
        ['a,b\n', ''],
        ['1,2\n', ''],
        ['3,4\n', '1,2\n3,4\n|'],
        ['5,6\n', '5,6\n'],
      ],
    ],
    [
      'a JSON list',
      [
        ['[{"a":1},\n', ''],
        ['{"a":2},\n{"a":3}]', '{"a":1},\n{"a":2},\n{"a":3}]'],
      ],
    ],
    [
      'UTF-16',
      [
        [utf16('a,b\n1,2\n3,4\n'), ''],
        [utf16('5,6\n'), '1,2\n3,4\n5,6\n'],
      ],
    ],
    [
      'gzip',
      [
        [gzipSync(A), ''],
        [gzipSync(A), A + A],
      ],
    ],
  ])('gives what has come of it as whole records: %s', async (_, pieces) => {
    const { text, expected } = await readPieces(pieces);
    expect(text.replace(/\|$/, '')).toBe(expected);
  });

  it('keeps the rows of one order together', async () => {
    const pieces: Piece[] = [
      ['order,item\n1,a\n2,a\n', '1,a\n|'],
      ['2,b\n', '|'],
      ['3,a\n', '2,a\n2,b\n3,a\n'],
    ];
    const { text } = await readPieces(pieces, { groupBy: { column: 'order', required: true } });
    expect(text).toMatch(/^1,a\n\|\|2,a\n2,b\n\|?3,a\n$/);
  });
});

describe('the beginning of an input', () => {
  it.each<[boolean, string]>([
    [true, '{"a":1}\n'],
    [true, '\n{"a":1}\n{"b'],
    [true, 'not json\n{"a":1}\n{"b":1}\n'],
    [true, 'a,b\n1,2\n3,4\n'],
    [false, '{"a":1}'],
    [false, '{\n"a":1,\n"b":2,\n'],
    [false, '[\n{"a":1},\n{"a":2},\n'],
    [false, 'a,b\n1,2\n'],
    [false, ''],
  ])('shows (%s) what it is, without the rest of its head: %j', (expected, text) => {
    expect(isTelling(Buffer.from(text))).toBe(expected);
  });
});

describe('what is read with pauses', () => {
  /** Chunks with so many ms before each; `.` for each, and `|` where there is a pause. */
  async function pattern(waits: readonly number[]): Promise<string> {
    async function* chunks(): AsyncGenerator<Buffer> {
      for (const wait of waits) {
        if (wait > 0) await delay(wait);
        yield Buffer.from('x');
      }
    }
    let text = '';
    for await (const chunk of withPauses(chunks(), 100)) text += isPause(chunk) ? '|' : '.';
    return text;
  }

  it.each<[string, number[], RegExp]>([
    ['none before the first chunk', [300, 0], /^\.\.$/],
    ['one for a long time', [0, 500, 0], /^\.\|\.\.$/],
    ['one for many short times', [0, 30, 30, 30, 30, 30, 30, 30], /^\.+\|\.+/],
    ['none for what is ready', Array.from({ length: 500 }, () => 0), /^\.{500}$/],
  ])('has %s', async (_, waits, expected) => {
    expect(await pattern(waits)).toMatch(expected);
  });

  it('throws what its source throws, also where that happened in a pause', async () => {
    async function* chunks(): AsyncGenerator<Buffer> {
      yield Buffer.from('x');
      await delay(150);
      throw new Error('gone');
    }
    const read = async (): Promise<void> => {
      // Whoever reads is busy when it fails.
      for await (const chunk of withPauses(chunks(), 100)) if (isPause(chunk)) await delay(200);
    };
    await expect(read()).rejects.toThrow('gone');
  });
});
