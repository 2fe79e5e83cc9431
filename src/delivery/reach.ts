import { openDispatcher } from './client.js';
import { networkReason } from './network-reason.js';

/** Whether an endpoint answers. */
export type Reached =
  | {
      readonly kind: 'reached';
      readonly proxied: boolean;
      /** Of the answer: a bare request has no right to a good one (403, 404, 405). */
      readonly status: number;
      readonly roundTripMs: number;
      /** By how much this clock is ahead of the server's `Date`, in ms; undefined where it sends none. */
      readonly clockAheadMs: number | undefined;
    }
  | { readonly kind: 'unreached'; readonly proxied: boolean; readonly reason: string };

const TIMEOUT_MS = 10_000;

/**
 * Asks an endpoint for anything at all, without data and without credentials: each answer, also a 404, will do.
 *
 * @throws UserError `PROXY_INVALID`.
 */
export async function reach(options: {
  readonly endpoint: string;
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
}): Promise<Reached> {
  const { endpoint, env, userAgent } = options;
  const timeouts = { connectMs: TIMEOUT_MS, headersMs: TIMEOUT_MS, bodyMs: TIMEOUT_MS };
  const { dispatcher, proxied } = openDispatcher({ endpoint, env, concurrency: 1, timeouts });
  const { origin, pathname } = new URL(endpoint);
  try {
    const startedAt = performance.now();
    const { statusCode, headers, body } = await dispatcher.request({
      origin,
      path: pathname,
      method: 'HEAD',
      headers: { 'user-agent': userAgent },
    });
    const roundTripMs = performance.now() - startedAt;
    const sentMs = Date.parse(String(headers.date ?? ''));
    await body.dump();
    // The date has whole seconds, cut off, and was written half a round trip ago.
    const clockAheadMs = Number.isNaN(sentMs) ? undefined : Date.now() - roundTripMs / 2 - sentMs - 500;
    return { kind: 'reached', proxied, status: statusCode, roundTripMs, clockAheadMs };
  } catch (error) {
    return { kind: 'unreached', proxied, reason: networkReason(error) };
  } finally {
    await dispatcher.close();
  }
}
