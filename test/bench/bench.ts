import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { casesOf } from './cases.js';
import { writeData } from './data.js';
import { type Goal, goalsOf, type Result } from './goals.js';
import { type Measured, measure, startSink } from './process.js';

/**
 * `npm run bench -- [--rows N] [--seed N] [--repeat N] [--large] [--only TEXT] [--json]`: everything side by side in one
 * run, each in a process of its own. Compare the ratios, not the seconds: machines differ, and the same one from hour to
 * hour. `--repeat`: runs everything so often, and takes the median of each. `--large`: also a file of five times the
 * rows. `--only`: those cases whose names contain one of these texts, with commas between.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    repeat: { type: 'string', default: '1' },
    large: { type: 'boolean', default: false },
    only: { type: 'string', default: '' },
    json: { type: 'boolean', default: false },
  },
});
const rows = Number(values.rows);
const CREDENTIALS = { ROKT_CAPI_API_KEY: 'bench', ROKT_CAPI_API_SECRET: 'bench' };

const directory = mkdtempSync(join(tmpdir(), 'rokt-capi-bench-'));
try {
  process.stderr.write(`${rows} rows, seed ${values.seed}, in ${directory} …\n`);
  const results = await runAll();
  const goals = goalsOf(results);
  process.stdout.write(
    values.json ? `${JSON.stringify({ rows, results, goals })}\n` : format(results, goals),
  );
} finally {
  rmSync(directory, { recursive: true, force: true });
}

async function runAll(): Promise<readonly Result[]> {
  const data = writeData(directory, { rows, seed: Number(values.seed), large: values.large });
  const sink = await startSink();
  const wanted = values.only.split(',');
  const cases = casesOf(process.cwd(), directory, data, sink.url).filter(({ name }) =>
    wanted.some((text) => name.includes(text)),
  );
  const runs = new Map<Result['name'], Measured[]>();
  try {
    for (let round = 0; round < Number(values.repeat); round += 1) {
      rmSync(join(directory, 'state'), { recursive: true, force: true });
      for (const { name, args } of cases) {
        process.stderr.write(`${name} …\n`);
        runs.set(name, [...(runs.get(name) ?? []), await measure(args, CREDENTIALS)]);
      }
    }
  } finally {
    sink.stop();
  }
  return cases.map(({ name, rows: count }) => ({ name, rows: count, ...median(runs.get(name) ?? []) }));
}

/** Of each figure its median. */
function median(runs: readonly Measured[]): Measured {
  const middle = (figures: readonly number[]): number =>
    figures.toSorted((a, b) => a - b)[Math.floor(figures.length / 2)] ?? 0;
  return {
    seconds: middle(runs.map(({ seconds }) => seconds)),
    cpuSeconds: middle(runs.map(({ cpuSeconds }) => cpuSeconds)),
    megabytes: middle(runs.map(({ megabytes }) => megabytes)),
  };
}

function format(results: readonly Result[], goals: readonly Goal[]): string {
  const base = results.find(({ name }) => name === 'bare csv-parse, arrays');
  const start = results.find(({ name }) => name === 'node -e 0');
  const lines = results.map(({ name, rows: count, seconds, cpuSeconds, megabytes }) => {
    // What is asked of small files is their time: there is nothing to compare it with.
    const ratio =
      count < 1000
        ? `${(seconds / (start?.seconds ?? seconds)).toFixed(2)} × node`
        : `${((seconds / count) * ((base?.rows ?? count) / (base?.seconds ?? seconds))).toFixed(2)} × bare arrays`;
    const speed = count < 1000 ? '' : `${Math.round(count / seconds)} rows/s`;
    return `| ${name} | ${seconds.toFixed(2)} s | ${cpuSeconds.toFixed(2)} s | ${speed} | ${ratio} | ${megabytes.toFixed(0)} MB |`;
  });
  return [
    '| what | time | processor time | speed | time a row | peak memory |',
    '| --- | --- | --- | --- | --- | --- |',
    ...lines,
    '',
    ...goals.map(({ goal, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${goal}: ${measured}`),
    '',
  ].join('\n');
}
