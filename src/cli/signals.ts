import { type EndSignal, EXIT_BY_SIGNAL, type ExitCode } from '../errors.js';

const SIGNALS = ['SIGINT', 'SIGTERM'] as const;

/** The program was asked to end before anything was sent. */
export class Interrupted extends Error {
  readonly exitCode: ExitCode;

  constructor(signal: EndSignal) {
    super(`${signal}: nothing was sent.`);
    this.exitCode = EXIT_BY_SIGNAL[signal];
  }
}

/**
 * Calls `onSignal` at Ctrl-C and SIGTERM for as long as nobody has asked for them with {@link onEndSignal} or
 * {@link unlessInterrupted}. They are not left to the system: it ends no process by them that is the first one of a
 * container.
 */
export function endAtSignal(onSignal: (reason: Interrupted) => void): void {
  for (const signal of SIGNALS) {
    process.on(signal, () => {
      if (process.listenerCount(signal) === 1) onSignal(new Interrupted(signal));
    });
  }
}

/** What `work` resolves to. @throws Interrupted at Ctrl-C or SIGTERM before that; and what `work` throws. */
export async function unlessInterrupted<T>(work: Promise<T>): Promise<T> {
  let handle: (signal: EndSignal) => void = () => undefined;
  const interrupted = new Promise<never>((_, reject) => {
    handle = (signal) => reject(new Interrupted(signal));
  });
  for (const signal of SIGNALS) process.on(signal, handle);
  // Nobody waits for it any more, once it was interrupted.
  work.catch(() => undefined);
  try {
    return await Promise.race([work, interrupted]);
  } finally {
    for (const signal of SIGNALS) process.off(signal, handle);
  }
}

/**
 * Calls `onFirst` at the first Ctrl-C or SIGTERM, and ends the process at the second. SIGPIPE is not here: Node ignores
 * it, and a closed pipe shows as EPIPE on the stream.
 *
 * @returns a function after which a first one does nothing: what is left to do ends by itself.
 */
export function onEndSignal(onFirst: (signal: EndSignal) => void): () => void {
  let asked = false;
  let isEnding = false;
  const handle = (signal: EndSignal): void => {
    if (asked) process.exit(EXIT_BY_SIGNAL[signal]);
    asked = true;
    if (!isEnding) onFirst(signal);
  };
  for (const signal of SIGNALS) process.on(signal, handle);
  return () => {
    isEnding = true;
  };
}
