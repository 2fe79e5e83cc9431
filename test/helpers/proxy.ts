import { createServer, type IncomingMessage } from 'node:http';
import { connect, type Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import { listen } from './listen.js';

/** An HTTP proxy on loopback. */
export interface ProxyServer {
  /** Its address, without the scheme. */
  readonly address: string;
  /** What it was asked for: `host:port`, and the user and password of the one who asked. */
  readonly asked: readonly { readonly target: string | undefined; readonly login: string | undefined }[];
  close(): void;
}

/** Starts a proxy. @param behave what it does when it is asked for a way; default: gives it. */
export async function startProxy(
  behave: (socket: Duplex, request: IncomingMessage) => void = giveWay,
): Promise<ProxyServer> {
  const asked: { target: string | undefined; login: string | undefined }[] = [];
  const sockets = new Set<Socket>();
  const server = createServer().on('connect', (request, socket) => {
    const { 'proxy-authorization': authorization } = request.headers;
    const login =
      authorization && Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('utf8');
    asked.push({ target: request.url, login });
    socket.on('error', () => undefined);
    behave(socket, request);
  });
  server.on('connection', (socket) => sockets.add(socket));
  const port = await listen(server);
  return {
    address: `127.0.0.1:${port}`,
    asked,
    close: () => {
      for (const socket of sockets) socket.destroy();
      server.close();
    },
  };
}

function giveWay(socket: Duplex, { url = '' }: IncomingMessage): void {
  const [host = '', port] = url.split(':');
  const onward = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
    socket.pipe(onward).pipe(socket);
  });
  onward.on('error', () => socket.destroy());
}
