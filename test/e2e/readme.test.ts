import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { EXIT } from '../../src/errors.js';
import { useFolder } from '../helpers/folder.js';
import { FIXTURES, run } from '../helpers/program.js';

const folder = useFolder();
const README = readFileSync(fileURLToPath(new URL('../../README.md', import.meta.url)), 'utf8');
/** The commands of the program, but for `help`. */
const COMMANDS = createProgram().commands;

/** A command of the README. */
interface Example {
  /** The words after `rokt-capi`. */
  readonly words: readonly string[];
  /** What it prints, as far as the README shows it: a line of `…` stands for any lines. */
  readonly output: string;
}

/** The commands in the README's blocks of shell that need nothing but a clone, in order. */
function examples(): Example[] {
  const blocks = [...README.matchAll(/^```(?:sh|console)\n([\s\S]*?)^```$/gm)].map(([, block = '']) => block);
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

/** What stands under a heading. */
function section(heading: string): string {
  return README.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
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

it('the first command of the README ends with the summary that it shows', async () => {
  const [, command = '', output = ''] =
    /^npm ci && npx rokt-capi (.*)\n```\n+```text\n([\s\S]*?)^```$/m.exec(README) ?? [];
  cpSync(FIXTURES, join(folder.path, 'fixtures'), { recursive: true });
  const { code, stdout } = await run(command.split(' '), { cwd: folder.path });
  expect(code).toBe(0);
  // How long it takes, and how many requests that makes, is not the same each time.
  const steady = (text: string): string =>
    text.replace(/\d+ requests, (.*), \d+\.\d s/, '_ requests, $1, _ s');
  expect(steady(stdout)).toMatch(shows(steady(output)));
});

it('the check of the README for a pull request passes a sample of any age, and fails where no trigger matches', async () => {
  const [, command = ''] = /npx rokt-capi (validate samples\/.*)$/m.exec(README) ?? [];
  const words = command.replaceAll("'", '').split(' ');
  mkdirSync(join(folder.path, 'samples'));
  folder.write(
    'samples/orders.csv',
    'Email,Total,Currency,Paid at\na@example.com,5,EUR,2024-01-02T03:04:05Z\n',
  );
  folder.write('rokt-capi.config.yaml', 'version: 1\n');
  expect((await run(words, { cwd: folder.path })).code).toBe(0);
  const slip = `version: 1\nmappings: [{ name: Orders, preset: send, trigger: 'event = "Order Compleetd"' }]\n`;
  folder.write('rokt-capi.config.yaml', slip);
  expect((await run(words, { cwd: folder.path })).code).toBe(3);
});

it('the links of the README lead to headings that there are, and no two headings have one name', () => {
  const prose = README.replaceAll(/^```[\s\S]*?^```$/gm, '');
  const anchors = [...prose.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
    heading
      .toLowerCase()
      .replaceAll(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
  expect(new Set(anchors).size).toBe(anchors.length);
  const links = [...prose.matchAll(/\]\(#([^)]*)\)/g)].map(([, anchor]) => anchor);
  expect(links.length).toBeGreaterThan(10);
  for (const link of links) expect(anchors).toContain(link);
});

describe('the README and --help', () => {
  it.each(COMMANDS.map((command) => [command.name(), command] as const))(
    'have the same options of %s',
    (name, { options }) => {
      expect(README).toContain(`| \`rokt-capi ${name}`);
      for (const { long } of options) expect(README).toMatch(new RegExp(`\`${long}[\`= ]`));
    },
  );

  it.each([
    ['send', 'Options of send and validate'],
    ['sync-audience', 'Audiences'],
    ['serve-plugin', 'The browser snippet'],
  ])('both say the default of an option of %s, if one says it', (name, heading) => {
    const rows = [...section(heading).matchAll(/^\| `(--[\w-]+)[^`]*`(?: \*)? \| (.*) \|$/gm)];
    expect(rows.length).toBeGreaterThan(4);
    const options = COMMANDS.find((command) => command.name() === name)?.options ?? [];
    const told = options.filter(
      ({ description, defaultValue }) =>
        description.includes('default: ') || !['undefined', 'boolean'].includes(typeof defaultValue),
    );
    for (const [, option = '', meaning = ''] of rows) {
      const inHelp = told.some(({ long }) => long === option);
      expect([option, /\bdefault:? /.test(meaning)]).toEqual([option, inHelp]);
    }
  });

  it('have the same exit codes', async () => {
    const { stdout } = await run(['--help'], { cwd: folder.path });
    const [, listed = ''] = /Exit codes: ([\s\S]*)/.exec(stdout) ?? [];
    const codes = [...section('Exit codes').matchAll(/^\| (\d[\d /]*) \|/gm)].flatMap(([, text = '']) =>
      text.split(' / '),
    );
    expect(codes.map(Number)).toEqual(Object.values(EXIT).sort((a, b) => a - b));
    for (const code of codes) expect(listed).toMatch(new RegExp(`\\b${code}\\b`));
  });
});
