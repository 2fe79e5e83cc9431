import { fstatSync, write } from 'node:fs';
import { promisify } from 'node:util';

const writeTo = promisify(write);

/** What is written to, piece after piece. */
export interface Writing {
  /** Writes as much as it takes of `bytes` from an offset on. */
  write(bytes: Uint8Array, from: number): Promise<{ readonly bytesWritten: number }>;
  /** Makes what was written durable. */
  sync(): Promise<void>;
  close(): Promise<void>;
}

/**
 * The number of a regular file that is open in this process under a name such as `/dev/stdout`; undefined where the name is
 * that of something else. By such a name Linux opens the file itself anew: it would be emptied, and written over from its
 * beginning, whatever is or comes to be in it.
 */
export function descriptorOf(path: string): number | undefined {
  const [, name, number] = /^\/(?:dev|proc\/self)\/(?:std(out|err)|fd\/(\d+))$/.exec(path) ?? [];
  const fd = number === undefined ? ['out', 'err'].indexOf(name ?? '') + 1 : Number(number);
  try {
    return fd > 0 && fstatSync(fd).isFile() ? fd : undefined;
  } catch {
    return undefined;
  }
}

/** Writes behind what was written to it before, and leaves it open for others. @param fd see {@link descriptorOf}. */
export function onDescriptor(fd: number): Writing {
  return {
    write: (bytes, from) => writeTo(fd, bytes, from),
    sync: async () => undefined,
    close: async () => undefined,
  };
}
