import fc from 'fast-check';
import { expect, it } from 'vitest';
import { templateParts } from '../../src/mapping/template.js';

it('takes a template apart at its braces, in one pass however many of them have no end', () => {
  const part = fc.constantFrom('{', '{{', '}', '}}', '{{{', '}}}', 'a', ' ', '\n', '$.a');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 12 }), (texts) => {
      const template = texts.join('');
      const parts = template
        .split(/\{\{(?:\{(.*?)\}?\}\}|(?!\{)(.*?)\}\})/s)
        .filter((text) => text !== undefined);
      expect(templateParts(template)).toEqual(parts);
    }),
    { numRuns: 2_000 },
  );
  // Where each looks for its end again, these take half an hour.
  expect(templateParts('{{'.repeat(1 << 20))).toHaveLength(1);
});
