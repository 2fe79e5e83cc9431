import { describe, expect, it } from 'vitest';
import { isZstd, ZstdFrames } from '../../src/input/zstd-frames.js';

/** As `zstd` writes them. */
const FRAMES = {
  'a row with a checksum': '28b52ffd2404210000312c320abf931360',
  'a row without one': '28b52ffd2004210000312c320a',
  'a row of a pipe, whose size was not known': '28b52ffd0458210000312c320abf931360',
  'many rows': '28b52ffd04585d000020312c320a010089ab8e086c2847d5',
  'several blocks': '28b52ffd04585400001000000100fbff39c002036a0800c4e97470',
  'one byte, repeated': '28b52ffd200a53000061',
  'something for another program': '502a4d1803000000616263',
  'nothing for another program': '5f2a4d1800000000',
};
const bytesOf = (hex: string): Buffer => Buffer.from(hex, 'hex');
const ALL = Buffer.concat(Object.values(FRAMES).map(bytesOf));

/** Where frames end in the data, of which so many bytes come at once. */
function endsIn(data: Buffer, size: number): number[] {
  const frames = new ZstdFrames();
  const ends: number[] = [];
  for (let start = 0; start < data.length; start += size) {
    const chunk = data.subarray(start, start + size);
    for (let at = 0; at < chunk.length; ) {
      at = frames.endOf(chunk, at);
      if (frames.isBetween) ends.push(start + at);
    }
  }
  return ends;
}

describe('a frame of zstd', () => {
  it.each(Object.entries(FRAMES))('with %s ends where it does, and nowhere before', (_, hex) => {
    const frame = bytesOf(hex);
    expect(isZstd(frame)).toBe(true);
    expect(endsIn(Buffer.concat([frame, frame]), 1_000)).toEqual([frame.length, 2 * frame.length]);
    for (let length = 1; length < frame.length; length += 1) {
      expect(endsIn(frame.subarray(0, length), 1_000)).toEqual([]);
    }
  });

  it('ends there however the bytes arrive', () => {
    const ends = endsIn(ALL, ALL.length);
    expect(ends).toHaveLength(Object.keys(FRAMES).length);
    for (let size = 1; size < ALL.length; size += 1) expect(endsIn(ALL, size)).toEqual(ends);
  });

  it('is not what stands behind another one and is no zstd', () => {
    expect(() => endsIn(Buffer.concat([ALL, Buffer.from('text')]), 7)).toThrow();
  });
});
