import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { listen } from '../listen.js';
import { dropReason, type ReceivedBatch, readRequest } from './batch-rules.js';
import { RateLimit } from './rate-limit.js';

/** How a sandbox is to behave. */
export interface SandboxSettings {
  /** Address to listen on; default 127.0.0.1. */
  readonly host?: string;
  /** Default 0: any free port. */
  readonly port?: number;
  /** Batches a second; 0 for no limit. Default 270. */
  readonly batchesPerSecond?: number;
  /** Ms before each answer; default 0. */
  readonly latencyMs?: number;
  /** Called for every batch that is kept, once: not for duplicates. */
  readonly onAccepted?: (batch: ReceivedBatch, path: string) => void | Promise<void>;
}

/** What a sandbox has seen. */
export interface SandboxSummary {
  readonly requests: number;
  /** Batches kept. */
  readonly accepted: number;
  /** Event data items in them. */
  readonly events: number;
  /** Batches whose `source_request_id` was known. */
  readonly duplicates: number;
  /** Batches dropped without a word, by reason. */
  readonly dropped: Readonly<Record<string, number>>;
  /** Answers by status. */
  readonly answers: Readonly<Record<string, number>>;
  /** The most batches in any one second. */
  readonly peakBatchesPerSecond: number;
}

/** A running sandbox. */
export interface Sandbox {
  /** Base URL, ending in /v2. */
  readonly url: string;
  /** What it has seen so far. */
  summary(): SandboxSummary;
  /** Ends it, also for whoever is connected. */
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

const MAX_BODY_BYTES = 262_144;
const PATH = /^(?:\/[\w-]+)*\/(events|bulkevents|bulkevents\/historical)$/;

/**
 * Starts a local CAPI that keeps the rules of contract.md, sections 1 and 2: what it accepts the real one would, and
 * what the real one drops without a word it counts.
 *
 * @throws UserError `SANDBOX_PORT_TAKEN`.
 */
export async function startSandbox(settings: SandboxSettings = {}): Promise<Sandbox> {
  const { host = '127.0.0.1', port = 0, batchesPerSecond = 270, latencyMs = 0 } = settings;
  const rate = new RateLimit(batchesPerSecond);
  const seen = new Set<string>();
  const counts = { requests: 0, accepted: 0, events: 0, duplicates: 0 };
  const dropped: Record<string, number> = {};
  const answers: Record<string, number> = {};
  const summary = (): SandboxSummary => ({ ...counts, dropped, answers, peakBatchesPerSecond: rate.peak });

  const keep = async (batches: readonly ReceivedBatch[], key: string, path: string): Promise<void> => {
    for (const batch of batches) {
      const reason = dropReason(batch, path.endsWith('historical'), Date.now());
      const id = batch.source_request_id === undefined ? undefined : `${key}\0${batch.source_request_id}`;
      if (reason !== undefined) {
        dropped[reason] = (dropped[reason] ?? 0) + 1;
      } else if (id !== undefined && seen.has(id)) {
        counts.duplicates += 1;
      } else {
        if (id !== undefined) seen.add(id);
        counts.accepted += 1;
        counts.events += batch.events?.length ?? 0;
        await settings.onAccepted?.(batch, path);
      }
    }
  };

  const answerTo = async (request: IncomingMessage): Promise<Answer> => {
    const path = new URL(request.url ?? '/', 'http://sandbox').pathname;
    if (request.method === 'GET' && path === '/healthz') return { status: 200, body: 'ok\n' };
    const match = PATH.exec(path);
    if (match === null) return { status: 404 };
    if (request.method !== 'POST') return { status: 405, headers: { allow: 'POST' } };
    counts.requests += 1;
    const body = await readBody(request);
    const key = keyOf(request.headers.authorization);
    if (key === undefined) return { status: 401 };
    if (!/^application\/json\b/i.test(request.headers['content-type'] ?? '')) {
      return badRequest('Content-Type must be application/json.');
    }
    if (body === undefined) return { status: 413 };
    const read = readRequest(body, match[1] !== 'events');
    if (read.kind === 'bad') return badRequest(read.message);
    const percentUsed = rate.take(read.batches.length, performance.now());
    if (percentUsed === undefined)
      return { status: 429, headers: { 'retry-after': '1', 'x-mp-rate-limit-exceeded': 'org' } };
    await keep(read.batches, key, path);
    return { status: 202, headers: { 'x-mp-rate-limit-percentage-used': String(percentUsed) } };
  };

  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const answer = await answerTo(request);
    if (latencyMs > 0) await new Promise((resolve) => setTimeout(resolve, latencyMs));
    answers[answer.status] = (answers[answer.status] ?? 0) + 1;
    response.writeHead(answer.status, answer.headers).end(answer.body);
  };

  const server = createServer((request, response) => {
    respond(request, response).catch((error: unknown) =>
      response.destroy(error instanceof Error ? error : undefined),
    );
  });
  const { origin, close } = await listen(server, host, port, 'SANDBOX_PORT_TAKEN');
  return { url: `${origin}/v2`, summary, close };
}

/** Undefined where it is too large; it is read to its end all the same, so that the answer arrives. */
async function readBody(request: IncomingMessage): Promise<string | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request) {
    if (!Buffer.isBuffer(chunk)) continue;
    length += chunk.length;
    if (length < MAX_BODY_BYTES) chunks.push(chunk);
  }
  return length < MAX_BODY_BYTES ? Buffer.concat(chunks).toString('utf8') : undefined;
}

/** The API key of a request; undefined where it has no key and secret. */
function keyOf(header: string | undefined): string | undefined {
  const encoded = /^Basic ([A-Za-z0-9+/=]+)$/i.exec(header ?? '')?.[1];
  if (encoded === undefined) return undefined;
  const text = Buffer.from(encoded, 'base64').toString('utf8');
  const colon = text.indexOf(':');
  return colon <= 0 || colon === text.length - 1 ? undefined : text.slice(0, colon);
}

function badRequest(message: string): Answer {
  const body = JSON.stringify({ errors: [{ code: 'BAD_REQUEST', message }] });
  return { status: 400, headers: { 'content-type': 'application/json' }, body };
}
