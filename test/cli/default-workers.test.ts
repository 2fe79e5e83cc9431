import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { coresAllowed, defaultWorkers } from '../../src/cli/default-workers.js';
import { useFolder } from '../helpers/folder.js';

const folder = useFolder();
const { write } = folder;
const MB = 1 << 20;

describe('without --workers', () => {
  it('there is one for each core', () => {
    expect(defaultWorkers({ cores: 2, memory: 0 })).toBe(2);
    // As where there is a limit that is none.
    expect(defaultWorkers({ cores: 16, memory: 2 ** 64 })).toBe(16);
  });

  it.each([
    [128, 0],
    [192, 1],
    [256, 2],
    [512, 9],
    [4_096, 64],
  ])(
    'there are no more than a container of %i MB has room for, on a machine of 64 cores: %i',
    (limit, count) => {
      expect(defaultWorkers({ cores: 64, memory: limit * MB })).toBe(count);
    },
  );
});

describe('the cores that a container may use', () => {
  it('are as many as it has the time of, whatever the machine has', () => {
    write('cpu.max', '50000 100000\n');
    expect(coresAllowed(64, folder.path)).toBe(1);
    write('cpu.max', '250000 100000\n');
    expect(coresAllowed(64, folder.path)).toBe(3);
    expect(coresAllowed(2, folder.path)).toBe(2);
    write('cpu.max', 'max 100000\n');
    expect(coresAllowed(64, folder.path)).toBe(64);
  });

  it('are so on older machines too (cgroups of version 1), and all where nothing says otherwise', () => {
    expect(coresAllowed(64, folder.path)).toBe(64);
    mkdirSync(join(folder.path, 'cpu'));
    write('cpu/cpu.cfs_period_us', '100000\n');
    write('cpu/cpu.cfs_quota_us', '150000\n');
    expect(coresAllowed(64, folder.path)).toBe(2);
    write('cpu/cpu.cfs_quota_us', '-1\n');
    expect(coresAllowed(64, folder.path)).toBe(64);
  });
});
