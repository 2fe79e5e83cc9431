import type { Ora } from 'ora';
import type { RecordState } from '../interfaces.js';

/** What the progress line shows. */
export interface ProgressState extends Readonly<Record<Exclude<RecordState, 'pending'>, number>> {
  readonly read: number;
  /** What the run is waiting for just now. */
  readonly waitingFor: string | undefined;
}

/** Shows how a run goes, on standard error. */
export interface Progress {
  /** Takes the line away. Must be called once, also when the run fails. */
  stop(): void;
}

/** Where a plain progress line goes. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  /** 0 for a terminal that was given no size, as `script`, `docker run -t` and CI runners make them. */
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** Between two plain lines where standard error is no terminal, in ms: a cron mail must stay short. */
const PLAIN_INTERVAL_MS = 30_000;
const SPINNER_INTERVAL_MS = 200;

/**
 * Starts showing progress: ora's spinner on a terminal, elsewhere (or with `NO_COLOR` or `CI`) one plain line every 30
 * seconds. A terminal without a width gets plain lines too: ora divides by the width, and would clear lines for ever.
 *
 * @param textAt what to show of that moment, so many ms after the start.
 * @param isTypedOn whether somebody types the input on that terminal: a spinner would be drawn over it.
 */
export async function startProgress(
  textAt: (elapsedMs: number) => string,
  stream: ProgressStream & NodeJS.WritableStream,
  env: NodeJS.ProcessEnv,
  isTypedOn = false,
): Promise<Progress> {
  const startedAt = performance.now();
  const text = () => textAt(performance.now() - startedAt);
  const drawable = stream.isTTY === true && stream.columns !== 0 && env.TERM !== 'dumb' && !isTypedOn;
  // With CI set, to whatever, ora draws nothing, and writes its first text alone.
  const fancy = drawable && (env.NO_COLOR ?? '') === '' && env.CI === undefined;
  if (!fancy) {
    const timer = setInterval(() => stream.write(`${text()}\n`), PLAIN_INTERVAL_MS);
    timer.unref();
    return { stop: () => clearInterval(timer) };
  }
  const { default: ora } = await import('ora');
  // Ctrl-C is the run's to handle, so ora must not take standard input over. The cursor stays to be seen: it would be
  // missing in a shell after Ctrl-Z or `kill -9`, of which no program hears.
  const spinner: Ora = ora({ stream, discardStdin: false, hideCursor: false, text: text() }).start();
  const timer = setInterval(() => {
    spinner.text = text();
  }, SPINNER_INTERVAL_MS);
  const stop = (): void => {
    clearInterval(timer);
    spinner.stop();
    process.off('exit', stop);
  };
  // A second Ctrl-C ends the program where it is.
  process.on('exit', stop);
  return { stop };
}

/** One progress line. `elapsedMs`: since the run began. */
export function formatProgress(state: ProgressState, elapsedMs: number): string {
  const { read, accepted, duplicate, skipped, rejected, waitingFor } = state;
  return [
    `${read} read`,
    `${accepted} accepted`,
    ...(duplicate > 0 ? [`${duplicate} duplicate`] : []),
    ...(skipped > 0 ? [`${skipped} skipped`] : []),
    `${rejected} rejected`,
    ...rateOf(accepted + duplicate + skipped + rejected, elapsedMs),
    ...(waitingFor === undefined ? [] : [`waiting for ${waitingFor}`]),
  ].join(', ');
}

/** The progress line of what is read in full before anything of it is sent. `elapsedMs`: since the reading began. */
export function formatReading(read: number, elapsedMs: number): string {
  return [`${read} read`, ...rateOf(read, elapsedMs), 'nothing is sent before all is read'].join(', ');
}

/** In the first second there is no rate yet. */
function rateOf(count: number, elapsedMs: number): string[] {
  return elapsedMs < 1000 ? [] : [`${Math.round(count / (elapsedMs / 1000))} a second`];
}
