import { escapeMarkup } from './markup.js';
import type { Report } from './report.js';
import { fileNames } from './words.js';

/** The report as JUnit XML: one case a check, so that CI servers show each by its name. */
export function toJunit({ checks, createdAt, files, result }: Report): string {
  const failed = checks.filter(({ status }) => status === 'failed').length;
  const cases = checks.map(({ name, status, message, places }) => {
    const where = places.map(({ file, line }) => `${file}:${line}`).join('\n');
    const detail = escapeMarkup([message, where].filter((part) => part !== '').join('\n'));
    const open = `    <testcase classname="rokt-capi" name="${escapeMarkup(name)}" time="0"`;
    if (status === 'failed')
      return `${open}>\n      <failure message="${escapeMarkup(message)}">${detail}</failure>\n    </testcase>`;
    return status === 'warning'
      ? `${open}>\n      <system-out>Warning: ${detail}</system-out>\n    </testcase>`
      : `${open}/>`;
  });
  const seconds = (result.durationMs / 1000).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="rokt-capi ${escapeMarkup(fileNames(files))}" tests="${checks.length}" failures="${failed}" errors="0" skipped="0" time="${seconds}" timestamp="${createdAt.slice(0, 19)}">`,
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}
