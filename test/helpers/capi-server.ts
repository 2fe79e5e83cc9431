import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Batch } from '../../src/payload/wire.js';
import { closeServer, listen } from './listen.js';

/** What a test server does with one request. */
export type Behaviour =
  /** Takes the batches and answers 202. */
  | {
      readonly kind: 'accept';
      readonly headers?: Record<string, string>;
      readonly delayMs?: number;
      /** What it waits for before it does so. */
      readonly after?: Promise<unknown>;
    }
  /** Answers with a status and takes nothing. */
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers?: Record<string, string>;
      readonly body?: string;
    }
  /** Takes the batches, and never answers. */
  | { readonly kind: 'accept-and-hang' }
  /** Takes the batches, and sends half of an answer. */
  | { readonly kind: 'half-answer' }
  /** The same, and then cuts the connection. */
  | { readonly kind: 'half-answer-and-drop' }
  /** Takes the batches, then cuts the connection without an answer. */
  | { readonly kind: 'accept-and-drop' }
  /** Cuts the connection after reading, taking nothing. */
  | { readonly kind: 'drop' };

/** One request as the server read it. */
export interface SeenRequest {
  readonly at: number;
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
  readonly batches: readonly Batch[];
}

/** A real HTTP server on loopback that misbehaves as told, and holds what it took. */
export interface CapiServer {
  /** Base URL, ending in /v2. */
  readonly url: string;
  readonly requests: readonly SeenRequest[];
  /** Batches taken, in order, each `source_request_id` once. */
  readonly held: readonly Batch[];
  /** Batches that came again after they had been taken. */
  readonly duplicates: number;
  close(): Promise<void>;
}

/**
 * Starts a server; `behave` is asked for every request that was read, and `cut` for every one that arrives, numbered
 * from 1.
 */
export async function startCapiServer(
  behave: (number: number, request: SeenRequest) => Behaviour = () => ({ kind: 'accept' }),
  cut: (arrival: number) => 'before the body' | 'in the body' | undefined = () => undefined,
): Promise<CapiServer> {
  const requests: SeenRequest[] = [];
  const held = new Map<string, Batch>();
  let duplicates = 0;
  let arrivals = 0;
  const take = (batches: readonly Batch[]): void => {
    for (const batch of batches) {
      if (held.has(batch.source_request_id)) duplicates += 1;
      else held.set(batch.source_request_id, batch);
    }
  };
  const handle = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    // As doctor asks whether anybody is there.
    if (request.method === 'HEAD') {
      response.writeHead(404).end();
      return;
    }
    arrivals += 1;
    const where = cut(arrivals);
    if (where === 'before the body') request.socket.resetAndDestroy();
    const chunks: Buffer[] = [];
    for await (const chunk of request) {
      chunks.push(chunk);
      if (where === 'in the body') request.socket.resetAndDestroy();
    }
    if (where !== undefined) return;
    const body = Buffer.concat(chunks).toString('utf8');
    const parsed: Batch | Batch[] = JSON.parse(body);
    const seen: SeenRequest = {
      at: performance.now(),
      path: request.url ?? '',
      authorization: request.headers.authorization,
      body,
      batches: Array.isArray(parsed) ? parsed : [parsed],
    };
    requests.push(seen);
    const behaviour = behave(requests.length, seen);
    switch (behaviour.kind) {
      case 'accept':
        await behaviour.after;
        if (behaviour.delayMs !== undefined)
          await new Promise((resolve) => setTimeout(resolve, behaviour.delayMs));
        take(seen.batches);
        response.writeHead(202, behaviour.headers).end();
        return;
      case 'answer':
        response.writeHead(behaviour.status, behaviour.headers).end(behaviour.body);
        return;
      case 'accept-and-hang':
        take(seen.batches);
        return;
      case 'half-answer':
        take(seen.batches);
        response.writeHead(202, { 'content-length': '100' }).write('half');
        return;
      case 'half-answer-and-drop':
        take(seen.batches);
        response.writeHead(202, { 'content-length': '100' }).write('half');
        setTimeout(() => request.socket.destroy(), 20);
        return;
      case 'accept-and-drop':
        take(seen.batches);
        request.socket.destroy();
        return;
      case 'drop':
        request.socket.destroy();
    }
  };
  const server = createServer((request, response) => {
    handle(request, response).catch(() => request.socket.destroy());
  });
  return {
    url: `http://127.0.0.1:${await listen(server)}/v2`,
    requests,
    get held() {
      return [...held.values()];
    },
    get duplicates() {
      return duplicates;
    },
    close: () => closeServer(server),
  };
}

/** The documented body of a 400. */
export function badRequest(message: string): Behaviour {
  const body = JSON.stringify({ errors: [{ code: 'BAD_REQUEST', message }] });
  return { kind: 'answer', status: 400, headers: { 'content-type': 'application/json' }, body };
}
