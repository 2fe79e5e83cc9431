import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { JsonWriter, utf8Piece } from '../../src/payload/json-writer.js';

const written = (write: (writer: JsonWriter) => void): string => {
  const writer = new JsonWriter(Buffer.alloc(2));
  write(writer);
  return writer.toString();
};

describe('JSON written piece by piece', () => {
  it('has texts as JSON.stringify has them, and pieces as they are, however much room there was', () => {
    const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), fc.string());
    fc.assert(
      fc.property(fc.array(text), (texts) => {
        const all = texts.map((each) => JSON.stringify(each)).join('');
        expect(written((writer) => texts.forEach((each) => void writer.text(each)))).toBe(all);
        expect(written((writer) => writer.piece(utf8Piece(all)))).toBe(all);
      }),
    );
  });

  it('has numbers as JavaScript writes them', () => {
    const hundredths = fc.integer({ min: -(2 ** 33), max: 2 ** 33 }).map((cents) => cents / 100);
    fc.assert(
      fc.property(
        fc.oneof(fc.double(), fc.integer(), fc.maxSafeInteger(), hundredths, fc.constantFrom(-0, 1e9, 1e21)),
        (number) => {
          expect(written((writer) => writer.number(number))).toBe(`${number}`);
        },
      ),
      { numRuns: 5_000 },
    );
  });
});
