import { STATES } from './books.js';
import type { Check } from './checks.js';
import { formatPlace } from './group.js';
import { escapeMarkup } from './markup.js';
import type { Report } from './report.js';
import { fileNames } from './words.js';

/**
 * The report as JUnit XML: one case for all checks of a name, so that CI servers show each name with all that it is about.
 * What `--json` says of the records is in its properties.
 */
export function toJunit({ checks, createdAt, files, result }: Report): string {
  const names = [...new Set(checks.map(({ name }) => name))];
  const cases = names.map((name) =>
    testCase(
      name,
      checks.filter((check) => check.name === name),
    ),
  );
  const failed = new Set(checks.filter(({ status }) => status === 'failed').map(({ name }) => name)).size;
  const seconds = (result.durationMs / 1000).toFixed(3);
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    '<testsuites>',
    `  <testsuite name="rokt-capi ${escapeMarkup(fileNames(files))}" tests="${cases.length}" failures="${failed}" errors="0" skipped="0" time="${seconds}" timestamp="${createdAt.slice(0, 19)}">`,
    '    <properties>',
    ...(['runId', 'dryRun', 'read', ...STATES] as const).map(
      (name) => `      <property name="${name}" value="${escapeMarkup(String(result[name]))}"/>`,
    ),
    '    </properties>',
    ...cases,
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n');
}

function testCase(name: string, checks: readonly Check[]): string {
  const failures = checks.filter(({ status }) => status === 'failed');
  const warnings = checks.filter(({ status }) => status === 'warning');
  const messages = failures.map(({ message }) => message).join(' ');
  const lines = [
    ...(failures.length === 0
      ? []
      : [
          `      <failure message="${escapeMarkup(messages)}">${failures.map(detailOf).join('\n')}</failure>`,
        ]),
    ...(warnings.length === 0
      ? []
      : [
          `      <system-out>${warnings.map((warning) => `Warning: ${detailOf(warning)}`).join('\n')}</system-out>`,
        ]),
  ];
  const open = `    <testcase classname="rokt-capi" name="${escapeMarkup(name)}" time="0"`;
  return lines.length === 0 ? `${open}/>` : [`${open}>`, ...lines, '    </testcase>'].join('\n');
}

function detailOf({ message, places }: Check): string {
  return escapeMarkup([message, ...places.map(formatPlace)].join('\n'));
}
