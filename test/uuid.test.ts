import fc from 'fast-check';
import { expect, it } from 'vitest';
import { createUuidV5, putUuid, UUID_LENGTH, uuidOf } from '../src/uuid.js';

const DNS = '6ba7b8109dad11d180b400c04fd430c8';

it('makes the UUIDv5 of RFC 9562', () => {
  const uuid = createUuidV5(DNS);
  expect(uuid('www.example.com')).toBe('2ed6657d-e927-568b-95e1-2665a8aea6a2');
  expect(uuid('x'.repeat(5000))).toBe('cfc11b34-06f5-5404-bc50-2a211317a864');
});

it('writes a UUID as bytes just as it gives it as a text', () => {
  const digits = fc.string({ unit: fc.constantFrom(...'0123456789abcdef'), minLength: 40, maxLength: 40 });
  fc.assert(
    fc.property(digits, (digest) => {
      const bytes = Buffer.alloc(UUID_LENGTH);
      putUuid(bytes, 0, digest);
      expect(bytes.toString()).toBe(uuidOf(digest));
    }),
  );
});
