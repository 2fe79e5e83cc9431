import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Resolves as soon as `isTime`. */
export async function until(isTime: () => boolean): Promise<void> {
  while (!isTime()) await delay(5);
}

/** Makes what sends a process a signal as soon as `isTime`, unless it has ended before: an `onStart` of `run`. */
export function signalWhen(
  isTime: () => boolean,
  signal: NodeJS.Signals = 'SIGTERM',
): (child: ChildProcess) => Promise<void> {
  return async (child) => {
    await until(() => isTime() || (child.exitCode ?? child.signalCode) !== null);
    child.kill(signal);
  };
}
