import fc from 'fast-check';
import { expect, it } from 'vitest';
import { findList, ListBytes } from '../../src/input/json-list.js';

/** JSON with texts in it that look like its own signs. */
const text = fc.oneof(fc.string(), fc.constantFrom('[', '}]', '\\', '"', '\\"]', '"members": [', 'é🙂'));
const { value } = fc.letrec<{ value: unknown }>((tie) => ({
  value: fc.oneof(
    { maxDepth: 3, withCrossShrink: true },
    text,
    fc.constantFrom(null, true, 1.5),
    fc.array(tie('value'), { maxLength: 3 }),
    fc.dictionary(text, tie('value'), { maxKeys: 3 }),
  ),
}));
const beside = fc.dictionary(fc.constantFrom('name', 'key', 'note', 'count', 'more'), value, { maxKeys: 3 });

async function* piecesOf(bytes: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
}

async function readList(json: string, size: number) {
  const bytes = Buffer.from(json);
  const found = findList(bytes, ['members'], 'f');
  if (found === undefined || found === 'further on') expect.fail('There is no list.');
  const list = new ListBytes('f');
  const chunks: Buffer[] = [];
  for await (const chunk of list.read(piecesOf(bytes.subarray(found.offset), size))) chunks.push(chunk);
  return { before: found.texts, list: Buffer.concat(chunks).toString(), after: () => list.after() };
}

const textsOf = (object: object) =>
  Object.fromEntries(Object.entries(object).filter(([, each]) => typeof each === 'string'));

it('the list in an object is found whole, with the texts that stand before and after it, however it is cut into chunks', async () => {
  await fc.assert(
    fc.asyncProperty(
      beside,
      fc.array(value, { maxLength: 4 }),
      beside,
      fc.integer({ min: 1, max: 40 }),
      fc.constantFrom(undefined, 1),
      async (before, members, after, size, indent) => {
        const own = Object.fromEntries(Object.entries(after).filter(([key]) => !(key in before)));
        const json = JSON.stringify({ ...before, members, ...own }, null, indent);
        const read = await readList(`${json}\n`, size);
        // Not as values: Node 24 reads a name that ends with a quote as one with a backslash, where it has seen that.
        const alone = JSON.stringify({ members }, null, indent);
        expect(read.list).toBe(alone.slice(alone.indexOf('['), alone.lastIndexOf(']') + 1));
        expect(read.before).toEqual(textsOf(before));
        expect(read.after()).toEqual(textsOf(own));
      },
    ),
    { numRuns: 300 },
  );
});

it.each([
  ['the object is not closed', '{"members":[1],"name":"vip"'],
  ['something stands behind the object', '{"members":[1]}{"members":[2]}'],
  ['a bracket too many stands behind it', '{"members":[1]}}'],
  ['what stands behind the list is no JSON', '{"members":[1],name:"vip"}'],
])('where %s, that is no JSON: who is missing may not have left', async (_, json) => {
  for (const size of [1, 7, 100]) {
    const { after } = await readList(json, size);
    expect(after).toThrow(expect.objectContaining({ code: 'AUDIENCE_TRUNCATED' }));
  }
});

it.each([
  ['a list', '[{"members":[1]}]'],
  ['objects, one a line', '{"members":[1]}\n{"members":[2]}\n'],
  ['an object without such a list', '{"people":[1],"inner":{"members":[2]}}'],
  ['an object whose members are no list', '{"members":{"a":[1]}}'],
])('%s is no object with a list', (_, json) => {
  expect(findList(Buffer.from(json), ['members'], 'f')).toBeUndefined();
});

it('of an object that goes on behind what is known of it, the list may be further on, wherever it is cut', () => {
  const before = '{"a":"[{\\"members\\": [\\\\","b":[{"members":[1]}],"members":';
  for (let end = 1; end <= before.length; end += 1) {
    expect(findList(Buffer.from(before.slice(0, end)), ['members'], 'f'), before.slice(0, end)).toBe(
      'further on',
    );
  }
  expect(findList(Buffer.from(`${before} [`), ['members'], 'f')).toMatchObject({
    texts: { a: '[{"members": [\\' },
  });
});

it('a text of megabytes before the list is passed over in no time', () => {
  const text = '"'.repeat(2 << 20);
  const json = JSON.stringify({ note: text, members: [] });
  const start = performance.now();
  expect(findList(Buffer.from(json), ['members'], 'f')).toMatchObject({ offset: json.length - 3 });
  expect(findList(Buffer.from(json.slice(0, -20)), ['members'], 'f')).toBe('further on');
  expect(performance.now() - start).toBeLessThan(5_000);
});
