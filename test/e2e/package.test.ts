import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
import { isBuiltin } from 'node:module';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { createProgram } from '../../src/cli/program.js';
import { useFolder } from '../helpers/folder.js';
import { run } from '../helpers/program.js';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const folder = useFolder();
const read = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

it('the package has what users need, and nothing else', () => {
  const output = execFileSync('npm', ['pack', '--dry-run', '--json', '--ignore-scripts'], {
    cwd: ROOT,
    encoding: 'utf8',
    // Without a home to write to it fails.
    env: { ...process.env, npm_config_cache: folder.path },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  const [{ files }]: [{ files: { path: string }[] }] = JSON.parse(output);
  expect(files.map(({ path }) => path)).toContain('dist/config.schema.json');
  const others = files.map(({ path }) => path).filter((path) => !/^dist\/.*\.(?:m?js|json)$/.test(path));
  expect(others.sort()).toEqual([
    'LICENSE',
    'README.md',
    'bin/rokt-capi.js',
    'dist/cli/THIRD-PARTY-LICENSES',
    'package.json',
  ]);
});

it('what the program loads from outside is installed with it, and what is built into it comes with its licence', () => {
  const { dependencies }: { dependencies: Record<string, string> } = JSON.parse(read('package.json'));
  const files = readdirSync(join(ROOT, 'dist/cli')).filter((file) => file.endsWith('.js'));
  const loaded = files.flatMap((file) => [
    ...read(`dist/cli/${file}`).matchAll(
      /^import [^"]*"([^."][^"]*)"|(?:import|\brequire(?:\$\d)?)\("([^."][^"]*)"\)/gm,
    ),
  ]);
  const packages = loaded
    .map(([, from, by]) => from ?? by ?? '')
    .filter((name) => !isBuiltin(name))
    .map((name) => /^(?:@[^/]+\/)?[^/]+/.exec(name)?.[0]);
  expect([...new Set(packages)].sort()).toEqual(Object.keys(dependencies).sort());
  const licences = read('dist/cli/THIRD-PARTY-LICENSES');
  for (const name of ['commander', 'yaml', 'zod']) {
    expect(licences).toMatch(new RegExp(`^${name} \\d`, 'm'));
    expect(licences).toContain(read(`node_modules/${name}/LICENSE`));
  }
});

it('the README says which versions of Node a clone can be built with', () => {
  const { engines }: { engines: { node: string } } = JSON.parse(read('node_modules/rolldown/package.json'));
  const [oldest, newer, ...others] = engines.node.matchAll(/\d+\.\d+/g);
  expect(others).toEqual([]);
  expect(read('README.md')).toContain(
    `in a clone of this repository. That takes Node ${oldest}, ${newer} or later`,
  );
});

// Node before 20.19 reads no package.json that lies in `node_modules` itself: the program could not be run there either.
const canBeItself = Reflect.get(process.features, 'require_module') === true;

it.each([
  'node_modules/rokt-capi',
  'node_modules/.unpacked/rokt-capi',
  ...(canBeItself ? ['node_modules'] : []),
])('it can be built where a package manager may put it, as %s', (place) => {
  const root = join(folder.path, place);
  mkdirSync(root, { recursive: true });
  for (const name of ['package.json', 'tsconfig.json', 'src']) {
    cpSync(join(ROOT, name), join(root, name), { recursive: true });
  }
  symlinkSync(join(ROOT, 'node_modules'), join(root, 'node_modules'));
  execFileSync('npm', ['run', 'build'], { cwd: root, stdio: 'pipe' });
  const licences = (at: string): string => readFileSync(join(at, 'dist/cli/THIRD-PARTY-LICENSES'), 'utf8');
  expect(licences(root)).toBe(licences(ROOT));
});

it.each([
  [['--help'], 'send'],
  [['send', '--help'], '--dry-run'],
  [['--version'], '0.'],
])('%j prints to standard output and exits with 0', async (args, text) => {
  const ended = await run(args, { cwd: ROOT });
  expect(ended.code).toBe(0);
  expect(ended.stdout).toContain(text);
  expect(ended.stderr).toBe('');
});

describe('the help', () => {
  const { commands } = createProgram();

  it.each(commands.map((command) => [command.name(), command] as const))(
    'of %s has examples, of options that there are',
    async (name, command) => {
      const { stdout } = await run([name, '--help'], { cwd: ROOT });
      const examples = stdout.split('\nExamples:\n')[1] ?? '';
      expect(examples).toContain(`rokt-capi ${name}`);
      const others = commands.filter((other) => examples.includes(`rokt-capi ${other.name()} `));
      const known = [command, ...others].flatMap(({ options }) => options.map(({ long }) => long));
      for (const [option] of examples.matchAll(/--[\w-]+/g)) expect(known).toContain(option);
    },
  );

  it.each([
    ['--state', '.rokt-capi beside it'],
    ['--rate', '270'],
    ['--concurrency', '4'],
  ])('of send says what holds without %s: what the config says, or %s', (option, otherwise) => {
    const send = commands.find((command) => command.name() === 'send');
    const description = send?.options.find(({ long }) => long === option)?.description;
    expect(description).toMatch(new RegExp(`; default: that of the config, or ${otherwise}$`));
  });
});
