import { Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { openInputs } from '../../src/input/open.js';
import { eventsOf, problemsOf, readAll } from '../helpers/read.js';

const events = (text: string | Buffer, chunkBytes?: number) =>
  readAll(text, chunkBytes === undefined ? {} : { chunkBytes });

describe('NDJSON', () => {
  it('is one event a line; a line that is none costs only itself', async () => {
    const records = await events('{"messageId":"a"}\n\nnot json\n[1]\n{"messageId":"b"}');
    expect(problemsOf(records)).toEqual([
      [3, 'NDJSON_INVALID'],
      [4, 'RECORD_NOT_AN_OBJECT'],
    ]);
    expect(eventsOf(records).map(({ messageId }) => messageId)).toEqual(['a', 'b']);
    expect(records.map(({ line }) => line)).toEqual([1, 3, 4, 5]);
  });

  it('keeps every digit of ids beyond 2^53', async () => {
    const text =
      '{"messageId":12345678901234567890,"userId":9007199254740993,"properties":{"revenue":12.5}}\n';
    expect(eventsOf(await events(text))[0]).toMatchObject({
      messageId: '12345678901234567890',
      userId: '9007199254740993',
      properties: { revenue: 12.5 },
    });
  });

  it('is recognised by any of its lines, so that a broken first line costs only itself', async () => {
    const records = await events('{"messageId":"a\n{"messageId":"b"}\n{"messageId":"c"}\n');
    expect(problemsOf(records)).toEqual([[1, 'NDJSON_INVALID']]);
    expect(eventsOf(records).map(({ messageId }) => messageId)).toEqual(['b', 'c']);
  });

  it.each([
    ['the end of a line', 'rder","messageId":"a"}', 'NDJSON_INVALID'],
    ['no JSON, as a note of the program that wrote it', '# exported today', 'NDJSON_INVALID'],
    ['a text', '"note, and more"', 'RECORD_NOT_AN_OBJECT'],
    ['a list', '[{"messageId":"a"}]', 'RECORD_NOT_AN_OBJECT'],
  ])(
    'is recognised by its objects, so that a first line which is %s costs only itself',
    async (_, first, code) => {
      const records = await events(`${first}\n{"messageId":"b"}\n{"messageId":"c\n{"messageId":"d"}\n`);
      expect(problemsOf(records)).toEqual([
        [1, code],
        [3, 'NDJSON_INVALID'],
      ]);
      expect(eventsOf(records).map(({ messageId }) => messageId)).toEqual(['b', 'd']);
    },
  );

  it.each(['\u00a0', '\ufeff', '\f'])(
    'may have blank lines (%j), whatever bytes stand elsewhere in the file',
    async (blank) => {
      const lines = `{"messageId":"a"}\n${blank}\n{"messageId":"b"}\n`;
      expect(problemsOf(await events(lines))).toEqual([]);
      const records = await events(Buffer.concat([Buffer.from(lines), Buffer.from([0xff, 0x0a])]));
      expect(problemsOf(records)).toEqual([[4, 'INPUT_NOT_UTF8']]);
    },
  );

  it('is no order where it is a track call without a name, unless --event gives it one', async () => {
    const lines = [
      { type: 'track', messageId: 'absent', properties: {} },
      { type: 'track', messageId: 'blank', event: ' ', properties: {} },
      { type: 'track', messageId: 'null', event: null, properties: {} },
      { type: 'page', messageId: 'page', properties: {} },
      { messageId: 'says nothing', properties: {} },
      { type: 'track', order_id: 'a row' },
    ].map((line) => JSON.stringify(line));
    const text = lines.join('\n');
    const named = async (event?: string): Promise<unknown[]> =>
      eventsOf(await readAll(text, event === undefined ? {} : { event })).map((each) => each.event);
    const order = 'Order Completed';
    expect(await named()).toEqual([undefined, ' ', null, undefined, order, order]);
    expect(await named('Sale')).toEqual(['Sale', 'Sale', 'Sale', undefined, 'Sale', 'Sale']);
  });

  it('may have a key twice in an object, with long numbers or without', async () => {
    for (const id of ['1', '12345678901234567890']) {
      const [event] = eventsOf(await events(`{"messageId":"a","properties":{"x":1,"x":2,"id":${id}}}\n`));
      expect(event?.properties).toMatchObject({ x: 2 });
    }
  });

  it('loses only the record that is nested so deep that no one can walk it', async () => {
    const deep = `{"a":${'['.repeat(50_000)}${']'.repeat(50_000)}}`;
    const brackets = JSON.stringify({ messageId: 'b', properties: { text: '[{'.repeat(500) } });
    const records = await events(`${deep}\n${brackets}\n`);
    expect(problemsOf(records)).toEqual([[1, 'RECORD_TOO_DEEP']]);
    expect(eventsOf(records).map(({ messageId }) => messageId)).toEqual(['b']);
  });

  it('passes over a line of over 8 MB without holding it', async () => {
    const text = `{"messageId":"a"}\n{"messageId":"${'x'.repeat(9 << 20)}"}\n{"messageId":"c"}\n`;
    const records = await events(text, 1 << 16);
    expect(problemsOf(records)).toEqual([[2, 'RECORD_TOO_LARGE']]);
    expect(records.map(({ line }) => line)).toEqual([1, 2, 3]);
  });
});

describe('JSON', () => {
  it('is a list of events, or one event over several lines', async () => {
    expect(
      eventsOf(await events('[\n {"messageId":"a"},\n {"messageId":"b"}\n]\n')).map((e) => e.messageId),
    ).toEqual(['a', 'b']);
    expect(
      eventsOf(await events('{\n "messageId": "a",\n "type": "track"\n}')).map((e) => e.messageId),
    ).toEqual(['a']);
  });

  it('that ends early costs what is missing, and says so', async () => {
    expect(problemsOf(await events('[\n{"messageId":"a"},\n{"messageId":'))).toEqual([[3, 'JSON_INVALID']]);
    expect(problemsOf(await events('[\n{"messageId":"a"}\n'))).toEqual([[3, 'JSON_TRUNCATED']]);
  });

  it.each([
    ['an object', JSON.stringify({ messageId: 'x'.repeat(9 << 20) })],
    ['an object with others in it', `{"a":[{"b":"\\"}]"},${'{"c":"]"},'.repeat(1_000_000)}1]}`],
    ['a text', JSON.stringify(`[{"${'x'.repeat(9 << 20)}`)],
    ['no JSON', 'oops '.repeat(2 << 20)],
  ])('passes over an element of over 8 MB without holding it: %s', async (_, long) => {
    for (const chunkBytes of [1 << 16, 999_983]) {
      const records = await events(`[\n{"messageId":"a"},\n${long},\n{"messageId":"c"}]`, chunkBytes);
      expect(problemsOf(records)).toEqual([[3, 'RECORD_TOO_LARGE']]);
      expect(eventsOf(records).map(({ messageId }) => messageId)).toEqual(['a', 'c']);
      expect(records.map(({ line }) => line)).toEqual([2, 3, 4]);
      const source = { text: expect.stringContaining(long.slice(0, 1_000)) };
      expect(records[1]?.source).toMatchObject(source);
    }
  });

  it('in which an element of over 8 MB has no end ends early', async () => {
    const records = await events(`[\n{"messageId":"a"},\n{"messageId":"${'x'.repeat(9 << 20)}`, 1 << 16);
    expect(problemsOf(records).map(([, code]) => code)).toEqual(['RECORD_TOO_LARGE', 'JSON_TRUNCATED']);
  });

  it('with something else among the events costs only that', async () => {
    const records = await events('[{"messageId":"a"}, oops, 7, {"messageId":"b"}]');
    expect(problemsOf(records).map(([, code]) => code)).toEqual(['JSON_INVALID', 'RECORD_NOT_AN_OBJECT']);
    expect(eventsOf(records)).toHaveLength(2);
  });

  it('gives the same records and lines however it is cut into chunks', async () => {
    const object = fc
      .dictionary(fc.string(), fc.jsonValue({ maxDepth: 2 }), { maxKeys: 4 })
      .filter((value) => !/\d{16}/.test(JSON.stringify(value)));
    await fc.assert(
      fc.asyncProperty(
        fc.array(object, { maxLength: 8 }),
        fc.integer({ min: 1, max: 50 }),
        async (list, chunkBytes) => {
          const text = JSON.stringify(list, null, 1);
          const records = await readAll(text, { chunkBytes, format: 'json' });
          expect(records.map(({ source }) => source.kind === 'object' && source.value)).toEqual(
            JSON.parse(text),
          );
        },
      ),
      { numRuns: 150 },
    );
  });

  it('has the same records and lines however it is cut, damaged or not', async () => {
    const whole = ['{"a":1}', '{"b":"]}\\\\"}', '{"a":{"b":[1,{"c":2}]}}', '{"\\u0061":"\\ud800"}'];
    const ugly = [
      '{',
      '}',
      '[',
      ']',
      '"',
      '\\',
      '\\"',
      ',',
      ' ',
      '\n',
      '\r\n',
      ':',
      '1',
      'null',
      'é',
      '\ufeff',
    ];
    const part = fc.constantFrom(...whole, ...whole, ...ugly);
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom('', '[', '[\n{"a":1},'),
        fc.array(part, { maxLength: 30, size: 'max' }),
        fc.integer({ min: 1, max: 40 }),
        async (start, parts, chunkBytes) => {
          const text = start + parts.join('');
          expect(await readAll(text, { chunkBytes, format: 'json' })).toEqual(
            await readAll(text, { format: 'json' }),
          );
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe('a compressed file', () => {
  it('is recognised by its content, also when it has several gzip members', async () => {
    const bytes = Buffer.concat([gzipSync('{"messageId":"a"}\n'), gzipSync('{"messageId":"b"}\n')]);
    expect(eventsOf(await events(bytes, 7)).map((e) => e.messageId)).toEqual(['a', 'b']);
  });

  it('that is cut short is an error', async () => {
    const bytes = gzipSync('{"messageId":"a"}\n'.repeat(1000)).subarray(0, 60);
    await expect(events(bytes)).rejects.toMatchObject({ code: 'INPUT_COMPRESSION' });
  });

  it('in zstd is read where Node can, and else is an error that says what to do', async () => {
    const zstd = Buffer.from('28b52ffd041891000' + '07b226d6573736167654964223a2261227d0a', 'hex');
    if ('createZstdDecompress' in (await import('node:zlib'))) return;
    await expect(events(zstd)).rejects.toMatchObject({
      code: 'INPUT_ZSTD_UNSUPPORTED',
      hint: expect.stringContaining('22.15'),
    });
  });
});

it('standard input can be named only once', async () => {
  const options = { columns: new Map() };
  await expect(openInputs(['-', '-'], Readable.from([]), options)).rejects.toMatchObject({
    code: 'INPUT_STDIN_TWICE',
  });
});
