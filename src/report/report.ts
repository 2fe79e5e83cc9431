import { extname } from 'node:path';
import { writeAtomically } from '../atomic-file.js';
import { UserError } from '../errors.js';
import type { Check } from './checks.js';
import { toHtml } from './html.js';
import { toJunit } from './junit.js';
import { toMarkdown } from './markdown.js';
import type { RunResult } from './result.js';

/** All that a report says of a run. Holds no value of any record. */
export interface Report {
  /** Version of this format. */
  readonly version: 1;
  /** ISO 8601. */
  readonly createdAt: string;
  readonly files: readonly string[];
  /** Where it went, in words. */
  readonly destination: string;
  readonly result: RunResult;
  readonly checks: readonly Check[];
}

const FORMATS: ReadonlyMap<string, (report: Report) => string> = new Map([
  ['.html', toHtml],
  ['.htm', toHtml],
  ['.json', (report) => `${JSON.stringify(report, undefined, 2)}\n`],
  ['.xml', toJunit],
  ['.md', toMarkdown],
]);

/**
 * The writer for a report file, chosen by its name.
 *
 * @throws UserError `REPORT_FORMAT_UNKNOWN`.
 */
export function formatOf(path: string): (report: Report) => string {
  const format = FORMATS.get(extname(path).toLowerCase());
  if (format !== undefined) return format;
  throw new UserError('REPORT_FORMAT_UNKNOWN', 'The file name of the report does not show its format.', {
    hint: 'Give it the ending .html, .json, .xml (JUnit) or .md.',
    place: { file: path },
  });
}

/**
 * Writes a report, readable by others: there is no personal data in it.
 *
 * @throws UserError `REPORT_UNWRITABLE`.
 */
export async function writeReport(path: string, report: Report): Promise<void> {
  await writeAtomically(path, formatOf(path)(report), 'REPORT_UNWRITABLE', 0o644);
}
