import { linkSync, mkdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { beforeEach, expect, it } from 'vitest';
import { checkOutputs } from '../../src/cli/outputs.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();
const path = (name: string): string => (name.startsWith('/') ? name : join(folder.path, name));

beforeEach(() => {
  folder.write('o.csv', 'a\n1\n');
  mkdirSync(path('sub'));
  symlinkSync('sub', path('also-sub'));
  symlinkSync('o.csv', path('link.csv'));
  linkSync(path('o.csv'), path('hard.csv'));
});

const check = (inputs: readonly string[], ...outputs: readonly (readonly [option: string, file: string])[]) =>
  checkOutputs(
    inputs.map(path),
    outputs.map(([option, file]) => ({ option, path: path(file) })),
  );

it.each([
  ['o.csv', 'o.csv'],
  ['o.csv', 'sub/../o.csv'],
  ['o.csv', 'link.csv'],
  ['o.csv', 'hard.csv'],
  ['link.csv', 'o.csv'],
])('an input %s is not written over by the name of %s', (input, output) => {
  expect(() => check([input], ['--out', output])).toThrow('--out names an input file.');
});

it.each([
  ['x.html', 'x.html'],
  ['sub/x', 'also-sub/x'],
])('two options do not write one file: %s and %s', (one, other) => {
  expect(() => check(['o.csv'], ['--out', one], ['--report', other])).toThrow(
    '--out and --report name the same file.',
  );
});

it('one option may name a file twice, several may name a device, and none needs to be there', () => {
  check(['o.csv'], ['--report', 'r.html'], ['--report', 'r.html']);
  check(['o.csv'], ['--out', '/dev/null'], ['--rejects', '/dev/null']);
  check(['nowhere.csv'], ['--out', 'nowhere/x']);
});
