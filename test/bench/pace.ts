import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeOrders } from './data.js';
import { judge } from './pace-goals.js';
import { type PaceSeen, servePace } from './pace-server.js';
import { measure } from './process.js';

/**
 * `npm run bench:pace -- [--rate N] [--seconds N] [--halve-after SECONDS] [--growth SHARE] [--json]`: how well `send`
 * keeps a limit that the server enforces, speed and acceleration, over real HTTP. Ends with 1 where a goal is not met.
 */
const { values } = parseArgs({
  options: {
    rate: { type: 'string', default: '270' },
    seconds: { type: 'string', default: '120' },
    'halve-after': { type: 'string', default: '0' },
    growth: { type: 'string', default: '0.6' },
    json: { type: 'boolean', default: false },
    server: { type: 'boolean', default: false },
  },
});
const rate = Number(values.rate);
const seconds = Number(values.seconds);
const halveAfter = Number(values['halve-after']);

if (values.server) servePace(rate, Math.ceil(rate * Number(values.growth)), halveAfter);
else report(await run());

async function run(): Promise<PaceSeen> {
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
    const binary = join(process.cwd(), 'bin', 'rokt-capi.js');
    const options = ['--config', config, '--endpoint', `${url}/v2`, '--rate', values.rate];
    await measure([binary, 'send', file, ...options, '--no-state', '--quiet'], {
      ROKT_CAPI_API_KEY: 'bench',
      ROKT_CAPI_API_SECRET: 'bench',
    });
    return JSON.parse(await (await fetch(url)).text());
  } finally {
    server.kill();
    rmSync(directory, { recursive: true, force: true });
  }
}

function report(seen: PaceSeen): void {
  const goals = judge(seen, rate);
  // Both processes share the machine with whatever else runs: a busy one delays requests, and so disturbs the pace.
  const load = loadavg().map((value) => value.toFixed(2));
  if (values.json) process.stdout.write(`${JSON.stringify({ rate, goals, load, seen })}\n`);
  else {
    const verdicts = goals.map(
      ({ goal, measured, met }) => `${met ? 'met    ' : 'NOT MET'}  ${goal}: ${measured}`,
    );
    const refused = seen.refused.map(({ second, limit }) => `${second} ${limit}`).join(', ') || 'none';
    const left =
      'left out: the run-up of 3 s (growth is limited), 10 s after a halving, the last second (not whole)';
    process.stdout.write(
      `${[...verdicts, left, `429 by second: ${refused}`, `load: ${load.join(' ')}`].join('\n')}\n`,
    );
  }
  process.exitCode = goals.every(({ met }) => met) ? 0 : 1;
}
