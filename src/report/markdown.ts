import { printable } from '../printable.js';
import { DECISIONS } from './audiences.js';
import { STATES } from './books.js';
import { comparisonSections } from './comparison-text.js';
import { formatPlace } from './group.js';
import { currencyName, formatPeriod, namedShares, percent } from './quality.js';
import type { Report } from './report.js';
import { fileNames, whichRun } from './words.js';

const SIGNS = { passed: '✅', failed: '❌', warning: '⚠️' } as const;

/** The report as Markdown, for a comment on a pull request. */
export function toMarkdown(report: Report): string {
  const { checks, files, result } = report;
  const { quality } = result;
  const failed = checks.filter(({ status }) => status === 'failed').length;
  const lines = [
    `### ${failed === 0 ? SIGNS.passed : SIGNS.failed} rokt-capi: ${fileNames(files.map(code))}`,
    '',
    escapeCell(whichRun(report)),
    '',
    `| read | ${STATES.join(' | ')} |`,
    `| ---: | ${STATES.map(() => '---:').join(' | ')} |`,
    `| ${result.read} | ${STATES.map((state) => result[state]).join(' | ')} |`,
    '',
    '| | check | |',
    '| --- | --- | --- |',
    ...checks.map(({ name, status, message, places }) => {
      const where =
        places.length === 0 ? '' : ` (${places.map((place) => codeCell(formatPlace(place))).join(', ')})`;
      return `| ${SIGNS[status]} | ${codeCell(name)} | ${escapeCell(message)}${where} |`;
    }),
  ];
  if (result.audiences !== undefined && result.audiences.length > 0) {
    lines.push(
      '',
      `| audience | members | ${DECISIONS.join(' | ')} | leaves held back | leaves refused |`,
      '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
      ...result.audiences.map((one) => {
        const decided = DECISIONS.map((decision) => one[decision]).join(' | ');
        return `| ${codeCell(one.audience)} | ${one.members} | ${decided} | ${one.held} | ${one.refused} |`;
      }),
    );
  }
  if (quality !== undefined && quality.records > 0) {
    lines.push('', '| identifier | records | share |', '| --- | ---: | ---: |');
    for (const [name, { records, share }] of namedShares(quality)) {
      lines.push(`| ${name} | ${records} | ${percent(share)} |`);
    }
    lines.push('', formatPeriod(quality));
    if (quality.amounts.length > 0) lines.push('', '| currency | events | total |', '| --- | ---: | ---: |');
    for (const { currency, events, total } of quality.amounts) {
      lines.push(`| ${escapeCell(currencyName(currency))} | ${events} | ${total.toFixed(2)} |`);
    }
  }
  for (const { title, rows } of result.comparison === undefined
    ? []
    : comparisonSections(result.comparison)) {
    lines.push(
      '',
      `#### ${escapeCell(title)}`,
      '',
      '| | records | | first at |',
      '| --- | ---: | --- | --- |',
    );
    for (const { sign = '', count, text, isName, places } of rows) {
      const where = places.map((place) => codeCell(formatPlace(place))).join(', ');
      lines.push(
        `| ${sign === '' ? '' : codeCell(sign)} | ${count} | ${isName ? codeCell(text) : escapeCell(text)} | ${where} |`,
      );
    }
  }
  return `${lines.join('\n')}\n`;
}

/** Nothing in code is markup but its end. */
function code(text: string): string {
  return `\`${printable(text).replaceAll('`', "'")}\``;
}

/** In a table's cell `|` ends the cell, in code too, and behind a backslash cannot be kept from it. */
function codeCell(text: string): string {
  return code(text).replaceAll('\\|', '\\¦').replaceAll('|', '\\|');
}

/** What would be a link, an image, code or another cell is text. */
function escapeCell(text: string): string {
  return printable(text)
    .replaceAll(/[\\|[`]/g, '\\$&')
    .replaceAll('<', '&lt;');
}
