import { relative, resolve } from 'node:path';
import { printable } from '../printable.js';
import type { Check } from './checks.js';

/** GitHub shows ten of each kind a step. */
const MOST = 10;

/**
 * The checks that are not passed as workflow commands of GitHub Actions, which shows them beside the lines that they are
 * about.
 *
 * @param workspace the directory of the repository, as GITHUB_WORKSPACE has it: GitHub knows its files by their paths in that.
 */
export function toAnnotations(checks: readonly Check[], workspace?: string): string {
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
          const at =
            first === undefined
              ? ''
              : `file=${property(inRepository(first.file, workspace))},line=${first.line},`;
          return `::${command} ${at}title=${property(`rokt-capi ${name}`)}::${escapeData(message)}\n`;
        })
        .slice(0, MOST),
    )
    .join('');
}

/** As it was named where it is outside the repository, as it seems to be in a container that has its own paths. */
function inRepository(file: string, workspace: string | undefined): string {
  if (workspace === undefined || file === '-') return file;
  const path = relative(workspace, resolve(file));
  return path.startsWith('..') ? file : path;
}

/** In a text on one line only `%` has a meaning. */
function escapeData(text: string): string {
  return printable(text).replaceAll('%', '%25');
}

function property(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
