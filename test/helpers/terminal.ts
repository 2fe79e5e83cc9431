import { spawn } from 'node:child_process';
import { BIN } from './program.js';

/** Whether {@link onTerminal} can be used: elsewhere `script`, which makes a terminal, takes other options. */
export const HAS_TERMINAL = process.platform === 'linux';

/** Ctrl-C, Ctrl-D and Ctrl-Z, as a terminal has them. */
export const KEYS = { c: '\u0003', d: '\u0004', z: '\u001a' } as const;

/** What {@link onTerminal} gives the program besides its arguments. */
interface TerminalOptions {
  /** On top of the environment of the tests, without `CI` and `NO_COLOR`, which change what is drawn. */
  readonly env?: Readonly<Record<string, string>>;
  /** Cells in a line; default: a terminal that was given no size. */
  readonly columns?: number;
}

/** What was to be seen on a terminal, and how the program there ended. */
interface Seen {
  readonly code: number | null;
  readonly seen: string;
}

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
  options: TerminalOptions = {},
): Promise<Seen> {
  return type(commandOf(args), cwd, answers, options);
}

/**
 * Runs the program from a shell with job control, as a person does who can stop it with Ctrl-Z. The shell prompts with
 * `ready$ `.
 *
 * @param answers see {@link onTerminal}; they begin after the command was typed, and have to end the shell.
 */
export function inShell(
  args: readonly string[],
  cwd: string,
  answers: Readonly<Record<string, string>>,
  options: TerminalOptions = {},
): Promise<Seen> {
  const first = { 'ready$ ': `${commandOf(args)}\n` };
  // Set only here: the shell that `script` starts would take the prompt out of the environment.
  const shell = "env HISTFILE=/dev/null PS1='ready$ ' bash --norc --noprofile -i";
  return type(shell, cwd, { ...first, ...answers }, options);
}

function commandOf(args: readonly string[]): string {
  return [process.execPath, BIN, ...args].map((word) => `'${word}'`).join(' ');
}

function type(
  command: string,
  cwd: string,
  answers: Readonly<Record<string, string>>,
  { env, columns }: TerminalOptions,
): Promise<Seen> {
  const size = columns === undefined ? '' : `stty cols ${columns} rows 24; `;
  const { CI: _, NO_COLOR: __, ...rest } = process.env;
  return new Promise((resolve, reject) => {
    const child = spawn('script', ['-qfec', `${size}exec ${command}`, '/dev/null'], {
      cwd,
      env: { ...rest, TERM: 'xterm', ...env },
    });
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
