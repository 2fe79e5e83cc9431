import { chmodSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { useFolder } from '../helpers/folder.js';
import { listen, NOBODY } from '../helpers/listen.js';
import { CREDENTIALS, run } from '../helpers/program.js';

const folder = useFolder();
let close: () => void;
beforeEach(() => {
  close = () => undefined;
});
afterEach(() => {
  close();
});

const { write } = folder;

/** An endpoint that answers anything with one status, and with a date that is so many ms ahead. */
async function endpoint(aheadMs = 0, status = 404): Promise<{ url: string; requests: IncomingMessage[] }> {
  const requests: IncomingMessage[] = [];
  const server = createServer((request, response) => {
    requests.push(request);
    response.writeHead(status, { date: new Date(Date.now() + aheadMs).toUTCString() }).end();
  });
  const port = await listen(server);
  close = () => void server.close();
  return { url: `http://127.0.0.1:${port}/v2`, requests };
}

async function doctor(url: string, env: Record<string, string> = CREDENTIALS) {
  const args = ['doctor', '--endpoint', url, '--json'];
  const ended = await run(args, { cwd: folder.path, env });
  expect(ended.stderr).toBe('');
  const findings: { name: string; status: string; message: string }[] = JSON.parse(ended.stdout);
  const of = (name: string) => findings.find((finding) => finding.name === name);
  return { code: ended.code, findings, of };
}

describe('doctor', () => {
  it('says in a line each that config, credentials, state, endpoint and clock are as they should be', async () => {
    const { url, requests } = await endpoint();
    write('rokt-capi.config.yaml', 'version: 1\nhashing: { email: true }\n');
    const ended = await run(['doctor', '--endpoint', url], { cwd: folder.path, env: CREDENTIALS });
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const lines = ended.stdout.trimEnd().split('\n');
    expect(lines.map((line) => line.split(/ +/).slice(0, 2))).toEqual([
      ['ok', 'config'],
      ['ok', 'credentials'],
      ['ok', 'state'],
      ['ok', 'endpoint'],
      ['ok', 'clock'],
    ]);
    expect(lines[0]).toContain('rokt-capi.config.yaml');
    expect(requests).toHaveLength(1);
    expect(requests[0]?.method).toBe('HEAD');
  });

  it('sends neither the credentials nor data, and prints no credential', async () => {
    const { url, requests } = await endpoint();
    const { findings } = await doctor(url);
    expect(requests).toHaveLength(1);
    expect(requests[0]?.headers).not.toHaveProperty('authorization');
    expect(requests[0]?.headers).not.toHaveProperty('content-length');
    expect(JSON.stringify(findings)).not.toMatch(/test-key|test-secret/);
  });

  it('fails where this clock is more than two minutes off that of the server', async () => {
    const behind = await endpoint(3_600_000);
    const { code, of } = await doctor(behind.url);
    expect(code).toBe(2);
    expect(of('clock')?.status).toBe('failed');
    expect(of('clock')?.message).toMatch(/^This clock is 3[56]\d\d s behind the server's; set it/);
    close();
    const ahead = await endpoint(-60_000);
    expect((await doctor(ahead.url)).of('clock')?.message).toMatch(/^This clock is [56]\d s ahead of/);
  });

  it('fails where nobody answers at the endpoint, and says why', async () => {
    const url = `http://${NOBODY}/v2`;
    const { code, of } = await doctor(url);
    expect(code).toBe(2);
    expect(of('endpoint')).toMatchObject({
      status: 'failed',
      message: `${url} cannot be reached: nothing listens at that address (ECONNREFUSED).`,
    });
    expect(of('clock')).toBeUndefined();
  });

  it.each([
    [302, 'with a redirect (302): check whether the network requires a login'],
    [503, 'with 503: it or its network is out of order just now'],
  ])('warns where the endpoint answers, but with %d', async (status, message) => {
    const { url } = await endpoint(0, status);
    const { code, of } = await doctor(url);
    expect(code).toBe(0);
    expect(of('endpoint')?.status).toBe('warning');
    expect(of('endpoint')?.message).toContain(message);
  });

  it('asks through the proxy that the environment names', async () => {
    const asked: (string | undefined)[] = [];
    const proxy = createServer().on('connect', (request, socket) => {
      asked.push(request.url);
      socket.end('HTTP/1.1 502 Bad Gateway\r\n\r\n');
    });
    const port = await listen(proxy);
    close = () => void proxy.close();
    const env = { ...CREDENTIALS, HTTPS_PROXY: `127.0.0.1:${port}` };
    const { of } = await doctor('https://capi.invalid/v2', env);
    expect(asked).toEqual(['capi.invalid:443']);
    expect(of('endpoint')?.status).toBe('failed');
    expect(of('endpoint')?.message).toContain('through the proxy of HTTPS_PROXY');
    expect(
      (await doctor('https://capi.invalid/v2', { HTTPS_PROXY: 'socks5://a:1' })).of('endpoint')?.message,
    ).toContain('PROXY_INVALID');
  });

  it('fails where credentials are missing, with the names to set', async () => {
    const { url } = await endpoint();
    const { code, of } = await doctor(url, {});
    expect(code).toBe(2);
    expect(of('credentials')?.status).toBe('failed');
    expect(of('credentials')?.message).toContain('ROKT_CAPI_API_KEY');
    expect(of('endpoint')?.status).toBe('ok');
  });

  it('fails where the account that the state is kept for cannot be read, as a run would', async () => {
    const { url } = await endpoint();
    const { code, of } = await doctor(url, { ...CREDENTIALS, ROKT_CAPI_ACCOUNT_FILE: '/nowhere' });
    expect(code).toBe(2);
    expect(of('credentials')?.status).toBe('failed');
    expect(of('credentials')?.message).toContain('ROKT_CAPI_ACCOUNT_FILE');
  });

  it('fails where the config is wrong, with its line, also for what only a run would find in a mapping', async () => {
    const { url } = await endpoint();
    write(
      'rokt-capi.config.yaml',
      'version: 1\nmappings:\n  - name: A\n    preset: send\n    trigger: "event ="\n',
    );
    const { code, of } = await doctor(url);
    expect(code).toBe(2);
    expect(of('config')?.message).toMatch(/rokt-capi\.config\.yaml:5:\d+: MAPPING_TRIGGER_INVALID/);
    expect(of('credentials')?.status).toBe('ok');
  });

  it('fails where the config has an alias that leads nowhere, with its line', async () => {
    const { url } = await endpoint();
    write('rokt-capi.config.yaml', 'version: 1\nsource:\n  timezone: *tz\n');
    const { code, of } = await doctor(url);
    expect(code).toBe(2);
    expect(of('config')?.message).toMatch(
      /rokt-capi\.config\.yaml:3:13: CONFIG_SYNTAX: The alias \*tz has no anchor/,
    );
  });

  it('fails where any file of the state is damaged, as a run would', async () => {
    const { url } = await endpoint();
    const header = 'Order Number,Email,Total,Currency,Paid at';
    write('o.csv', `${header}\n1,a@example.com,5,EUR,${new Date().toISOString()}\n`);
    const sent = ['send', 'o.csv', '--sandbox', '--state', '.rokt-capi'];
    expect(await run(sent, { cwd: folder.path })).toMatchObject({ code: 0 });
    expect((await doctor(url)).of('state')?.status).toBe('ok');

    const directory = join(folder.path, '.rokt-capi');
    const segment = readdirSync(directory).find((name) => name.endsWith('.segment')) ?? '';
    truncateSync(join(directory, segment), 100);
    const { code, of } = await doctor(url);
    expect(of('state')).toMatchObject({ status: 'failed' });
    expect(of('state')?.message).toContain('STATE_DAMAGED');
    expect(code).toBe(2);
  });

  it.each(['.segment', 'runs', 'audiences'])(
    'fails where a byte in a file of the state was changed, as the run would later that needs it: %s',
    async (place) => {
      const { url } = await endpoint();
      const order = { order_id: '1', email: 'a@example.com', timestamp: new Date().toISOString() };
      write('o.json', JSON.stringify([order]));
      const options = ['o.json', '--sandbox', '--state', '.rokt-capi'];
      for (const command of ['send', 'sync-audience']) {
        expect((await run([command, ...options], { cwd: folder.path })).code).toBe(0);
      }
      const state = join(folder.path, '.rokt-capi');
      const found = readdirSync(state, { recursive: true, encoding: 'utf8' })
        .sort()
        .find((name) => name.includes(place) && name.includes('.'));
      const path = join(state, found ?? '');
      const bytes = readFileSync(path);
      // Of a segment, the first entry: its header and its end, which every run reads, are as they were.
      const at = place === '.segment' ? 4096 : 2;
      bytes[at] = (bytes[at] ?? 0) ^ 1;
      writeFileSync(path, bytes);
      const { code, of } = await doctor(url);
      expect(of('state')).toMatchObject({
        status: 'failed',
        message: expect.stringContaining(`${path}: STATE_DAMAGED: `),
      });
      expect(code).toBe(2);
    },
  );

  it('fails where the state cannot be used, and warns where a run is using it', async () => {
    const { url } = await endpoint();
    write('.rokt-capi', 'a file where the directory should be');
    expect((await doctor(url)).of('state')?.status).toBe('failed');

    chmodSync(join(folder.path, '.rokt-capi'), 0o755);
    write('rokt-capi.config.yaml', 'version: 1\nstate: ./.rokt-capi/below\n');
    const below = await doctor(url);
    expect(below.code).toBe(2);
    expect(below.of('state')?.message).toContain('There is a file where the state directory should be.');

    mkdirSync(join(folder.path, 'damaged'));
    write('damaged/state.json', '{}');
    write('rokt-capi.config.yaml', 'version: 1\nstate: ./damaged\n');
    const damaged = await doctor(url);
    expect(damaged.code).toBe(2);
    expect(damaged.of('state')?.message).toContain('STATE_DAMAGED');

    mkdirSync(join(folder.path, 'used'));
    const lock = { pid: process.pid, host: hostname(), startedAt: '', runId: 'run-1', token: 'a' };
    write('used/lock', JSON.stringify(lock));
    write('rokt-capi.config.yaml', 'version: 1\nstate: ./used\n');
    const used = await doctor(url);
    expect(used.code).toBe(0);
    expect(used.of('state')).toMatchObject({ status: 'warning' });
    expect(used.of('state')?.message).toContain('run-1');
  });
});
