import { printable } from '../printable.js';
import type { Check } from './checks.js';

/** GitHub shows ten of each kind a step. */
const MOST = 10;

/**
 * The checks that are not passed as workflow commands of GitHub Actions, which shows them beside the lines that they are
 * about.
 */
export function toAnnotations(checks: readonly Check[]): string {
  const kinds = [
    ['failed', 'error'],
    ['warning', 'warning'],
  ] as const;
  return kinds
    .flatMap(([status, command]) =>
      checks
        .filter((check) => check.status === status)
        .flatMap(({ name, message, places }) => {
          const [first] = places;
          const at = first === undefined ? '' : `file=${property(first.file)},line=${first.line},`;
          return `::${command} ${at}title=${property(`rokt-capi ${name}`)}::${escapeData(message)}\n`;
        })
        .slice(0, MOST),
    )
    .join('');
}

/** In a text on one line only `%` has a meaning. */
function escapeData(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
