import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { brotliCompressSync, gzipSync, constants as zlib } from 'node:zlib';
import { listen } from '../listen.js';
import { DEMO_STYLE, renderDemoPage } from './pages.js';
import { readAsset, renderScript, SCRIPT_NAMES, type ScriptOptions } from './script.js';

/** Browsers and caches keep a script this long, in seconds, before they ask again. */
const MAX_AGE_SECONDS = 3_600;
const CSP =
  "default-src 'none'; script-src 'self'; style-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** A file as it is served, compressed once. */
interface Served {
  readonly type: string;
  readonly cache: string;
  readonly etag: string;
  readonly plain: Buffer;
  readonly gzip: Buffer;
  readonly brotli: Buffer;
}

/** A running server. */
export interface ScriptServer {
  /** Of its root, with a slash at its end. */
  readonly url: string;
  /** Ends it, also for whoever is connected. */
  close(): Promise<void>;
}

/**
 * Serves the script, a demo page and `/healthz`.
 *
 * @param port 0 for any.
 * @throws UserError `PORT_UNUSABLE`.
 */
export async function startScriptServer(
  options: ScriptOptions,
  host: string,
  port: number,
): Promise<ScriptServer> {
  const cached = `public, max-age=${MAX_AGE_SECONDS}`;
  const javascript = 'text/javascript; charset=utf-8';
  const script = toServed(javascript, cached, renderScript('script', options));
  // A browser keeps the script: one with other options needs another address.
  const address = `${SCRIPT_NAMES.script}?${script.etag.replaceAll('"', '')}`;
  const demo = renderDemoPage(address, options.queryParams[0] ?? 'rtid', options.requireConsent);
  const files = new Map<string, Served>([
    [`/${SCRIPT_NAMES.script}`, script],
    [`/${SCRIPT_NAMES.module}`, toServed(javascript, cached, renderScript('module', options))],
    ['/', toServed('text/html; charset=utf-8', 'no-cache', demo)],
    ['/demo.js', toServed(javascript, 'no-cache', readAsset('demo.js'))],
    ['/demo.css', toServed('text/css; charset=utf-8', 'no-cache', DEMO_STYLE)],
    ['/healthz', toServed('text/plain; charset=utf-8', 'no-store', 'ok\n')],
  ]);
  const server = createServer((request, response) => answer(files, request, response));
  const { origin, close } = await listen(server, host, port, 'PORT_UNUSABLE');
  return { url: `${origin}/`, close };
}

function toServed(type: string, cache: string, text: string): Served {
  const plain = Buffer.from(text);
  return {
    type,
    cache,
    etag: `"${createHash('sha256').update(plain).digest('base64url').slice(0, 22)}"`,
    plain,
    gzip: gzipSync(plain, { level: 9 }),
    brotli: brotliCompressSync(plain, { params: { [zlib.BROTLI_PARAM_QUALITY]: 11 } }),
  };
}

function answer(
  files: ReadonlyMap<string, Served>,
  request: IncomingMessage,
  response: ServerResponse,
): void {
  const headers = {
    'x-content-type-options': 'nosniff',
    'content-security-policy': CSP,
    'referrer-policy': 'no-referrer',
    'access-control-allow-origin': '*',
    'cross-origin-resource-policy': 'cross-origin',
  };
  const [path = '/'] = (request.url ?? '/').split('?');
  const file = files.get(path);
  if (file === undefined) {
    response.writeHead(404, { ...headers, 'content-type': 'text/plain; charset=utf-8' }).end('Not found\n');
    return;
  }
  if (request.method !== 'GET' && request.method !== 'HEAD') {
    response.writeHead(405, { ...headers, allow: 'GET, HEAD' }).end();
    return;
  }
  const { encoding, body } = encode(file, request.headers['accept-encoding'] ?? '');
  const etag = encoding === undefined ? file.etag : file.etag.replace(/"$/, `-${encoding}"`);
  const common = { ...headers, 'cache-control': file.cache, etag, vary: 'accept-encoding' };
  const known = (request.headers['if-none-match'] ?? '')
    .split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''));
  if (known.includes(etag) || known.includes('*')) {
    response.writeHead(304, common).end();
    return;
  }
  response.writeHead(200, {
    ...common,
    'content-type': file.type,
    'content-length': body.length,
    ...(encoding === undefined ? {} : { 'content-encoding': encoding }),
  });
  response.end(request.method === 'HEAD' ? undefined : body);
}

function encode(file: Served, accepted: string): { readonly encoding?: string; readonly body: Buffer } {
  const takes = (name: string): boolean =>
    accepted.split(',').some((entry) => {
      const [coding = '', ...parameters] = entry.split(';').map((part) => part.trim().toLowerCase());
      return coding === name && !parameters.some((parameter) => /^q=0(?:\.0*)?$/.test(parameter));
    });
  if (takes('br')) return { encoding: 'br', body: file.brotli };
  if (takes('gzip')) return { encoding: 'gzip', body: file.gzip };
  return { body: file.plain };
}
