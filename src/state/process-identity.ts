import { readFileSync, readlinkSync } from 'node:fs';

/**
 * What a set of process numbers is recognised by: two containers may have the same host name, and so may two machines.
 * Undefined where the kernel does not say.
 */
export function pidSpace(): string | undefined {
  try {
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot} ${readlinkSync('/proc/self/ns/pid')}`;
  } catch {
    return undefined;
  }
}

/**
 * When a process began (the 22nd field of /proc/<pid>/stat); undefined where there is no such thing. A killed process
 * whose parent does not ask how it ended, as in a container without an init, is still listed: it is none any more.
 */
export function startTicks(pid: number): string | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    const [state, threads, ticks] = [fields[0], fields[17], fields[19]];
    // One that is just being killed may have a thread that still writes.
    return state === 'Z' && Number(threads) <= 1 ? undefined : ticks;
  } catch {
    return undefined;
  }
}
