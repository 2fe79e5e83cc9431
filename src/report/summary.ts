import { printable } from '../printable.js';
import { DECISIONS, leavesNotSent } from './audiences.js';
import { STATES, type Tally } from './books.js';
import { formatComparison } from './comparison-text.js';
import { UNREAD } from './exit.js';
import { formatPlaces, problemName } from './group.js';
import { formatQuality } from './quality.js';
import { type AudienceResult, isSwitchedOff, type RunResult } from './result.js';
import { counted, fileNames } from './words.js';

/** What the summary says about the run besides its result. */
export interface SummaryContext {
  /** The files as the user gave them. */
  readonly files: readonly string[];
  /** Where it went, in words: an endpoint, the sandbox, nowhere. */
  readonly destination: string;
  /** What to type next; none when there is nothing to do. */
  readonly next: readonly string[];
}

/** The summary for people, with a line end after each line. Holds no value of any record. */
export function formatSummary(result: RunResult, context: SummaryContext): string {
  const lines = [`${fileNames(context.files)} → ${context.destination}`, ''];
  const width = String(result.read).length;
  const notes: Record<string, string> = {
    accepted: result.dryRun ? 'would be sent' : '',
    duplicate: result.duplicate > 0 ? 'already delivered, or twice in this run' : '',
    skipped: result.skipped > 0 ? whySkipped(result) : '',
    pending: result.pending > 0 ? 'not finished: run the same command again' : '',
  };
  for (const state of STATES) {
    lines.push(
      `  ${state.padEnd(9)}  ${String(result[state]).padStart(width)}  ${notes[state] ?? ''}`.trimEnd(),
    );
  }
  lines.push(`  ${'read'.padEnd(9)}  ${String(result.read).padStart(width)}`);
  lines.push(...(result.audiences ?? []).flatMap((audience) => formatAudience(audience, result.dryRun)));
  if (result.quality !== undefined) lines.push(...formatQuality(result.quality));
  lines.push(...formatTallies('Rejected', result.rejections), ...formatTallies('Warnings', result.warnings));
  if (result.comparison !== undefined) lines.push(...formatComparison(result.comparison));
  lines.push('', formatTraffic(result));
  if (result.stopped !== undefined) {
    // It may have come to its end, and then have failed to record what it did.
    const how = result.unread || result.pending > 0 ? 'Stopped early' : 'Not finished';
    lines.push(`${how}: ${result.stopped}`, ...(result.unread ? [UNREAD] : []));
  }
  if (result.rejects !== undefined) lines.push(`Rejected records, each with its reason: ${result.rejects}`);
  lines.push(...(result.failedGates ?? []).map(({ name, message }) => `Gate failed: ${name}: ${message}`));
  if (context.next.length > 0) lines.push('', 'Next:', ...context.next.map((command) => `  ${command}`));
  return `${lines.map(printable).join('\n')}\n`;
}

function whySkipped({ audiences, warnings }: RunResult): string {
  const why =
    audiences === undefined
      ? "no mapping's trigger matched"
      : 'no member, or no change that a mapping matches';
  return warnings.some(isSwitchedOff) ? `${why}, or switched off for Rokt` : why;
}

function formatTallies(title: string, tallies: readonly Tally[]): string[] {
  if (tallies.length === 0) return [];
  const width = String(tallies[0]?.count ?? 0).length;
  return [
    '',
    `${title}:`,
    ...tallies.flatMap((tally) => {
      const { message, count, places } = tally;
      return [
        `  ${String(count).padStart(width)} × ${problemName(tally)}: ${message}`,
        ...(places.length === 0 ? [] : [`  ${' '.repeat(width)}   at ${formatPlaces(tally)}`]),
      ];
    }),
  ];
}

function formatAudience(audience: AudienceResult, dryRun: boolean): string[] {
  const lines = ['', `${audience.audience}: ${counted(audience.members, 'member')}${dryRun ? ' then' : ''}`];
  for (const decision of DECISIONS) {
    const examples = audience.examples[decision];
    const shown = dryRun && examples.length > 0 ? `   lines ${examples.join(', ')}` : '';
    lines.push(`  ${decision.padEnd(9)}  ${audience[decision]}${shown}`);
  }
  return [...lines, ...leavesNotSent(audience).map((sentence) => `  ${sentence}`)];
}

function formatTraffic(result: RunResult): string {
  const seconds = `${(result.durationMs / 1000).toFixed(1)} s`;
  const what = `${counted(result.events, 'event')} in ${counted(result.batches, 'batch', 'batches')}`;
  if (result.dryRun) return `${what} would be sent; checked in ${seconds}. Nothing was sent.`;
  const tries = `${counted(result.requests, 'request')}, ${counted(result.retries, 'retry', 'retries')}`;
  return `${what}, ${tries}, ${seconds}.`;
}
