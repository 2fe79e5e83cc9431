import { isatty } from 'node:tty';

/** The names of standard input as a file. */
const STANDARD_INPUT: ReadonlySet<string> = new Set(['-', '/dev/stdin']);

/** Whether somebody types this file at a terminal. */
export function isTyped(file: string): boolean {
  return STANDARD_INPUT.has(file) && isatty(0);
}

/** Says that a file is waited for which somebody has to type: without a redirection a run looks as if it hung. */
export function announceTyping(files: readonly string[]): void {
  if (!files.some(isTyped)) return;
  process.stderr.write('Reading records from standard input; Ctrl-D ends it.\n');
}
