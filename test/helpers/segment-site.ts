import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { closeServer, listen } from './listen.js';

const require = createRequire(import.meta.url);
/** The built files of the real `@segment/analytics-next`. */
const SEGMENT = dirname(dirname(require.resolve('@segment/analytics-next/package.json')));
const UMD = join(SEGMENT, 'analytics-next', 'dist', 'umd');

/** Segment's standard snippet, as its documentation gives it, with this site as the host of the library. */
export const LOADER = (origin: string): string =>
  `!function(){var i="analytics",analytics=window[i]=window[i]||[];if(!analytics.initialize)if(analytics.invoked)window.console&&console.error&&console.error("Segment snippet included twice.");else{analytics.invoked=!0;analytics.methods=["trackSubmit","trackClick","trackLink","trackForm","pageview","identify","reset","group","track","ready","alias","debug","page","screen","once","off","on","addSourceMiddleware","addIntegrationMiddleware","setAnonymousId","addDestinationMiddleware","register"];analytics.factory=function(e){return function(){if(window[i].initialized)return window[i][e].apply(window[i],arguments);var n=Array.prototype.slice.call(arguments);if(["track","screen","alias","group","page","identify"].indexOf(e)>-1){var c=document.querySelector("link[rel='canonical']");n.push({__t:"bpc",c:c&&c.getAttribute("href")||void 0,p:location.pathname,u:location.href,s:location.search,t:document.title,r:document.referrer})}n.unshift(e);analytics.push(n);return analytics}};for(var n=0;n<analytics.methods.length;n++){var key=analytics.methods[n];analytics[key]=analytics.factory(key)}analytics.load=function(key,n){var t=document.createElement("script");t.type="text/javascript";t.async=!0;t.setAttribute("data-global-segment-analytics-key",i);t.src="${origin}/analytics.js/v1/"+key+"/analytics.min.js";var r=document.getElementsByTagName("script")[0];r.parentNode.insertBefore(t,r);analytics._loadOptions=n};analytics._writeKey="test-key";analytics._cdn="${origin}";analytics.SNIPPET_VERSION="5.2.1";analytics.load("test-key");}}();`;

/** A Segment call as it would arrive at Segment. */
export interface SegmentCall {
  readonly type: string;
  readonly messageId: string;
  readonly integrations?: Record<string, unknown>;
  readonly [key: string]: unknown;
}

/** A shop's site, Segment's CDN and Segment's API in one. */
export interface SegmentSite {
  readonly origin: string;
  /**
   * What Segment would have received, in order. Each call once: analytics.js sends one again from the next page where the
   * shopper leaves before the answer is there.
   */
  readonly calls: readonly SegmentCall[];
  /** Makes a path answer with a page or a script. */
  serve(path: string, type: 'text/html' | 'text/javascript', content: string): void;
  close(): Promise<void>;
}

/** Starts a site. */
export async function startSegmentSite(): Promise<SegmentSite> {
  const calls: SegmentCall[] = [];
  const pages = new Map<string, { readonly type: string; readonly content: string }>();
  let origin = '';
  const server = createServer(async (request, response) => {
    const path = (request.url ?? '/').split('?')[0] ?? '/';
    const page = pages.get(path);
    const headers = { 'access-control-allow-origin': '*', 'access-control-allow-headers': '*' };
    if (request.method === 'OPTIONS') {
      response.writeHead(204, headers).end();
    } else if (page !== undefined) {
      response.writeHead(200, { ...headers, 'content-type': page.type }).end(page.content);
    } else if (path.endsWith('/analytics.min.js')) {
      response.writeHead(200, { ...headers, 'content-type': 'text/javascript' });
      response.end(readFileSync(join(UMD, 'standalone.js')));
    } else if (path.includes('/analytics-next/bundles/')) {
      response.writeHead(200, { ...headers, 'content-type': 'text/javascript' });
      response.end(readFileSync(join(UMD, path.split('/').at(-1) ?? '')));
    } else if (path.endsWith('/settings')) {
      const apiHost = `${new URL(origin).host}/v1`;
      const settings = {
        integrations: { 'Segment.io': { apiKey: 'test-key', apiHost, protocol: 'http' } },
        plan: { track: { __default: { enabled: true } } },
      };
      response.writeHead(200, { ...headers, 'content-type': 'application/json' });
      response.end(JSON.stringify(settings));
    } else if (path.startsWith('/v1/')) {
      const call: SegmentCall = JSON.parse(await bodyOf(request));
      if (calls.every(({ messageId }) => messageId !== call.messageId)) calls.push(call);
      response.writeHead(200, headers).end('{"success":true}');
    } else {
      response.writeHead(404, headers).end();
    }
  });
  origin = `http://127.0.0.1:${await listen(server)}`;
  return {
    origin,
    calls,
    serve: (path, type, content) => pages.set(path, { type, content }),
    close: () => closeServer(server),
  };
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}
