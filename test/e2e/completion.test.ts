import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { useFolder } from '../helpers/folder.js';
import { BIN, run } from '../helpers/program.js';

const folder = useFolder();
let env: NodeJS.ProcessEnv;
beforeEach(() => {
  const bin = join(folder.path, 'bin');
  mkdirSync(bin);
  writeFileSync(join(bin, 'rokt-capi'), `#!/bin/sh\nexec "${process.execPath}" "${BIN}" "$@"\n`);
  chmodSync(join(bin, 'rokt-capi'), 0o755);
  mkdirSync(join(folder.path, 'work', 'states'), { recursive: true });
  writeFileSync(join(folder.path, 'work', 'orders one.csv'), '');
  env = { HOME: folder.path, PATH: `${bin}:${process.env.PATH}`, TERM: 'dumb', HISTFILE: '/dev/null' };
});

const has = (shell: string): boolean => spawnSync(shell, ['--version']).status === 0;
/** Elsewhere `script`, which makes a terminal, takes other options. */
const isLinux = process.platform === 'linux';
const cwd = (): string => join(folder.path, 'work');

/** What a person sees who types `typed` and presses the tab key twice, once `expected` is there; all of it where it never is. */
function typed(shell: string, setup: string, text: string, expected: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn('script', ['-qfec', shell, '/dev/null'], { cwd: cwd(), env });
    let seen = '';
    let ready = false;
    const timer = setTimeout(() => child.kill('SIGKILL'), 50_000);
    child.stdout.setEncoding('utf8').on('data', (output: string) => {
      seen += output;
      if (!ready && seen.includes('READY')) {
        ready = true;
        seen = '';
        child.stdin.write(`${text}\t\t`);
      }
      if (ready && seen.replaceAll('\r', '').includes(expected)) child.kill('SIGKILL');
    });
    child.stdin.on('error', () => undefined);
    child.on('close', () => {
      clearTimeout(timer);
      resolve(seen.replaceAll('\r', ''));
    });
    child.stdin.write(`${setup}; echo "REA""DY"\n`);
  });
}

/** What bash's function makes of each of these lines, given as words. */
function bashReplies(lines: readonly (readonly string[])[]): string[][] {
  const asked = lines.map((words) => {
    const list = words.map((word) => `'${word}'`).join(' ');
    return `COMP_WORDS=(${list}); COMP_CWORD=${words.length - 1}; _rokt_capi; printf '%s\\n' "\${COMPREPLY[@]}" --- END`;
  });
  const { stdout } = spawnSync(
    'bash',
    ['--norc', '-c', ['eval "$(rokt-capi completion bash)"', ...asked].join('; ')],
    { cwd: cwd(), env, encoding: 'utf8' },
  );
  return repliesIn(stdout);
}

/** What fish offers for each of these lines. */
function fishReplies(lines: readonly string[]): string[][] {
  const asked = lines.map((line) => `complete -C '${line}'; printf '%s\\n' --- END`);
  const { stdout } = spawnSync(
    'fish',
    ['--no-config', '-c', ['rokt-capi completion fish | source', ...asked].join('; ')],
    { cwd: cwd(), env, encoding: 'utf8' },
  );
  return repliesIn(stdout).map((offers) => offers.map((offer) => offer.split('\t')[0] ?? ''));
}

/** The lines before each END. */
function repliesIn(stdout: string): string[][] {
  return stdout
    .split('---\nEND\n')
    .slice(0, -1)
    .map((reply) => reply.trimEnd().split('\n'));
}

/** Each command with its long options, as its help lists them. */
const COMMANDS = createProgram().commands.map((command) => ({
  name: command.name(),
  options: [...command.options.flatMap(({ long }) => long ?? []), '--help'],
}));

/** What is typed, what the line then has, and what fish, which prints offers, has as one. */
const LINES = [
  ['a command', 'rokt-capi sen', 'rokt-capi send ', 'send'],
  ['an option', 'rokt-capi send --dry', 'rokt-capi send --dry-run', '--dry-run'],
  ['the choices of an option', 'rokt-capi send --format nd', 'rokt-capi send --format ndjson', 'ndjson'],
  ['the choices after an equals sign', 'rokt-capi send --format=nd', '--format=ndjson', '--format=ndjson'],
  ['a file', 'rokt-capi send ord', 'rokt-capi send orders\\ one.csv', 'orders one.csv'],
  ['a file of an option', 'rokt-capi send --config ord', '--config orders\\ one.csv', 'orders one.csv'],
  ['a directory', 'rokt-capi send --state s', '--state states/', 'states/'],
  ['an option of a command that takes any text', 'rokt-capi runs --ev', 'rokt-capi runs --event', '--event'],
  ['a code', 'rokt-capi explain TIMESTAMP_U', 'TIMESTAMP_UNREADABLE', 'TIMESTAMP_UNREADABLE'],
] as const;

describe('completion', () => {
  it('is printed for bash, zsh and fish, and for no other shell', async () => {
    for (const shell of ['bash', 'zsh', 'fish']) {
      const ended = await run(['completion', shell], { cwd: folder.path });
      expect(ended).toMatchObject({ code: 0, stderr: '' });
      expect(ended.stdout).toContain(`completion ${shell}`);
    }
    // The bash of macOS reads nothing from `source <(…)`.
    const help = await run(['completion', '--help'], { cwd: folder.path });
    expect(help.stdout).toContain('eval "$(rokt-capi completion bash)"');
    expect((await run(['completion', 'cmd'], { cwd: folder.path })).code).toBe(2);
  });

  it.skipIf(!isLinux).each(LINES)('in bash: %s', async (_, line, expected) => {
    const shown = await typed('bash --norc -i', 'eval "$(rokt-capi completion bash)"', line, expected);
    expect(shown).toContain(expected);
  });

  it('in bash: each command and each of its options', () => {
    const commands = [...COMMANDS.map(({ name }) => name), 'help'];
    expect(
      bashReplies([['rokt-capi', ''], ...COMMANDS.map(({ name }) => ['rokt-capi', name, '--'])]),
    ).toEqual([commands, ...COMMANDS.map(({ options }) => options)]);
  });

  it.skipIf(!isLinux || !has('zsh')).each(LINES)('in zsh: %s', async (_, line, expected) => {
    const setup = 'autoload -Uz compinit; compinit -u -D; source <(rokt-capi completion zsh)';
    const shown = await typed('zsh -f -i', setup, line, expected);
    expect(shown).toContain(expected);
  });

  it.skipIf(!has('fish')).each(LINES)('in fish: %s', (_, line, __, offer) => {
    expect(fishReplies([line])[0]).toContain(offer);
  });

  it.skipIf(!has('fish'))('in fish: each command and each of its options', () => {
    const commands = [...COMMANDS.map(({ name }) => name), 'help'];
    const replies = fishReplies(['rokt-capi ', ...COMMANDS.map(({ name }) => `rokt-capi ${name} --`)]);
    expect(replies.map((offers) => offers.sort())).toEqual(
      [commands, ...COMMANDS.map(({ options }) => options)].map((offers) => [...offers].sort()),
    );
  });
});
