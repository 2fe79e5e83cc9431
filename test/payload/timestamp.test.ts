import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createTimestampReader } from '../../src/payload/timestamp.js';

const read = createTimestampReader('UTC');
const [FROM, UNTIL] = [Date.UTC(100, 0, 1), Date.UTC(9999, 11, 31, 23, 59, 59, 999)];
const time = fc.integer({ min: FROM, max: UNTIL });
const two = (number: number): string => String(number).padStart(2, '0');

describe('a time in ISO 8601', () => {
  it('is the one that it says, with milliseconds and without', () => {
    fc.assert(
      fc.property(time, (ms) => {
        const second = ms - (((ms % 1000) + 1000) % 1000);
        expect(read(new Date(ms).toISOString())?.ms).toBe(ms);
        expect(read(new Date(second).toISOString().replace('.000', ''))?.ms).toBe(second);
      }),
    );
  });

  it('is the same with a blank for the T, or cannot be read either way', () => {
    const part = (max: number) => fc.integer({ min: 0, max }).map(two);
    const text = fc
      .tuple(fc.integer({ min: 0, max: 9999 }), part(14), part(33), part(26), part(62), part(62), part(999))
      .chain(([year, month, day, hour, minute, second, ms]) =>
        fc.constantFrom('Z', `.${ms.padStart(3, '0')}Z`).map((end) => {
          return `${String(year).padStart(4, '0')}-${month}-${day}T${hour}:${minute}:${second}${end}`;
        }),
      );
    const slip = fc.option(
      fc.tuple(
        fc.integer({ min: 0, max: 24 }).filter((at) => at !== 10),
        fc.constantFrom(...'-:.,Z/90+x'),
      ),
      { nil: undefined, freq: 3 },
    );
    fc.assert(
      fc.property(text, slip, (written, change) => {
        const usual =
          change === undefined
            ? written
            : `${written.slice(0, change[0])}${change[1]}${written.slice(change[0] + 1)}`;
        expect(read(usual)).toEqual(read(usual.replace('T', ' ')));
      }),
      { numRuns: 5_000 },
    );
  });

  it.each([
    '2026-00-10T10:00:00Z',
    '2026-13-10T10:00:00Z',
    '2026-11-00T10:00:00Z',
    '2026-11-31T10:00:00Z',
    '2026-11-10T24:00:00Z',
    '2026-11-10T10:60:00Z',
    '2026-11-10T10:00:60Z',
    '0000-11-10T10:00:00Z',
    '2026-11-10T10:00:00+15:00',
    '2026-11-10T10:00:00+01:60',
    '2026-11-10 10:00:00x',
  ])('%s is none', (text) => {
    expect(read(text)).toBeUndefined();
  });

  it.each([
    ['+14:00', -14 * 60],
    ['-0930', 9 * 60 + 30],
    ['+02', -120],
    ['gmt', 0],
  ])('has the zone %s', (zone, minutes) => {
    const noon = Date.UTC(2026, 10, 10, 12);
    expect(read(`2026-11-10T12:00:00${zone}`)).toEqual({
      ms: noon + minutes * 60_000,
      zoned: true,
      atMidnight: false,
    });
  });
});

describe('a number', () => {
  it.each([
    ['99999999', undefined],
    ['100000000', 100_000_000_000],
    ['9999999999', 9_999_999_999_000],
    ['10000000000', undefined],
    ['999999999999', undefined],
    ['1000000000000', 1_000_000_000_000],
    ['9999999999999', 9_999_999_999_999],
    ['10000000000000', undefined],
    [1_794_300_000.25, 1_794_300_000_250],
  ])('%s is Unix seconds or milliseconds by how many digits it has', (number, ms) => {
    expect(read(number)?.ms).toBe(ms);
  });
});

describe('a date as people write it', () => {
  const months = [
    'January',
    'Feb',
    'March',
    'Apr.',
    'May',
    'June',
    'Jul',
    'August',
    'Sept.',
    'Oct',
    'Nov',
    'Dec',
  ];

  it('is the one that it says, in each form, on a clock of 12 hours or of 24', () => {
    const [dmy, mdy] = [createTimestampReader('UTC', 'dmy'), createTimestampReader('UTC', 'mdy')];
    fc.assert(
      fc.property(time, fc.boolean(), (any, twelve) => {
        const ms = Math.floor(any / 1000) * 1000;
        const date = new Date(ms);
        const [day, month] = [date.getUTCDate(), date.getUTCMonth() + 1];
        const year = String(date.getUTCFullYear()).padStart(4, '0');
        const hour = date.getUTCHours();
        const rest = `${two(date.getUTCMinutes())}:${two(date.getUTCSeconds())}`;
        const clock = twelve ? `${hour % 12 || 12}:${rest} ${hour < 12 ? 'AM' : 'p.m.'}` : `${hour}:${rest}`;
        const name = months[month - 1];
        const expected = { ms, zoned: false, atMidnight: ms % 86_400_000 === 0 };
        expect(read(`${name} ${day}, ${year}, ${clock}`)).toEqual(expected);
        expect(read(`${day} ${name} ${year} at ${clock}`)).toEqual(expected);
        expect(dmy(`${day}/${month}/${year} ${clock}`)).toEqual(expected);
        expect(mdy(`${two(month)}-${two(day)}-${year} ${clock}`)).toEqual(expected);
      }),
    );
  });

  it.each([
    '1/2/2026',
    'Nov 10, 2026, 0:30 AM',
    'Nov 10, 2026, 13:30 PM',
    'Nov 31, 2026',
    'Foo 10, 2026',
    '10 Foo 2026',
    'Nov 10, 2026, 24:00',
  ])('%s is none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});

describe('a time as exports write it, which can be read in one way only', () => {
  const noon = Date.UTC(2026, 10, 1, 10);
  it.each([
    ['2026/11/01 10:00:00', noon, false],
    ['2026/11/1 10:00', noon, false],
    ['2026-11-1 9:05:00', noon - 55 * 60_000, false],
    ['1-Nov-2026 10:00', noon, false],
    ['01-NOV-2026', noon - 36e6, false],
    ['Sunday, November 1, 2026 10:00 AM', noon, false],
    ['Sun, 01 Nov 2026 10:00:00 +0000', noon, true],
    ['Sun, 01 Nov 2026 12:00:00 +0200', noon, true],
    ['Sun, 01 Nov 2026 10:00:00 GMT', noon, true],
    ['Sun Nov 01 2026 11:00:00 GMT+0100 (Central European Standard Time)', noon, true],
    ['1793527200.5', noon + 500, true],
    ['1.7935272005E9', noon + 500, true],
    ['1793527200000.0', noon, true],
    ['1793527200000.25', noon, true],
    ['1.7935272005E12', noon + 500, true],
    ['20261101', noon - 36e6, false],
    ['20261101T100000Z', noon, true],
    ['20261101t1000z', noon, true],
    ['20261101T110000.5+0100', noon + 500, true],
    ['20261101T100000', noon, false],
    ['20261101 10:00:00 UTC', noon, true],
    ['20261101T10:00:00Z', noon, true],
  ])('%s', (text, ms, zoned) => {
    expect(read(text)).toMatchObject({ ms, zoned });
  });

  it.each([
    '1.79353E+09',
    '1.79353E+12',
    '2026/11-01',
    '01-Nov-26',
    'Nov 1, 2026 +0200',
    'Sun, 01 Nov 2026 10:00:00 +9900',
    '2026-11-01 10:00:00 PM',
    '11/1/26 10:00',
    '1793527200123456',
    '179352720000.0',
    '20261301',
    '20260230',
    '12341101',
    '20261101T1Z',
    '20261101T10000Z',
    '20261101T2500Z',
    '2026-11-01T100000Z',
    '202611',
    '46327.4166666667',
    '10.11.2026',
  ])('%s is none', (text) => {
    expect(read(text)).toBeUndefined();
  });
});
