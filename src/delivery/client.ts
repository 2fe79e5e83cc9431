import { Agent, buildConnector, type Dispatcher } from 'undici';
import type { Credentials } from '../config/credentials.js';
import { proxyFor } from '../config/proxy.js';
import { propertyOf } from '../json.js';
import { CONNECTING } from './connecting.js';
import { exchange, NotSent, type Response } from './exchange.js';
import { networkReason } from './network-reason.js';
import { OpenSockets } from './open-sockets.js';
import type { FinalAnswer } from './outcome.js';
import type { Throttle } from './pacer.js';
import { ProxyError, tunnelConnector } from './proxy-tunnel.js';
import { createRedactor } from './redact.js';

/** What became of one try of a request. */
export type Answer =
  /** 2xx. `usagePercent` from `X-mp-rate-limit-percentage-used`, where the server gave it. */
  | { readonly kind: 'accepted'; readonly usagePercent?: number }
  /** 400 or 413: something in it is wrong, and the whole request was refused. */
  | { readonly kind: 'refused'; readonly status: number; readonly message: string }
  /** 429. */
  | { readonly kind: 'throttled'; readonly throttle: Throttle }
  | FinalAnswer
  /** 408, 425, 5xx, or no answer at all; to be tried again. `arrived`: it may have been processed. */
  | {
      readonly kind: 'failed';
      readonly reason: string;
      readonly arrived: boolean;
      readonly retryAfterMs?: number;
    };

/** Sends request bodies to a Conversions API. */
export interface Client {
  /** One try, given up when `signal` aborts. Never throws for what the network or the server does. */
  post(path: string, body: Uint8Array, signal: AbortSignal): Promise<Answer>;
  /** Whether no body waits to be sent, in whole or in part: else those that were posted must stay as they are. */
  readonly isFlushed: boolean;
  /** Closes all connections, whatever they are at. */
  close(): Promise<void>;
}

/** How long each part of a request may take, in ms. */
export interface Timeouts {
  readonly connectMs: number;
  /** From the end of the request's body to the answer's headers. */
  readonly headersMs: number;
  /** From the beginning of the answer to its end. */
  readonly bodyMs: number;
}

/** 10 s to connect, 30 s for headers, 30 s for the body. */
const DEFAULT_TIMEOUTS: Timeouts = { connectMs: 10_000, headersMs: 30_000, bodyMs: 30_000 };

const MAX_MESSAGE_LENGTH = 300;

/**
 * An HTTP client for one endpoint. Redirects are not followed: credentials stay with the host they are for. A proxy
 * is taken from `HTTPS_PROXY` and `NO_PROXY`, never for plain HTTP, which only goes to this machine.
 *
 * @param endpoint base URL without a slash at its end.
 * @throws UserError `PROXY_INVALID`.
 */
export function createClient(options: {
  readonly endpoint: string;
  readonly credentials: Credentials;
  readonly concurrency: number;
  readonly env: NodeJS.ProcessEnv;
  readonly userAgent: string;
  readonly timeouts?: Timeouts;
}): Client {
  const { endpoint, credentials } = options;
  const { timeouts = DEFAULT_TIMEOUTS } = options;
  const { dispatcher, sockets } = openDispatcher({ ...options, timeouts });
  const { origin, pathname } = new URL(endpoint);
  const login = Buffer.from(`${credentials.key}:${credentials.secret}`).toString('base64');
  // A gateway may repeat in its answer what it was sent, and its words go into the rejects file.
  const redact = createRedactor([login, credentials.secret]);
  const headers = {
    authorization: `Basic ${login}`,
    'content-type': 'application/json',
    // Its words are reported as they are.
    'accept-encoding': 'identity',
    'user-agent': options.userAgent,
  };
  return {
    async post(path, body, signal) {
      try {
        const target = { origin, path: pathname === '/' ? path : pathname + path };
        const request = { ...target, method: 'POST', headers, body } as const;
        const response = await exchange(dispatcher, request, signal, timeouts.bodyMs);
        return toAnswer({ ...response, text: redact(response.text) });
      } catch (error) {
        if (error instanceof NotSent && error.cause instanceof ProxyError && error.cause.status === 407)
          return { kind: 'proxy unauthorized' };
        return { kind: 'failed', reason: networkReason(error), arrived: !(error instanceof NotSent) };
      }
    },
    get isFlushed() {
      return sockets.areFlushed;
    },
    close: () => dispatcher.destroy(),
  };
}

/**
 * Connections to one endpoint, direct or through a proxy: see {@link createClient}.
 *
 * @throws UserError `PROXY_INVALID`.
 */
export function openDispatcher(options: {
  readonly endpoint: string;
  readonly concurrency: number;
  readonly env: NodeJS.ProcessEnv;
  readonly timeouts: Timeouts;
}): {
  readonly dispatcher: Dispatcher;
  /** Whether they go through the proxy of the environment. */
  readonly proxied: boolean;
  readonly sockets: OpenSockets;
} {
  const { endpoint, concurrency, env, timeouts } = options;
  const proxy = proxyFor(endpoint, env);
  const sockets = new OpenSockets();
  const connect =
    proxy === undefined
      ? buildConnector({ ...CONNECTING, timeout: timeouts.connectMs })
      : tunnelConnector(proxy, timeouts.connectMs);
  const dispatcher = new Agent({
    headersTimeout: timeouts.headersMs,
    bodyTimeout: timeouts.bodyMs,
    connections: concurrency,
    pipelining: 1,
    connect: sockets.watch(connect),
  });
  return { dispatcher, proxied: proxy !== undefined, sockets };
}

function toAnswer({ status, headers, text }: Response): Answer {
  if (status >= 200 && status < 300) {
    if (isWebPage(headers, text)) return { kind: 'web page', status };
    const percent = Number(headerOf(headers, 'x-mp-rate-limit-percentage-used') ?? Number.NaN);
    return Number.isFinite(percent) ? { kind: 'accepted', usagePercent: percent } : { kind: 'accepted' };
  }
  if (status === 400 || status === 413) return { kind: 'refused', status, message: messageOf(text) };
  if (status === 401 || status === 403) return { kind: 'unauthorized', status };
  const retryAfterMs = parseRetryAfter(headerOf(headers, 'retry-after'), headerOf(headers, 'date'));
  const retryAfter = retryAfterMs === undefined ? {} : { retryAfterMs };
  if (status === 429) {
    const limit = headerOf(headers, 'x-mp-rate-limit-exceeded');
    return { kind: 'throttled', throttle: { ...retryAfter, ...(limit === undefined ? {} : { limit }) } };
  }
  if (status >= 500 || status === 408 || status === 425) {
    return { kind: 'failed', reason: `the server answered ${status}`, arrived: true, ...retryAfter };
  }
  return { kind: 'unusable', status };
}

/** What has no tag is none: a server may call each of its answers HTML, also an empty one or a word. */
function isWebPage(headers: Response['headers'], text: string): boolean {
  const isHtml = /^\s*text\/html\b/i.test(headerOf(headers, 'content-type') ?? '');
  return (isHtml && /<[!/a-z]/i.test(text)) || /^\s*<(!doctype\s+html|html)\b/i.test(text);
}

function headerOf(headers: Response['headers'], name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : value?.[0];
}

/** The longest time that a server is taken to ask for, in ms. */
const MAX_RETRY_AFTER_MS = 86_400_000;
const HTTP_DATE = /^\w{3}, \d{2} \w{3} \d{4} \d{2}:\d{2}:\d{2} GMT$/;

/**
 * In ms, at most a day. The API gives whole seconds (contract.md); a proxy before it may give an HTTP date (RFC 9110),
 * which is held against the answer's own `Date`, so that no clock has to be right.
 */
function parseRetryAfter(value = '', date = ''): number | undefined {
  const seconds = /^\s*\d{1,9}\s*$/.test(value) ? Number(value) : undefined;
  const ms = seconds !== undefined ? seconds * 1000 : fromHttpDate(value) - fromHttpDate(date);
  return Number.isNaN(ms) ? undefined : Math.min(MAX_RETRY_AFTER_MS, Math.max(0, ms));
}

/** Unix ms; NaN for any other text. */
function fromHttpDate(text: string): number {
  return HTTP_DATE.test(text) ? Date.parse(text) : Number.NaN;
}

/** The server's own words: the documented error body, or else the beginning of whatever it sent. */
function messageOf(text: string): string {
  try {
    const errors = propertyOf(JSON.parse(text), 'errors');
    if (Array.isArray(errors)) {
      const messages = errors
        .map((error: unknown) => propertyOf(error, 'message'))
        .filter((it) => it !== undefined);
      if (messages.length > 0) return messages.join('; ').slice(0, MAX_MESSAGE_LENGTH);
    }
  } catch {
    // No JSON: then it says what it says.
  }
  return text.trim().slice(0, MAX_MESSAGE_LENGTH);
}
