import { cpSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { FIXTURES, run } from '../helpers/program.js';

const folder = useFolder();

/** A command of the README. */
interface Example {
  /** The words after `rokt-capi`. */
  readonly words: readonly string[];
  /** What it prints, as far as the README shows it: a line of `…` stands for any lines. */
  readonly output: string;
}

/** The commands in the README's blocks of shell that need nothing but a clone, in order. */
function examples(): Example[] {
  const readme = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
  const blocks = [...readme.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
  return blocks
    .flatMap((block) => block.split(/^(?=(?:\$ |npm ci && npx )?rokt-capi )/m))
    .flatMap((text) => {
      const [, command, output = ''] =
        /^(?:\$ |npm ci && npx )?rokt-capi ([^\n#]*[^\n# ])[^\n]*\n([\s\S]*)$/.exec(text) ?? [];
      return command === undefined ? [] : [{ words: command.split(' '), output }];
    })
    .filter(({ words }) =>
      words[0] === 'serve-plugin'
        ? !words.includes('--port')
        : words.some((word) => word.startsWith('fixtures/')),
    );
}

/** Whether a text is as the README shows it. */
function shows(output: string): RegExp {
  const lines = output.split(/^…\n/m).map((part) => part.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${lines.join('(?:.*\\n)*?')}`);
}

it('the commands of the README do what it says, run one after the other in a fresh clone', async () => {
  cpSync(FIXTURES, join(folder.path, 'fixtures'), { recursive: true });
  const all = examples();
  expect(all.map(({ words: [name] }) => name)).toEqual([
    'send',
    'init',
    'validate',
    'send',
    'send',
    'sync-audience',
    'serve-plugin',
    'serve-plugin',
  ]);
  for (const { words, output } of all) {
    const ended = await run(words, { cwd: folder.path });
    expect(ended, words.join(' ')).toMatchObject({ code: 0, stderr: '' });
    expect(ended.stdout).toMatch(shows(output));
  }
});
