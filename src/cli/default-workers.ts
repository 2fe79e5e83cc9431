import { readFileSync } from 'node:fs';
import { join } from 'node:path';

const MB = 1 << 20;
/** What a run takes besides its workers, with some room. */
const RUN_BYTES = 150 * MB;
/** What a worker takes, with some room. */
const WORKER_BYTES = 40 * MB;

/**
 * How many workers there are where `--workers` does not say it: one for each core, as long as there is room for them. A
 * container has the cores of its machine, and not the memory: with a worker for each it would be killed every night.
 *
 * @param memory the most that the process may use, in bytes; 0: any.
 */
export function defaultWorkers({
  cores,
  memory,
}: {
  readonly cores: number;
  readonly memory: number;
}): number {
  if (memory === 0) return cores;
  return Math.min(cores, Math.max(0, Math.floor((memory - RUN_BYTES) / WORKER_BYTES)));
}

/**
 * How many cores a container may keep busy. Node 20 does not look at that.
 *
 * @param cores of the machine.
 * @param root where Linux shows the limits of control groups; a container sees its own there.
 */
export function coresAllowed(cores: number, root = '/sys/fs/cgroup'): number {
  const read = (name: string): string => {
    try {
      return readFileSync(join(root, name), 'utf8').trim();
    } catch {
      return '';
    }
  };
  const time = read('cpu.max') || `${read('cpu/cpu.cfs_quota_us')} ${read('cpu/cpu.cfs_period_us')}`;
  const [quota, period] = time.split(' ').map(Number);
  const share = (quota ?? Number.NaN) / (period ?? Number.NaN);
  return share > 0 && Number.isFinite(share) ? Math.min(cores, Math.ceil(share)) : cores;
}
