import fc from 'fast-check';
import { expect, it } from 'vitest';
import { printable, printableJson, printableLines, shortened } from '../src/printable.js';

it.each([
  ['as it is', 'Zoë Müller → 1,5 €, “x”: 日本 🙂', 'Zoë Müller → 1,5 €, “x”: 日本 🙂'],
  ['a command to the terminal', '\u001b]0;pwned\u0007\u001b[2J', '\\u001b]0;pwned\\u0007\\u001b[2J'],
  ['one of the second set of controls', '\u009b31mred', '\\u009b31mred'],
  ['a carriage return, a tab and a line end', 'a\rb\tc\nd', 'a\\u000db\\u0009c\\nd'],
  ['what turns the direction', 'a\u202egnp.exe\u2066', 'a\\u202egnp.exe\\u2066'],
  ['a line end that is one to a browser', 'a\u2028b', 'a\\u2028b'],
  ['a command to GitHub Actions', '  ::error::x', '  \\u003a:error::x'],
  ['an old one', 'a ##[error]x ###[x', 'a \\u0023#[error]x #\\u0023#[x'],
])('prints %s', (_, text, printed) => {
  expect(printable(text)).toBe(printed);
});

it('leaves nothing in a text that a terminal or GitHub obeys', () => {
  const part = fc.constantFrom('::', ':', '#', '[', ' ', '\n', '\r', '\u001b[', '\u202e', 'a');
  fc.assert(
    fc.property(fc.array(part, { maxLength: 9 }), (parts) => {
      const printed = printable(parts.join(''));
      expect(printed).not.toMatch(/^\s*::|##\[|[\p{Cc}\u202e]/u);
      expect(printableLines(parts.join('')).replaceAll('\n', ' ')).not.toMatch(/##\[|[\p{Cc}\u202e]/u);
    }),
  );
});

it('cuts a name that nobody reads to its end', () => {
  expect(shortened('a'.repeat(100))).toBe('a'.repeat(100));
  expect(shortened('a'.repeat(101))).toBe(`${'a'.repeat(100)}…`);
});

it('JSON says the same with its controls escaped: of the second set a terminal obeys them, too', () => {
  const value = { '\u009b2J': ['\u001b]0;x\u0007', '\u202egnp', '日本 🙂 ::error::', '\n"\\'] };
  expect(printableJson(value)).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(JSON.parse(printableJson(value))).toEqual(value);
});
