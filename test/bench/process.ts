import { spawn } from 'node:child_process';
import type { Readable } from 'node:stream';

/** How one whole process did. */
export interface Measured {
  /** Wall time from its start to its end. */
  readonly seconds: number;
  /** Processor time of all its threads. */
  readonly cpuSeconds: number;
  /** Its largest resident set. */
  readonly megabytes: number;
}

/** Has a process report on descriptor 3 what it used, when it ends: `process.resourceUsage()`. */
const TELL_USAGE = `import { writeSync } from 'node:fs';
process.on('exit', () => { try { writeSync(3, JSON.stringify(process.resourceUsage())); } catch {} });`;

/** Runs Node with these arguments to its end, and measures it. Throws where it fails. */
export function measure(args: readonly string[], env: Record<string, string> = {}): Promise<Measured> {
  return new Promise((resolve, reject) => {
    const startedAt = performance.now();
    const child = spawn(
      process.execPath,
      ['--import', `data:text/javascript,${encodeURIComponent(TELL_USAGE)}`, ...args],
      { env: { PATH: process.env.PATH, ...env }, stdio: ['ignore', 'ignore', 'pipe', 'pipe'] },
    );
    let usage = '';
    let errors = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      errors += chunk.toString();
    });
    const report = child.stdio[3] as Readable;
    report.on('data', (chunk: Buffer) => {
      usage += chunk.toString();
    });
    child.on('close', (code) => {
      const seconds = (performance.now() - startedAt) / 1000;
      if (code !== 0) {
        reject(new Error(`node ${args.join(' ')} ended with ${code}: ${errors}`));
        return;
      }
      const { maxRSS, userCPUTime, systemCPUTime }: NodeJS.ResourceUsage = JSON.parse(usage);
      resolve({ seconds, cpuSeconds: (userCPUTime + systemCPUTime) / 1e6, megabytes: maxRSS / 1024 });
    });
  });
}

/** Starts a server in a process of its own that takes everything at once. @returns its base URL, and how to end it. */
export function startSink(): Promise<{ readonly url: string; stop(): void }> {
  const code = `require('node:http').createServer((q, r) => { q.resume(); q.on('end', () => r.writeHead(202).end()); })
    .listen(0, '127.0.0.1', function () { console.log(this.address().port); });`;
  const child = spawn(process.execPath, ['-e', code], { stdio: ['ignore', 'pipe', 'inherit'] });
  return new Promise((resolve) => {
    child.stdout?.once('data', (chunk: Buffer) => {
      resolve({ url: `http://127.0.0.1:${chunk.toString().trim()}/v2`, stop: () => child.kill() });
    });
  });
}
