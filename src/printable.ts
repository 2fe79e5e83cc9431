/** What a terminal takes for a command or hides, and what ends a line: controls of both sets, marks of direction. */
const UNPRINTABLE = /[\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
/** What GitHub Actions takes for a command: at the beginning of a line, or anywhere in it. */
const COMMAND = /^(\s*):(?=:)|#(?=#\[)/g;

/**
 * A text on one line, as it may go to a terminal or a log: names come from files, and `\u001b[2J` in one would clear the
 * screen, a line end in one begin a line that says something else.
 */
export function printable(text: string): string {
  return text
    .replaceAll(UNPRINTABLE, escaped)
    .replaceAll(
      COMMAND,
      (command, blanks: string | undefined) => `${blanks ?? ''}${escaped(command.slice(-1))}`,
    );
}

/** {@link printable} for each line of a text of several. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}

/** A value as JSON on one line, which is the same to a program, and has nothing in it that a terminal obeys. */
export function printableJson(value: unknown): string {
  // Of the controls JSON itself escapes the first set alone.
  return JSON.stringify(value).replaceAll(UNPRINTABLE, escaped);
}

function escaped(char: string): string {
  return char === '\n' ? '\\n' : `\\u${(char.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`;
}

/** A name is printed up to this many characters. */
const LONGEST_NAME = 100;

/** A name for a message, which nobody reads to the end of a megabyte. */
export function shortened(name: string): string {
  return name.length <= LONGEST_NAME ? name : `${name.slice(0, LONGEST_NAME)}…`;
}
