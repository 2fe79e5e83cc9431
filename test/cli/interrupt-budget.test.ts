import { spawnSync } from 'node:child_process';
import { expect, it } from 'vitest';
import { interruptBudget } from '../../src/cli/interrupt-budget.js';

it('is set on Node 20, and on no later one, whose V8 would complain of it on standard error', () => {
  expect(interruptBudget(67_584, '20.18.1')).toEqual(['--interrupt-budget=67584']);
  for (const node of ['22.15.0', '24.1.0', '26.0.0', '200.0.0']) expect(interruptBudget(1, node)).toEqual([]);
});

it('is what the V8 of this Node takes without a word', () => {
  const flags = interruptBudget(600_000, process.versions.node);
  const script = `for (const flag of ${JSON.stringify(flags)}) require('node:v8').setFlagsFromString(flag)`;
  const { status, stderr } = spawnSync(process.execPath, ['-e', script], { encoding: 'utf8' });
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
});
