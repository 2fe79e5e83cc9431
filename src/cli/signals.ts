import { EXIT } from '../errors.js';

/** A signal that asks the program to end. */
export type EndSignal = 'SIGINT' | 'SIGTERM';

/**
 * Calls `onFirst` at the first Ctrl-C or SIGTERM, and ends the process at the second. SIGPIPE is not here: Node ignores
 * it, and a closed pipe shows as EPIPE on the stream.
 *
 * @returns a function that takes the handlers away.
 */
export function onEndSignal(onFirst: (signal: EndSignal) => void): () => void {
  let asked = false;
  const handle = (signal: EndSignal): void => {
    if (asked) process.exit(signal === 'SIGINT' ? EXIT.interrupted : EXIT.terminated);
    asked = true;
    onFirst(signal);
  };
  process.on('SIGINT', handle);
  process.on('SIGTERM', handle);
  return () => {
    process.off('SIGINT', handle);
    process.off('SIGTERM', handle);
  };
}
