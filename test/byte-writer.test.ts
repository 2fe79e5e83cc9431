import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ByteWriter, plainCodes, utf8Piece } from '../src/byte-writer.js';

const written = (write: (writer: ByteWriter) => void): string => {
  const writer = new ByteWriter(Buffer.alloc(2));
  write(writer);
  return writer.bytes.toString('utf8', 0, writer.end);
};

describe('bytes written one after the other', () => {
  it('are the UTF-8 of the texts, however much room there was', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ unit: 'grapheme' })), (texts) => {
        expect(written((writer) => texts.forEach((text) => void writer.utf8(text)))).toBe(texts.join(''));
        expect(written((writer) => texts.forEach((text) => void writer.piece(utf8Piece(text))))).toBe(
          texts.join(''),
        );
      }),
    );
  });

  it('have numbers as JavaScript writes them', () => {
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

  it('have a text only if all of it is plain', () => {
    const plain = plainCodes('"');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        const isPlain = /^[ -!#-~]*$/.test(text);
        const bytes = written((writer) => {
          writer.utf8('x');
          expect(writer.plain(text, plain)).toBe(isPlain);
        });
        expect(bytes).toBe(isPlain ? `x${text}` : 'x');
      }),
    );
  });
});
