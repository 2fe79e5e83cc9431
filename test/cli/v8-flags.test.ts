import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { optimizingFlags } from '../../src/cli/v8-flags.js';

it('has flags for those versions of Node whose V8 is known to have them, and else none', () => {
  expect(optimizingFlags('20.18.1')).toEqual({
    start: ['--interrupt-budget=600000'],
    large: ['--interrupt-budget=67584'],
  });
  for (const node of ['24.1.0', '26.0.0'])
    expect(optimizingFlags(node)).toEqual({ start: ['--no-maglev'], large: [] });
  for (const node of ['22.15.0', '28.0.0', '200.0.0', '240.0.0'])
    expect(optimizingFlags(node)).toEqual({ start: [], large: [] });
});

it('has those that the V8 of this Node takes without a word', () => {
  const { start, large } = optimizingFlags(process.versions.node);
  const flags = JSON.stringify([...start, ...large]);
  const script = `for (const flag of ${flags}) require('node:v8').setFlagsFromString(flag)`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
