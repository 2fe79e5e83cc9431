import { describe, expect, it } from 'vitest';
import { createRedactor } from '../../src/delivery/redact.js';

const SECRET = 'a"b\\c&d??>>~~/+=$^.*(1)';
const redact = createRedactor([SECRET, 'short']);

describe('what takes secrets out of a text', () => {
  it.each<[as: string, spelt: string]>([
    ['itself', SECRET],
    ['JSON', JSON.stringify(SECRET).slice(1, -1)],
    ['JSON by PHP', JSON.stringify(SECRET).slice(1, -1).replaceAll('/', '\\/')],
    [
      'JSON in ASCII escapes',
      SECRET.replaceAll(/\W/g, (c) => `\\u00${c.charCodeAt(0).toString(16).toUpperCase()}`),
    ],
    ['HTML', SECRET.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('>', '&gt;')],
    ['HTML in numbers', SECRET.replaceAll(/\W/g, (c) => `&#${c.charCodeAt(0)};`)],
    ['HTML in hexadecimal numbers', SECRET.replaceAll(/\W/g, (c) => `&#x${c.charCodeAt(0).toString(16)};`)],
    ['a URL', encodeURIComponent(SECRET)],
  ])('finds one that is spelt as %s', (_, spelt) => {
    expect(redact(`sent ${spelt} and ${spelt}.`)).toBe('sent … and ….');
  });

  it('leaves other text as it is, and what is too short to be told from it', () => {
    const text = 'short: aXb\\c&d??>>~~/+=$^.*(1)';
    expect(redact(text)).toBe(text);
  });
});
