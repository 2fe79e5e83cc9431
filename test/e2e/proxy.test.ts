import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { createServer } from 'node:tls';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { startCapiServer } from '../helpers/capi-server.js';
import { CERTIFICATE, CERTIFICATE_KEY } from '../helpers/certificate.js';
import { useFolder } from '../helpers/folder.js';
import { listen, NOBODY } from '../helpers/listen.js';
import { HEADER, orderRows } from '../helpers/orders.js';
import { CREDENTIALS, run } from '../helpers/program.js';
import { type ProxyServer, startProxy } from '../helpers/proxy.js';

const folder = useFolder();
let proxy: ProxyServer | undefined;
beforeEach(() => {
  writeFileSync(join(folder.path, 'orders.csv'), HEADER + orderRows(0, 20));
  writeFileSync(join(folder.path, 'ca.pem'), CERTIFICATE);
});
afterEach(() => {
  proxy?.close();
});

/** TLS before a port of loopback. */
async function startTls(innerPort: number) {
  const tls = createServer({ key: CERTIFICATE_KEY, cert: CERTIFICATE }, (socket) => {
    const inner = connect(innerPort, '127.0.0.1');
    socket.on('error', () => inner.destroy());
    inner.on('error', () => socket.destroy());
    socket.pipe(inner).pipe(socket);
  });
  return { port: await listen(tls), close: () => tls.close() };
}

/** A CAPI behind TLS, on loopback. */
async function startSecure() {
  const server = await startCapiServer();
  const tls = await startTls(Number(new URL(server.url).port));
  const close = async () => {
    tls.close();
    await server.close();
  };
  return { server, url: `https://localhost:${tls.port}/v2`, port: tls.port, close };
}

async function send(endpoint: string, env: Record<string, string>) {
  writeFileSync(join(folder.path, 'rokt-capi.config.yaml'), 'version: 1\ndelivery: { giveUpAfter: 1s }\n');
  const ended = await run(['send', 'orders.csv', '--endpoint', endpoint, '--json'], {
    cwd: folder.path,
    env: { ...CREDENTIALS, NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem'), ...env },
  });
  const result: Record<string, number | string> = JSON.parse(ended.stdout);
  return { ...ended, result };
}

const doctor = (endpoint: string, env: Record<string, string>) =>
  run(['doctor', '--endpoint', endpoint], {
    cwd: folder.path,
    env: { ...CREDENTIALS, NODE_EXTRA_CA_CERTS: join(folder.path, 'ca.pem'), ...env },
  });

describe('a server or a proxy whose certificate nobody trusts', () => {
  const UNCHECKED = { NODE_TLS_REJECT_UNAUTHORIZED: '0', NODE_EXTRA_CA_CERTS: '' };
  const UNTRUSTED = 'its certificate is not signed by a trusted authority';

  it('gets neither credentials nor data, also where NODE_TLS_REJECT_UNAUTHORIZED says that all are taken', async () => {
    const { server, url, close } = await startSecure();
    proxy = await startProxy();
    for (const HTTPS_PROXY of ['', proxy.address]) {
      const { code, result } = await send(url, { ...UNCHECKED, HTTPS_PROXY });
      expect(code).toBe(5);
      expect(result).toMatchObject({ accepted: 0, pending: 20, stopped: expect.stringContaining(UNTRUSTED) });
      const { stdout } = await doctor(url, { ...UNCHECKED, HTTPS_PROXY });
      expect(stdout).toContain(UNTRUSTED);
    }
    expect(server.requests).toEqual([]);
    await close();
  });

  it('gets no user and password of a proxy either', async () => {
    proxy = await startProxy((socket) => socket.end('HTTP/1.1 503 No\r\n\r\n'));
    const tls = await startTls(Number(proxy.address.split(':')[1]));
    const env = { ...UNCHECKED, HTTPS_PROXY: `https://user:pass@localhost:${tls.port}` };
    const { stdout } = await doctor('https://capi.invalid/v2', env);
    expect(stdout).toContain(`no way through the proxy: ${UNTRUSTED}`);
    expect(proxy.asked).toEqual([]);
    tls.close();
  });
});

describe('behind a proxy', () => {
  it('each order is delivered once, and user and password of the proxy are sent to it alone', async () => {
    const { server, url, port, close } = await startSecure();
    proxy = await startProxy();
    const HTTPS_PROXY = `http://net%40corp:pass%2Fword@${proxy.address}`;
    const { code, result, stdout, stderr } = await send(url, { HTTPS_PROXY });
    expect(code, stderr).toBe(0);
    expect(result).toMatchObject({ read: 20, accepted: 20, retries: 0 });
    expect(server.held).toHaveLength(20);
    expect(new Set(proxy.asked.map(({ target }) => target))).toEqual(new Set([`localhost:${port}`]));
    expect(new Set(proxy.asked.map(({ login }) => login))).toEqual(new Set(['net@corp:pass/word']));
    const files = readdirSync(folder.path, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => readFileSync(join(entry.parentPath, entry.name), 'latin1'));
    for (const text of [stdout, stderr, ...files]) expect(text).not.toMatch(/pass(\/|%2F)word/);
    await close();
  });

  it('a host that NO_PROXY has is reached without it, and doctor speaks of no proxy', async () => {
    const { server, url, close } = await startSecure();
    proxy = await startProxy((socket) => socket.destroy());
    const env = { HTTPS_PROXY: proxy.address, NO_PROXY: 'internal.example,localhost' };
    expect(await doctor(url, env)).toMatchObject({ code: 0, stdout: expect.not.stringContaining('proxy') });
    expect((await send(url, env)).result).toMatchObject({ accepted: 20 });
    expect(server.held).toHaveLength(20);
    expect(proxy.asked).toEqual([]);
    await close();
  });

  it('that is spoken to over TLS, its certificate has to be of its own name, not of the endpoint', async () => {
    proxy = await startProxy((socket) => socket.end('HTTP/1.1 503 No\r\n\r\n'));
    const tls = await startTls(Number(proxy.address.split(':')[1]));
    for (const host of ['localhost', '127.0.0.1']) {
      const env = { HTTPS_PROXY: `https://user:pass@${host}:${tls.port}` };
      const { stdout } = await doctor('https://capi.invalid/v2', env);
      expect(stdout).toContain('the proxy answered 503.');
    }
    expect(proxy.asked).toEqual(Array(2).fill({ target: 'capi.invalid:443', login: 'user:pass' }));
    tls.close();
  });

  it('that closes each connection, it is asked again after a pause, not at once and for ever', async () => {
    proxy = await startProxy((socket) => socket.destroy());
    const { code, result } = await send('https://capi.invalid/v2', { HTTPS_PROXY: proxy.address });
    expect(code).toBe(5);
    expect(result).toMatchObject({ read: 20, pending: 20 });
    expect(result.stopped).toContain('no way through the proxy: the connection was cut');
    expect(proxy.asked.length).toBeLessThan(20);
    const { stdout } = await doctor('https://capi.invalid/v2', { HTTPS_PROXY: proxy.address });
    expect(stdout).toContain('through the proxy of HTTPS_PROXY: no way through the proxy');
  });

  it('that wants another user and password, nothing is tried again: a few tries lock an account', async () => {
    proxy = await startProxy((socket) => socket.end('HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n'));
    const env = { HTTPS_PROXY: `user:wrong@${proxy.address}` };
    const { code, result } = await send('https://capi.invalid/v2', env);
    expect(code).toBe(5);
    expect(result).toMatchObject({ read: 20, pending: 20, retries: 0 });
    expect(result.stopped).toBe(
      'the proxy answered 407, it wants another user and password: set them in HTTPS_PROXY (http://user:password@host:port).',
    );
    expect(proxy.asked.length).toBeLessThanOrEqual(4);
    const { stdout } = await doctor('https://capi.invalid/v2', env);
    expect(stdout).toContain('the proxy answered 407, it wants another user and password.');
  });

  it('that is not there, it is the proxy that is named', async () => {
    const { code, result } = await send('https://capi.invalid/v2', { HTTPS_PROXY: NOBODY });
    expect(code).toBe(5);
    expect(result.stopped).toContain('no way through the proxy: nothing listens at that address');
  });
});
