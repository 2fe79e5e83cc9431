import { describe, expect, it } from 'vitest';
import { toAnnotations } from '../../src/report/annotations.js';
import type { Check } from '../../src/report/checks.js';
import { toHtml } from '../../src/report/html.js';
import { toJunit } from '../../src/report/junit.js';
import { toMarkdown } from '../../src/report/markdown.js';
import type { QualityReport } from '../../src/report/quality.js';
import type { Report } from '../../src/report/report.js';
import type { AudienceResult } from '../../src/report/result.js';

/** Names that would be markup if they were not written as text. */
const [FILE, FIELD, CURRENCY] = [`<o>|"'&.csv`, 'eventProperties.<b>|x', 'A<B'];
const share = { records: 1, share: 0.5 };
const QUALITY: QualityReport = {
  records: 2,
  identifiers: { email: share, customerId: share, rtid: share, deviceId: share, ip: share },
  several: share,
  hashedEmails: share,
  days: [
    { day: '2026-11-01', events: 1 },
    { day: '2026-11-02', events: 4 },
  ],
  amounts: [
    { currency: CURRENCY, events: 1, total: 1234.5 },
    { currency: '', events: 2, total: 5 },
  ],
  oldest: '2026-11-01T10:20:30.000Z',
  newest: '2026-11-02T11:21:31.000Z',
  warnings: [],
};
const places = [2, 3, 4].map((line) => ({ file: FILE, line }));
const CHECKS: readonly Check[] = [
  { name: 'rejects', status: 'failed', message: '1 of 3 records are rejected.', places: [] },
  { name: 'require rtid>=20%', status: 'passed', message: 'rtid 50.0 %', places: [] },
  {
    name: `ATTRIBUTE_NOT_SCALAR ${FIELD}`,
    status: 'warning',
    message: '3 × It is <none> | & left out.',
    places,
  },
];

function reportOf({
  quality = QUALITY,
  checks = CHECKS,
  audiences = [],
}: {
  quality?: QualityReport;
  checks?: readonly Check[];
  audiences?: readonly AudienceResult[];
} = {}): Report {
  return {
    version: 1,
    createdAt: '2026-11-23T02:15:00.123Z',
    files: [FILE, 'b.csv'],
    destination: 'https://example.test/v2',
    checks,
    result: {
      ...{ runId: 'run-1', read: 3, accepted: 1_234, duplicate: 0, skipped: 0, rejected: 1, pending: 0 },
      ...{ requests: 1, batches: 1, events: 1, retries: 0, throttled: 0, durationMs: 1_264, dryRun: false },
      exitCode: 3,
      quality,
      audiences,
      rejections: [{ code: 'IDENTIFIER_MISSING', message: 'Nobody.', count: 1, places: [] }],
      warnings: [
        { code: 'ATTRIBUTE_NOT_SCALAR', field: FIELD, message: 'It is left out.', count: 4, places },
      ],
    },
  };
}

const EMPTY: QualityReport = { ...QUALITY, records: 0 };
const PASSED = CHECKS.filter(({ status }) => status === 'passed');

it('every report names the column of a place, where that is known', () => {
  const place = { file: 'o.csv', line: 2, column: 'Total <net>' };
  const checks: readonly Check[] = [
    { name: 'AMOUNT_UNREADABLE', status: 'failed', message: '1 × No number.', places: [place] },
  ];
  const report = reportOf({ checks });
  expect(toMarkdown(report)).toContain('o.csv:2 (Total <net>)');
  for (const text of [toHtml(report), toJunit(report)]) expect(text).toContain('o.csv:2 (Total &lt;net&gt;)');
});

describe('a report as a page', () => {
  it('says all that there is to say, names as text and never as markup', () => {
    const html = toHtml(reportOf());
    const said = [
      '<title>rokt-capi: &lt;o&gt;|&quot;&#39;&amp;.csv, b.csv</title>',
      '<p class="verdict failed">1 check failed</p>',
      '<h1>&lt;o&gt;|&quot;&#39;&amp;.csv, b.csv</h1>',
      'to https://example.test/v2 · 2026-11-23 02:15 UTC · run run-1',
      '<li class="accepted"><b>1,234</b> accepted</li>',
      '<li class="duplicate none"><b>0</b> duplicate</li>',
      'first at <code>&lt;o&gt;|&quot;&#39;&amp;.csv:2</code>',
      '<th scope="row">IDENTIFIER_MISSING</th><td class="bar"><div class="failed" style="width:25.0%">',
      `<th scope="row">ATTRIBUTE_NOT_SCALAR (eventProperties.&lt;b&gt;|x)</th><td class="bar"><div class="warning" style="width:100.0%">`,
      '<th scope="row">RTID</th><td class="bar"><div class="" style="width:50.0%"></div></td><td class="number">50.0 % · 1</td>',
      '2026-11-01 10:20 to 2026-11-02 11:21 UTC',
      '<th scope="row">2026-11-01</th><td class="bar"><div class="" style="width:25.0%">',
      '<table class="amounts">',
      '<th scope="row">A&lt;B</th><td class="number">1,234.50</td><td class="number quiet">1 event</td>',
      '<th scope="row">(no currency)</th><td class="number">5.00</td><td class="number quiet">2 events</td>',
    ];
    for (const text of said) expect(html).toContain(text);
    for (const name of [FILE, FIELD, CURRENCY]) expect(html).not.toContain(name);
  });

  it('says that all checks passed, and nothing of match quality where there is none', () => {
    const html = toHtml(reportOf({ quality: EMPTY, checks: PASSED }));
    expect(html).toContain('<p class="verdict passed">All checks passed</p>');
    for (const title of ['Identifiers', 'Events by', 'Amounts']) expect(html).not.toContain(title);
    expect(toHtml(reportOf({ quality: { ...QUALITY, amounts: [] } }))).not.toContain('Amounts');
  });

  it('has the events by month where there are more than 62 days', () => {
    const days = Array.from({ length: 63 }, (_, n) => {
      return { day: new Date(Date.UTC(2026, 8, 1 + n)).toISOString().slice(0, 10), events: 2 };
    });
    expect(toHtml(reportOf({ quality: { ...QUALITY, days: days.slice(1) } }))).toContain('Events by day');
    const html = toHtml(reportOf({ quality: { ...QUALITY, days } }));
    expect(html).toContain('Events by month');
    for (const [month, events] of [
      ['2026-09', 60],
      ['2026-10', 62],
      ['2026-11', 4],
    ]) {
      expect(html).toMatch(new RegExp(`${month}</th>.*<td class="number">${events}</td>`));
    }
  });
});

it('a report of a sync tells of each audience who joined, who left, and whose leave is held back', () => {
  const examples = { joined: [], left: [], updated: [], unchanged: [] };
  const counts = { members: 1_040, joined: 40, left: 3, updated: 2, unchanged: 998, examples };
  const audiences = [
    { audience: 'vip', ...counts, held: 0, refused: 0 },
    { audience: '<a>|b', ...counts, held: 7, refused: 1 },
  ];
  const html = toHtml(reportOf({ audiences }));
  for (const text of [
    '<h2>Audience vip</h2>',
    '<h2>Audience &lt;a&gt;|b</h2>',
    '<li><b>1,040</b> members</li>',
    '<li><b>40</b> joined</li>',
    '<li><b>3</b> left</li>',
    '<li><b>2</b> updated</li>',
    '<li><b>998</b> unchanged</li>',
    '<li class="rejected"><b>7</b> leaves held back</li>',
    '<li class="rejected"><b>1</b> leave refused</li>',
  ])
    expect(html).toContain(text);
  expect(html.match(/leaves? (held back|refused)/g), 'only where there are such').toHaveLength(2);
  expect(toMarkdown(reportOf({ audiences }))).toContain(`
| audience | members | joined | left | updated | unchanged | leaves held back | leaves refused |
| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |
| \`vip\` | 1040 | 40 | 3 | 2 | 998 | 0 | 0 |
| \`<a>\\|b\` | 1040 | 40 | 3 | 2 | 998 | 7 | 1 |
`);
});

it('a report as a page or as JUnit has no controls, nor what turns the direction', () => {
  const odd: Check = { status: 'failed', name: 'a\u009b\u202eb\u0000', message: 'c\u007f\td', places: [] };
  for (const text of [toHtml, toJunit].map((format) => format(reportOf({ checks: [odd] })))) {
    expect(text).toContain('a\ufffd\ufffdb\ufffd');
    expect(text).toContain('c\ufffd\td');
    expect(text).not.toMatch(/(?![\t\n])[\p{Cc}\u202e]/u);
  }
});

it('a report as JUnit has a case for each check, with its place', () => {
  expect(toJunit(reportOf())).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="rokt-capi &lt;o&gt;|&quot;&#39;&amp;.csv, b.csv" tests="3" failures="1" errors="0" skipped="0" time="1.264" timestamp="2026-11-23T02:15:00">
    <properties>
      <property name="runId" value="run-1"/>
      <property name="dryRun" value="false"/>
      <property name="read" value="3"/>
      <property name="accepted" value="1234"/>
      <property name="duplicate" value="0"/>
      <property name="skipped" value="0"/>
      <property name="rejected" value="1"/>
      <property name="pending" value="0"/>
    </properties>
    <testcase classname="rokt-capi" name="rejects" time="0">
      <failure message="1 of 3 records are rejected.">1 of 3 records are rejected.</failure>
    </testcase>
    <testcase classname="rokt-capi" name="require rtid&gt;=20%" time="0"/>
    <testcase classname="rokt-capi" name="ATTRIBUTE_NOT_SCALAR eventProperties.&lt;b&gt;|x" time="0">
      <system-out>Warning: 3 × It is &lt;none&gt; | &amp; left out.
&lt;o&gt;|&quot;&#39;&amp;.csv:2
&lt;o&gt;|&quot;&#39;&amp;.csv:3
&lt;o&gt;|&quot;&#39;&amp;.csv:4</system-out>
    </testcase>
  </testsuite>
</testsuites>
`);
});

it('a report as JUnit has one case for all checks of a name: of several GitLab shows the first alone', () => {
  const check = (status: Check['status'], message: string, line: number): Check => {
    return { name: 'CSV_RAGGED_ROW', status, message, places: [{ file: 'b.csv', line }] };
  };
  const checks = [
    check('warning', '1 × warned', 9),
    check('failed', '2 × two', 2),
    check('failed', '1 × six', 5),
  ];
  const junit = toJunit(reportOf({ checks }));
  expect(junit).toContain('tests="1" failures="1"');
  expect(junit).toContain(`    <testcase classname="rokt-capi" name="CSV_RAGGED_ROW" time="0">
      <failure message="2 × two 1 × six">2 × two
b.csv:2
1 × six
b.csv:5</failure>
      <system-out>Warning: 1 × warned
b.csv:9</system-out>
    </testcase>
`);
});

describe('a report as Markdown', () => {
  it('has a table of states, of checks, of identifiers and of amounts: those in cents can be seen in a pull request', () => {
    expect(toMarkdown(reportOf())).toMatchInlineSnapshot(`
      "### ❌ rokt-capi: \`<o>|"'&.csv\`, \`b.csv\`

      to https://example.test/v2 · 2026-11-23 02:15 UTC · run run-1

      | read | accepted | duplicate | skipped | rejected | pending |
      | ---: | ---: | ---: | ---: | ---: | ---: |
      | 3 | 1234 | 0 | 0 | 1 | 0 |

      | | check | |
      | --- | --- | --- |
      | ❌ | \`rejects\` | 1 of 3 records are rejected. |
      | ✅ | \`require rtid>=20%\` | rtid 50.0 % |
      | ⚠️ | \`ATTRIBUTE_NOT_SCALAR eventProperties.<b>\\|x\` | 3 × It is &lt;none> \\| & left out. (\`<o>\\|"'&.csv:2\`, \`<o>\\|"'&.csv:3\`, \`<o>\\|"'&.csv:4\`) |

      | identifier | records | share |
      | --- | ---: | ---: |
      | e-mail | 1 | 50.0 % |
      | customer id | 1 | 50.0 % |
      | RTID | 1 | 50.0 % |
      | device id | 1 | 50.0 % |
      | ip with user agent | 1 | 50.0 % |
      | two or more | 1 | 50.0 % |
      | e-mail came hashed | 1 | 50.0 % |

      events from 2026-11-01 10:20 to 2026-11-02 11:21 UTC

      | currency | events | total |
      | --- | ---: | ---: |
      | A&lt;B | 1 | 1234.50 |
      | (no currency) | 2 | 5.00 |
      "
    `);
  });

  it('lets no name end its cell, or be a link', () => {
    const name = 'a\\| ![x](https://evil.test/p) |`';
    const odd: Check = { status: 'failed', name, message: name, places: [{ file: name, line: 1 }] };
    expect(toMarkdown(reportOf({ checks: [odd] }))).toContain(
      "| ❌ | `a\\¦ ![x](https://evil.test/p) \\|'` | a\\\\\\| !\\[x](https://evil.test/p) \\|\\` (`a\\¦ ![x](https://evil.test/p) \\|':1`) |",
    );
  });

  it('says nothing of match quality where there is none', () => {
    const markdown = toMarkdown(reportOf({ quality: EMPTY, checks: PASSED }));
    expect(markdown).toMatch(/^### ✅ rokt-capi/);
    expect(markdown).not.toContain('identifier');
  });
});

describe('annotations', () => {
  it('name the first place of each check that is not passed, failures first', () => {
    expect(toAnnotations(CHECKS)).toBe(
      `::error title=rokt-capi rejects::1 of 3 records are rejected.\n::warning file=<o>|"'&.csv,line=2,title=rokt-capi ATTRIBUTE_NOT_SCALAR eventProperties.<b>|x::3 × It is <none> | & left out.\n`,
    );
    const odd: Check = { status: 'failed', name: 'a:b,c%', message: '1 %, 2: 3', places: [] };
    expect(toAnnotations([odd])).toBe('::error title=rokt-capi a%3Ab%2Cc%25::1 %25, 2: 3\n');
  });

  it('tell controls by their numbers, which a log would obey', () => {
    const name = 'a\u001b[2J\u0007##[error]\u202e';
    const odd: Check = { status: 'failed', name, message: name, places: [{ file: name, line: 1 }] };
    const told = 'a\\u001b[2J\\u0007\\u0023#[error]\\u202e';
    expect(toAnnotations([odd])).toBe(`::error file=${told},line=1,title=rokt-capi ${told}::${told}\n`);
  });

  it('are ten of each kind at most, as many as GitHub shows', () => {
    const many = (status: Check['status']): Check[] =>
      Array.from({ length: 11 }, (_, n) => ({ name: `c${n}`, status, message: 'm', places: [] }));
    const lines = toAnnotations([...many('warning'), ...many('failed')])
      .trimEnd()
      .split('\n');
    expect(lines.map((line) => line.split(' ')[0])).toEqual([
      ...Array(10).fill('::error'),
      ...Array(10).fill('::warning'),
    ]);
  });
});
