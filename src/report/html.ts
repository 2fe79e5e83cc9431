import { DECISIONS } from './audiences.js';
import { STATES } from './books.js';
import type { Check } from './checks.js';
import { comparisonSections } from './comparison-text.js';
import { formatPlace, problemName } from './group.js';
import { STYLE } from './html-style.js';
import { escapeMarkup } from './markup.js';
import { currencyName, formatPeriod, namedShares, percent, type QualityReport } from './quality.js';
import type { Report } from './report.js';
import type { AudienceResult } from './result.js';
import { counted, fileNames, whichRun } from './words.js';

/** With more days than this, they are shown by month. */
const MOST_DAYS = 62;

/** The report as one page that needs nothing else: no scripts, nothing from elsewhere; for screens and paper. */
export function toHtml(report: Report): string {
  const { checks, files, result } = report;
  const failed = checks.filter(({ status }) => status === 'failed').length;
  const title = `rokt-capi: ${fileNames(files)}`;
  const verdict = failed === 0 ? 'All checks passed' : `${counted(failed, 'check')} failed`;
  const { quality } = result;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<title>${escapeMarkup(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header>
<p class="verdict ${failed === 0 ? 'passed' : 'failed'}">${verdict}</p>
<h1>${escapeMarkup(fileNames(files))}</h1>
<p class="quiet">${escapeMarkup(whichRun(report))}</p>
</header>
<section aria-label="Records">
<ul class="states">
<li><b>${number(result.read)}</b> read</li>
${STATES.map((state) => tile(result[state], state === 'accepted' && result.dryRun ? 'would be sent' : state, state)).join('\n')}
</ul>
</section>
${(result.audiences ?? []).map((one) => audienceSection(one, result.dryRun)).join('')}<section>
<h2>Checks</h2>
<ul class="checks">
${checks.map(checkItem).join('\n')}
</ul>
</section>
${reasons(report)}${differences(report)}${quality === undefined || quality.records === 0 ? '' : qualitySections(quality)}</main>
</body>
</html>
`;
}

function audienceSection(one: AudienceResult, dryRun: boolean): string {
  const tiles = [
    tile(one.members, dryRun ? 'members then' : 'members'),
    ...DECISIONS.map((decision) => tile(one[decision], decision)),
    ...(['held back', 'refused'] as const).flatMap((why) => {
      const count = why === 'refused' ? one.refused : one.held;
      return count === 0 ? [] : [tile(count, `${count === 1 ? 'leave' : 'leaves'} ${why}`, 'rejected')];
    }),
  ];
  return `<section>\n<h2>Audience ${escapeMarkup(one.audience)}</h2>\n<ul class="states">\n${tiles.join('\n')}\n</ul>\n</section>\n`;
}

function tile(count: number, name: string, kind = ''): string {
  const classes = [kind, count === 0 ? 'none' : ''].filter((one) => one !== '').join(' ');
  return `<li${classes === '' ? '' : ` class="${classes}"`}><b>${number(count)}</b> ${name}</li>`;
}

function checkItem({ name, status, message, places }: Check): string {
  const where = places.map((place) => `<code>${escapeMarkup(formatPlace(place))}</code>`).join(' ');
  return `<li class="${status}"><span class="status">${status}</span><div><code>${escapeMarkup(name)}</code><p>${escapeMarkup(message)}</p>${where === '' ? '' : `<p class="quiet">first at ${where}</p>`}</div></li>`;
}

function reasons({ result }: Report): string {
  const tallies = [
    ...result.rejections.map((tally) => ({ tally, kind: 'failed' })),
    ...result.warnings.map((tally) => ({ tally, kind: 'warning' })),
  ];
  if (tallies.length === 0) return '';
  const most = Math.max(...tallies.map(({ tally }) => tally.count));
  const rows = tallies.map(({ tally, kind }) =>
    bar(problemName(tally), number(tally.count), tally.count / most, kind),
  );
  return `<section>\n<h2>Reasons</h2>\n${table(rows)}</section>\n`;
}

function differences({ result }: Report): string {
  if (result.comparison === undefined) return '';
  const parts = comparisonSections(result.comparison).map(({ title, rows }) => {
    const most = Math.max(1, ...rows.map(({ count }) => count));
    const bars = rows.map(({ sign = '', text, count }) =>
      bar(`${sign} ${text}`.trim(), number(count), count / most),
    );
    return `<section>\n<h2>${escapeMarkup(title)}</h2>\n${table(bars)}</section>\n`;
  });
  return parts.join('');
}

function qualitySections(quality: QualityReport): string {
  const identifiers = namedShares(quality).map(([name, { records, share }]) =>
    bar(name, `${percent(share)} · ${number(records)}`, share),
  );
  const { unit, periods } = periodsOf(quality);
  const most = Math.max(...periods.map(([, events]) => events));
  const days = periods.map(([period, events]) => bar(period, number(events), events / most));
  const amounts = quality.amounts.map(
    ({ currency, events, total }) =>
      `<tr><th scope="row">${escapeMarkup(currencyName(currency))}</th><td class="number">${number(total, 2)}</td><td class="number quiet">${number(events)} ${events === 1 ? 'event' : 'events'}</td></tr>`,
  );
  return `<section>
<h2>Identifiers</h2>
<p class="quiet">of ${number(quality.records)} deliverable records</p>
${table(identifiers)}</section>
<section>
<h2>Events by ${unit}</h2>
<p class="quiet">${escapeMarkup(formatPeriod(quality))}</p>
${table(days)}</section>
${amounts.length === 0 ? '' : `<section>\n<h2>Amounts</h2>\n${table(amounts, 'amounts')}</section>\n`}`;
}

function periodsOf({ days }: QualityReport): {
  readonly unit: 'day' | 'month';
  readonly periods: readonly (readonly [string, number])[];
} {
  if (days.length <= MOST_DAYS) return { unit: 'day', periods: days.map(({ day, events }) => [day, events]) };
  const months = new Map<string, number>();
  for (const { day, events } of days) {
    const month = day.slice(0, 7);
    months.set(month, (months.get(month) ?? 0) + events);
  }
  return { unit: 'month', periods: [...months] };
}

function table(rows: readonly string[], kind = 'bars'): string {
  return `<table class="${kind}">\n${rows.join('\n')}\n</table>\n`;
}

function bar(name: string, value: string, share: number, kind = ''): string {
  const width = Math.max(0, Math.min(100, share * 100)).toFixed(1);
  return `<tr><th scope="row">${escapeMarkup(name)}</th><td class="bar"><div class="${kind}" style="width:${width}%"></div></td><td class="number">${escapeMarkup(value)}</td></tr>`;
}

function number(value: number, decimals = 0): string {
  return value.toLocaleString('en-US', { minimumFractionDigits: decimals, maximumFractionDigits: decimals });
}
