import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type BenchData, writeData } from './data.js';
import { type Measured, measure, startSink } from './process.js';

/**
 * `npm run bench -- [--rows N] [--seed N] [--json]`: everything side by side in one run, each in a process of its own.
 * Compare the ratios, not the seconds: machines differ, and the same one from hour to hour.
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '1000000' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
  },
});
const ROWS = Number(values.rows);
const ROOT = process.cwd();
const BIN = join(ROOT, 'bin', 'rokt-capi.js');
const CREDENTIALS = { ROKT_CAPI_API_KEY: 'bench', ROKT_CAPI_API_SECRET: 'bench' };

interface Result extends Measured {
  readonly name: string;
  /** Records it went through; 0 for what has none. */
  readonly rows: number;
}

const bareCsv = (file: string, columns: boolean): string[] => [
  '--input-type=module',
  '-e',
  `import { createReadStream } from 'node:fs';
   import { parse } from ${JSON.stringify(join(ROOT, 'node_modules/csv-parse/lib/index.js'))};
   let n = 0;
   for await (const row of createReadStream(${JSON.stringify(file)}).pipe(parse({ columns: ${columns} }))) n += row === null ? 0 : 1;`,
];

const bareJson = (file: string): string[] => [
  '--input-type=module',
  '-e',
  `import { createReadStream } from 'node:fs';
   let held = '', n = 0;
   for await (const chunk of createReadStream(${JSON.stringify(file)}, { encoding: 'utf8', highWaterMark: 1 << 18 })) {
     const lines = (held + chunk).split('\\n');
     held = lines.pop();
     for (const line of lines) n += JSON.parse(line).type === 'track' ? 1 : 0;
   }`,
];

async function runAll(directory: string, data: BenchData): Promise<Result[]> {
  const hashing = join(directory, 'hashing.yaml');
  const fields = ['email', 'firstName', 'lastName', 'mobile', 'billingZipcode'];
  writeFileSync(hashing, `version: 1\nhashing: { ${fields.map((name) => `${name}: true`).join(', ')} }\n`);
  const plain = join(directory, 'plain.yaml');
  writeFileSync(plain, 'version: 1\n');
  const sink = await startSink();
  const fast = ['--endpoint', sink.url, '--rate', '1000000', '--quiet'];
  const send = (file: string, config: string, ...rest: string[]): string[] => [
    BIN,
    'send',
    file,
    '--config',
    config,
    '--quiet',
    ...rest,
  ];
  const state = join(directory, 'state');
  const sync = (file: string): string[] => [
    BIN,
    'sync-audience',
    file,
    '--audience',
    'bench',
    '--config',
    plain,
    '--state',
    state,
    ...fast,
  ];
  const cases: [string, number, string[]][] = [
    ['node -e 0', 0, ['-e', '0']],
    ['--help', 0, [BIN, '--help']],
    ['bare csv-parse, arrays', ROWS, bareCsv(data.csv, false)],
    ['bare csv-parse, objects', ROWS, bareCsv(data.csv, true)],
    ['bare JSON.parse by line', ROWS, bareJson(data.ndjson)],
    ['send --dry-run, CSV, no hashes', ROWS, send(data.csv, plain, '--dry-run', '--no-state')],
    ['send --dry-run, CSV, five hashes', ROWS, send(data.csv, hashing, '--dry-run', '--no-state')],
    ['send --dry-run, NDJSON, five hashes', ROWS, send(data.ndjson, hashing, '--dry-run', '--no-state')],
    ['send, unthrottled, --no-state', ROWS, send(data.csv, hashing, ...fast, '--no-state')],
    ['send, unthrottled, state on', ROWS, send(data.csv, hashing, ...fast, '--state', state)],
    ['send again: all duplicate', ROWS, send(data.csv, hashing, ...fast, '--state', state)],
    ['sync-audience, first', ROWS, sync(data.audience)],
    ['sync-audience, 5 % changed', ROWS, sync(data.audienceLater)],
  ];
  const results: Result[] = [];
  try {
    for (const [name, rows, args] of cases) {
      process.stderr.write(`${name} …\n`);
      results.push({ name, rows, ...(await measure(args, CREDENTIALS)) });
    }
  } finally {
    sink.stop();
  }
  return results;
}

function format(results: readonly Result[]): string {
  const base = results.find(({ name }) => name === 'bare csv-parse, arrays')?.seconds ?? 1;
  const start = results[0]?.seconds ?? 1;
  const lines = results.map(({ name, rows, seconds, megabytes }) => {
    const ratio =
      rows === 0 ? `${(seconds / start).toFixed(2)} × node` : `${(seconds / base).toFixed(2)} × bare arrays`;
    const speed = rows === 0 ? '' : `${Math.round(rows / seconds)} rows/s`;
    return `| ${name} | ${seconds.toFixed(2)} s | ${speed} | ${ratio} | ${megabytes.toFixed(0)} MB |`;
  });
  return [
    '| what | time | speed | ratio | peak memory |',
    '| --- | --- | --- | --- | --- |',
    ...lines,
    '',
  ].join('\n');
}

const directory = mkdtempSync(join(tmpdir(), 'rokt-capi-bench-'));
try {
  process.stderr.write(`${ROWS} rows, seed ${values.seed}, in ${directory} …\n`);
  const results = await runAll(directory, writeData(directory, ROWS, Number(values.seed)));
  process.stdout.write(values.json ? `${JSON.stringify({ rows: ROWS, results })}\n` : format(results));
} finally {
  rmSync(directory, { recursive: true, force: true });
}
