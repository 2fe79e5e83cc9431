import { spawn } from 'node:child_process';
import { BIN } from './program.js';

/** Whether {@link onTerminal} can be used: elsewhere `script`, which makes a terminal, takes other options. */
export const HAS_TERMINAL = process.platform === 'linux';

/**
 * Runs the program on a terminal, and types there what it asks for.
 *
 * @param answers what is typed once a text has been seen, each of them once.
 * @returns the exit code, and all that was seen.
 */
export function onTerminal(
  args: readonly string[],
  cwd: string,
  answers: Readonly<Record<string, string>> = {},
): Promise<{ readonly code: number | null; readonly seen: string }> {
  const command = [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qfec', command, '/dev/null'], { cwd });
    const left = new Map(Object.entries(answers));
    let seen = '';
    child.stdout.setEncoding('utf8').on('data', (output: string) => {
      seen += output;
      for (const [text, answer] of left) {
        if (!seen.includes(text)) continue;
        left.delete(text);
        child.stdin.write(answer);
      }
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, seen }));
  });
}
