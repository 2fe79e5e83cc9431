import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { InputRecord } from '../../src/input/input-record.js';
import { LineEvent } from '../../src/input/line-event.js';
import { createSliceReader } from '../../src/input/reader.js';
import { wholeEvent } from '../../src/input/whole-event.js';
import { createGetter, type Getter } from '../../src/mapping/path.js';

/** With it every line is parsed as a whole: some of its keys may have to be moved. */
const MOVED = new Map([['no such key', ['properties.other']]]);
const options = { columns: new Map<string, readonly string[]>() };
const PLACES = [
  ['type'],
  ['event'],
  ['messageId'],
  ['userId'],
  ['timestamp'],
  ['properties'],
  ['properties', 'a'],
  ['properties', 'é'],
  ['properties', 'a', 'b'],
  ['properties', 'a', '0'],
  ['properties', 'a', 'length'],
  ['context', 'page', 'search'],
  ['context', 'page'],
  ['traits', '__proto__'],
  ['traits', 'toString'],
  ['traits', 'a'],
  ['nowhere', 'at all'],
  ['properties', '\ud800'],
];

/** JSON as no program would write it, but some person might. */
const name = fc.constantFrom('a', 'b', 'é', 'page', 'search', '0', '__proto__', 'toString', '');
const text = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom(
    '',
    ' ',
    '\\',
    '"',
    '\u0007',
    '\u007f',
    '\u2028',
    '\0',
    '\ufeff',
    '?rtid=1',
    '💥',
    '\ud800',
  ),
);
const numeral = fc.constantFrom(
  ...['0', '-0', '1.50', '1e21', '-12E-3', '2e+9', '-7', '1E400', '-1e-400', '5e-324', '0.30000000000000004'],
);
/** No JSON. */
const broken = fc.constantFrom(
  '007',
  '1.',
  '.5',
  '-',
  '+1',
  '1e',
  '1e+',
  'nul',
  'truex',
  '"\\x"',
  '[1,]',
  '{,}',
  '',
);
const long = fc.constantFrom(
  '9007199254740993',
  '-12345678901234567890',
  '123456789012345',
  '1234567890123456.5',
  '1234567890123456E-2',
  '9007199254740991',
);
const space = fc.constantFrom('', '', '', ' ', '  ', '\t');
const quoted = fc
  .tuple(text, fc.constantFrom('plain', 'plain', 'plain', 'escaped', 'slashes'))
  .map(([value, how]) =>
    how === 'escaped'
      ? `"${Array.from({ length: value.length }, (_, at) => `\\u${value.charCodeAt(at).toString(16).padStart(4, '0')}`).join('')}"`
      : how === 'slashes'
        ? JSON.stringify(value).replaceAll('/', '\\/')
        : JSON.stringify(value),
  );
const scalar = fc.oneof(
  { weight: 20, arbitrary: quoted },
  { weight: 10, arbitrary: fc.double({ noNaN: true, noDefaultInfinity: true }).map(String) },
  { weight: 10, arbitrary: numeral },
  { weight: 1, arbitrary: long },
  { weight: 10, arbitrary: fc.constantFrom('true', 'false', 'null') },
  { weight: 1, arbitrary: broken },
);
const { value } = fc.letrec<{ value: string }>((tie) => ({
  value: fc.oneof({ maxDepth: 4 }, scalar, listOf(tie('value')), objectOf(tie('value'), name)),
}));
const type = fc.constantFrom('"track"', '"identify"', '" track "', '"order"', '""', '5');
const id = fc.oneof(fc.constantFrom('"m-1"', '"é"', '" "', '""', '7', 'null'), quoted);
const member = fc.oneof(
  fc.tuple(fc.constant('type'), type),
  fc.tuple(fc.constantFrom('messageId', 'userId', 'user_id', 'event'), id),
  fc.tuple(fc.constantFrom('properties', 'context', 'traits'), objectOf(value, name)),
  fc.tuple(fc.constantFrom('properties', 'context', 'timestamp', 'record', 'file', 'other'), value),
);
const usual = ['"type":"track"', '"event":"Order Completed"', '"messageId":"m-1"', '"properties":{"a":1}'];
const line = fc
  .record({
    known: fc.oneof(
      { weight: 3, arbitrary: fc.constant(usual) },
      { weight: 1, arbitrary: fc.subarray(usual) },
    ),
    members: fc.array(fc.tuple(space, member, space), { maxLength: 3 }),
    repeats: fc.integer({ min: 0, max: 9 }).map((n) => n === 0),
    damage: fc.option(fc.tuple(fc.nat(), fc.constantFrom('', '"', '}', ',', '\\', '\u0001', '1'))),
    end: fc.constantFrom('', '', '\r', ' '),
  })
  .map(({ known, members, repeats, damage, end }) => {
    const more = members.map(([before, [key, inner], after]) => `${before}"${key}":${after}${inner}`);
    const keyOf = (each: string): string => each.trim().split(':', 1)[0] ?? '';
    const all = [...more, ...known].filter(
      (each, at, others) => repeats || others.findIndex((other) => keyOf(other) === keyOf(each)) === at,
    );
    const whole = `{${all.join(',')}}${end}`;
    if (damage === null || !repeats) return whole;
    const at = damage[0] % whole.length;
    return whole.slice(0, at) + damage[1] + whole.slice(at + 1);
  })
  .filter((each) => !each.includes('\n') && each.trim() !== '');

function listOf(entry: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(entry, { maxLength: 3 }), space)
    .map(([entries, blank]) => `[${blank}${entries.join(`${blank},`)}]`);
}

function objectOf(inner: fc.Arbitrary<string>, key: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(fc.array(fc.tuple(key, space, inner), { maxLength: 4 }), space)
    .map(
      ([entries, blank]) =>
        `{${blank}${entries.map(([own, after, one]) => `${JSON.stringify(own)}${blank}:${after}${one}${blank}`).join(',')}}`,
    );
}

/** What the record that a text is comes to, with what stands at the places. */
function readingOf(record: InputRecord | undefined, getters: readonly Getter[]) {
  if (record?.content.kind !== 'event') return { problem: record?.content.problem.code };
  const { event } = record.content;
  const source = record.source.kind === 'object' ? record.source.value : undefined;
  return {
    places: getters.map((get) => get(event)),
    messageId: event.messageId,
    whole: JSON.stringify(wholeEvent(event)),
    source: JSON.stringify(source),
  };
}

/** What lines come to, read as they are and parsed as a whole; each twice: the second time all places are known. */
function both(lines: readonly string[]) {
  const bytes = Buffer.from(lines.join('\n'));
  const getters = PLACES.map((place) => createGetter(place));
  const read = createSliceReader({ format: 'ndjson' }, options);
  const parse = createSliceReader({ format: 'ndjson' }, { ...options, columns: MOVED });
  const parsed = [...parse({ bytes, line: 1 })];
  const pass = () =>
    [...read({ bytes, line: 1 })].map((record, index) => ({
      line: { at: record.line, ...readingOf(record, getters) },
      parsed: { at: parsed[index]?.line, ...readingOf(parsed[index], getters) },
      isScanned: record.content.kind === 'event' && record.content.event instanceof LineEvent,
    }));
  const first = pass();
  return [...first, ...pass()];
}

describe('a line of NDJSON', () => {
  const withA = (a: string) =>
    `{"type":"track","event":"e","messageId":"m","properties":{"a":${a},"z":${a}}}`;

  it.each([
    '{"type":"track","event":"e","messageId":"m","properties":{"a":1},"properties":{}}',
    '{"type":"track","event":"e","messageId":"m","properties":{"a":{"b":1},"a":{}}}',
    '{"type":"track","event":"e","messageId":"m","properties":{},"properties":null}',
    '{"type":"track","event":"e","messageId":"m","record":{},"file":"f","line":1,"reason":"r","code":"c","context":{}}',
    '{"type":"track","event":"e","messageId":"m","properties":[]}',
    '{"type":"track","event":"e","messageId":"m","properties":{"\ufffd":1}}',
    '{"type":" track","event":"e","messageId":"m","properties":{}}',
    '{"type":"track","event":" ","messageId":"m","properties":{}}',
    '{"type":"track","event":7,"messageId":"m","userId":7,"properties":{}}',
    '{"type":"identify","messageId":" ","userId":" ","traits":{}}',
    '{"type":"track","event":"e","messageId":"m","properties":{"a":1}} ',
    '{"type":"track","event":"e","messageId":"m","properties":{"a":1}}}',
    '{"type":"track","event":"e","messageId":"m","properties":{"a":1}',
    '{"type":"track","event":"e","messageId":"m","properties":{"a',
    '{"type":"track","event":"e","messageId":"m","properties":{"a\u0001":1}}',
    ' {"type":"track","event":"e","messageId":"m","properties":{"a":1}}',
    '\ufeff{"type":"track","event":"e","messageId":"m","properties":{"a":1}}',
    ...[
      '1.',
      '1e',
      '1e+',
      '01',
      '-',
      '-01',
      '+1',
      '.5',
      '0',
      '-0',
      '1.0',
      '1E-2',
      '12345678901234567890',
    ].map(withA),
    ...[
      'nul',
      'nulls',
      'true',
      '',
      '"',
      '"\\"',
      '"\\x"',
      '"\\u12"',
      '"\\u0041"',
      '"\t"',
      '"é\\n"',
      '[1,]',
    ].map(withA),
    withA(`${'['.repeat(60)}${']'.repeat(60)}`),
    withA(`${'['.repeat(250)}${']'.repeat(250)}`),
  ])('is what it is where it is parsed as a whole: %s', (text) => {
    for (const { line, parsed } of both([text])) expect(line).toEqual(parsed);
  });

  it('is that however it is written', () => {
    let scanned = 0;
    let all = 0;
    fc.assert(
      fc.property(fc.array(line, { minLength: 1, maxLength: 4 }), (lines) => {
        const records = both(lines);
        all += records.length;
        scanned += records.filter(({ isScanned }) => isScanned).length;
        for (const { line, parsed } of records) expect(line).toEqual(parsed);
      }),
      { numRuns: 2000 },
    );
    // Neither way is hardly ever gone.
    expect(scanned).toBeGreaterThan(all / 10);
    expect(scanned).toBeLessThan((all * 9) / 10);
  });
});
