import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeOrders } from './data.js';
import { type PaceSeen, servePace } from './pace-server.js';
import { measure } from './process.js';

/**
 * `npm run bench:pace -- [--rate N] [--seconds N] [--halve-after SECONDS] [--growth SHARE]`: how well `send` keeps a
 * limit that the server enforces, speed and acceleration, over real HTTP.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '270' },
    seconds: { type: 'string', default: '120' },
    'halve-after': { type: 'string', default: '0' },
    growth: { type: 'string', default: '0.6' },
    server: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const halveAfter = Number(values['halve-after']);

if (values.server) servePace(rate, Math.ceil(rate * Number(values.growth)), halveAfter);
else await run();

async function run(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'rokt-capi-pace-'));
  const [script = ''] = process.argv.slice(1, 2);
  const server = spawn(process.execPath, [script, '--server', ...process.argv.slice(2)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const port = await new Promise<string>((resolve) => {
      server.stdout.once('data', (chunk: Buffer) => resolve(chunk.toString().trim()));
    });
    const rows = Math.ceil(rate * (halveAfter > 0 ? halveAfter + (seconds - halveAfter) / 2 : seconds));
    const file = join(directory, 'orders.csv');
    writeOrders(file, rows, 1);
    const config = join(directory, 'config.yaml');
    writeFileSync(config, 'version: 1\n');
    const url = `http://127.0.0.1:${port}`;
    await measure(
      [
        join(process.cwd(), 'bin', 'rokt-capi.js'),
        'send',
        file,
        '--config',
        config,
        '--endpoint',
        `${url}/v2`,
        '--rate',
        values.rate,
        '--no-state',
        '--quiet',
      ],
      { ROKT_CAPI_API_KEY: 'bench', ROKT_CAPI_API_SECRET: 'bench' },
    );
    const seen: PaceSeen = JSON.parse(await (await fetch(url)).text());
    process.stdout.write(format(seen));
  } finally {
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

function format(seen: PaceSeen): string {
  const { refused, requests, halvedAt } = seen;
  const taken = Array.from(seen.seconds, (count) => count ?? 0);
  const lines = [
    `${requests} requests, ${refused.length} answered 429 (${((refused.length * 100) / requests).toFixed(2)} %)`,
  ];
  // The first seconds are the run-up, the last one is not whole.
  const steady = taken.slice(3, halvedAt ?? taken.length - 1);
  lines.push(`${share(steady, rate)} % of ${rate} batches a second over ${steady.length} s`);
  if (halvedAt !== undefined) {
    const after = taken.slice(halvedAt, -1);
    const found = after.findIndex((_, from) => Number(share(after.slice(from, from + 3), rate / 2)) >= 95);
    lines.push(
      `halved at ${halvedAt} s: ${found === -1 ? 'never' : `${found} s`} until 95 % of the new limit was used, over three seconds`,
      `${share(after.slice(10), rate / 2)} % of ${rate / 2} from the tenth second on, over ${after.length - 10} s`,
      `429 by second: ${refused.map(({ second, limit }) => `${second} ${limit}`).join(', ')}`,
      `batches by second: ${after.slice(0, 30).join(' ')}`,
    );
  }
  return `${lines.join('\n')}\n`;
}

function share(counts: readonly number[], limit: number): string {
  const total = counts.reduce((sum, count) => sum + count, 0);
  return ((total * 100) / (counts.length * limit)).toFixed(1);
}
