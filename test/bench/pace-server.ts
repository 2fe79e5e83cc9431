import { createServer } from 'node:http';
import { RateLimit } from '../helpers/rate-limit.js';

/** What a {@link servePace} server has seen. */
export interface PaceSeen {
  /** Batches taken in each second since the first request. */
  readonly seconds: number[];
  /** Refusals with 429: in which second, and by which limit. */
  readonly refused: { readonly second: number; readonly limit: string }[];
  requests: number;
  /** The second in which the limit was halved. */
  halvedAt: number | undefined;
}

/**
 * A server that enforces a speed limit and an acceleration limit, each for every second wherever it begins, and counts.
 * `GET /` says what it saw. Prints its port on standard output.
 *
 * @param perSecond batches a second.
 * @param growth by how many batches a second may exceed the one before it.
 * @param halveAfter seconds after the first request; 0: never.
 */
export function servePace(perSecond: number, growth: number, halveAfter: number): void {
  const limit = new RateLimit(perSecond, growth);
  const seen: PaceSeen = { seconds: [], refused: [], requests: 0, halvedAt: undefined };
  let start: number | undefined;
  const server = createServer((request, response) => {
    if (request.method === 'GET') {
      response.end(JSON.stringify(seen));
      return;
    }
    const body: Buffer[] = [];
    request.on('data', (chunk: Buffer) => body.push(chunk));
    request.on('end', () => {
      const now = performance.now();
      start ??= now;
      const second = Math.floor((now - start) / 1000);
      if (halveAfter > 0 && second >= halveAfter && seen.halvedAt === undefined) {
        seen.halvedAt = second;
        limit.change(perSecond / 2, growth / 2);
      }
      const batches: unknown[] = JSON.parse(Buffer.concat(body).toString());
      seen.requests += 1;
      const verdict = limit.take(batches.length, now);
      if (verdict.kind === 'over') {
        seen.refused.push({ second, limit: verdict.limit });
        response.writeHead(429, {
          'retry-after': String(verdict.retryAfterSeconds),
          'x-mp-rate-limit-exceeded': verdict.limit,
        });
      } else {
        seen.seconds[second] = (seen.seconds[second] ?? 0) + batches.length;
        response.writeHead(202, { 'x-mp-rate-limit-percentage-used': String(verdict.percentUsed) });
      }
      response.end();
    });
  });
  server.listen(0, '127.0.0.1', () => {
    const address = server.address();
    process.stdout.write(`${typeof address === 'object' ? address?.port : ''}\n`);
  });
}
