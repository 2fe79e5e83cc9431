import { request as requestPlain } from 'node:http';
import { request as requestSecure } from 'node:https';
import { isIP, type Socket } from 'node:net';
import { buildConnector, errors } from 'undici';
import type { HttpProxy } from '../config/proxy.js';
import { CHECKED, CONNECTING } from './connecting.js';

/** There was no way through the proxy; its cause, where it did not answer. */
export class ProxyError extends Error {
  /** What it answered; undefined where it did not. */
  readonly status: number | undefined;

  constructor(failure: { readonly status: number } | { readonly cause: unknown }) {
    super('There is no way through the proxy.', 'cause' in failure ? { cause: failure.cause } : {});
    this.status = 'status' in failure ? failure.status : undefined;
  }
}

/**
 * What opens connections to a server through a proxy, for undici. undici's own takes a proxy that closes the connection
 * for one that is worth asking again at once, and for ever.
 *
 * @param timeoutMs how long the proxy may take, and then the server.
 */
export function tunnelConnector(proxy: HttpProxy, timeoutMs: number): buildConnector.connector {
  const connect = buildConnector({ ...CHECKED, timeout: timeoutMs });
  return (options, callback) => {
    const { hostname, host = hostname, port } = options;
    const target = port === '' ? `${host}:443` : host;
    openTunnel(proxy, target, timeoutMs).then(
      (httpSocket) => connect({ ...options, httpSocket }, callback),
      (error: ProxyError) => callback(error, null),
    );
  };
}

/** @throws ProxyError. */
function openTunnel({ url, authorization }: HttpProxy, target: string, timeoutMs: number): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const headers = {
      host: target,
      connection: 'keep-alive',
      'proxy-connection': 'keep-alive',
      ...(authorization === undefined ? {} : { 'proxy-authorization': authorization }),
    };
    const request = (url.protocol === 'https:' ? requestSecure : requestPlain)(url, {
      method: 'CONNECT',
      path: target,
      headers,
      // Else Node takes it from the header `host`.
      servername: isIP(url.hostname.replace(/^\[|\]$/g, '')) === 0 ? url.hostname : '',
      agent: false,
      ...CONNECTING,
    });
    const limit = setTimeout(() => request.destroy(new errors.ConnectTimeoutError()), timeoutMs);
    request.once('connect', ({ statusCode: status = 0 }, socket: Socket) => {
      clearTimeout(limit);
      if (status >= 200 && status < 300) {
        resolve(socket);
        return;
      }
      // It may go on with its answer, which nobody reads.
      socket.on('error', () => undefined).destroy();
      reject(new ProxyError({ status }));
    });
    request.once('error', (cause) => {
      clearTimeout(limit);
      reject(new ProxyError({ cause }));
    });
    request.end();
  });
}
