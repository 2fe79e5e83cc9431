import { createHash } from 'node:crypto';
import { readFileSync, statSync } from 'node:fs';
import { request } from 'node:http';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { brotliDecompressSync, gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { startBrowser } from '../helpers/browser.js';
import { useFolder } from '../helpers/folder.js';
import { listen } from '../helpers/listen.js';
import { type Ended, run } from '../helpers/program.js';

const folder = useFolder();

const plugin = (...args: string[]) => run(['serve-plugin', ...args], { cwd: folder.path });

describe('serve-plugin', () => {
  it.each([[[]], [['--esm']]])('prints a script of at most 1,000 bytes gzipped: %j', async (form) => {
    const { code, stdout } = await plugin(...form);
    expect(code).toBe(0);
    expect(stdout).toContain('rtid');
    expect(gzipSync(stdout, { level: 9 }).length).toBeLessThanOrEqual(1_000);
  });

  it('prints one script for browsers of 2018', async () => {
    const { stdout } = await plugin();
    expect(stdout).toContain('rtid');
    expect(stdout).not.toMatch(/__ROKT|eval|new Function|\?\.|\?\?|\{\.\.\.|\bimport\b|\bexport\b/);
    expect(() => new Function(stdout)).not.toThrow();
  });

  it('prints it in its tag, as a module, and with the hash of the very bytes that it writes', async () => {
    const { stdout: script } = await plugin();
    expect((await plugin('--html')).stdout).toBe(`<script>${script.trimEnd()}</script>\n`);
    expect((await plugin('--esm')).stdout).toMatch(/export\{.*roktBrowserPlugin.*\}/);
    await plugin('--out', 'rokt-rtid.js');
    const written = readFileSync(join(folder.path, 'rokt-rtid.js'));
    expect(statSync(join(folder.path, 'rokt-rtid.js')).mode & 0o777).toBe(0o644);
    const hash = `sha384-${createHash('sha384').update(written).digest('base64')}`;
    const { stdout } = await plugin('--sri');
    expect(stdout).toBe(
      `${hash}\n<script src="/rokt-rtid.js" integrity="${hash}" crossorigin="anonymous"></script>\n`,
    );
  });

  it('with --out and --sri writes the script, and prints its hash and the tag that loads that file', async () => {
    const { stdout: script } = await plugin();
    const ended = await plugin('--out', 'js/rtid "1".js', '--sri');
    expect(ended).toMatchObject({ code: 0, stderr: '' });
    const written = readFileSync(join(folder.path, 'js/rtid "1".js'), 'utf8');
    expect(written).toBe(script);
    const hash = `sha384-${createHash('sha384').update(written).digest('base64')}`;
    expect(ended.stdout).toBe(
      `${hash}\n<script src="/rtid%20%221%22.js" integrity="${hash}" crossorigin="anonymous"></script>\n`,
    );
  });

  it('bakes its options in, and nothing in them can end the script', async () => {
    const { stdout } = await plugin(
      '--html',
      '--query-param',
      'click',
      'rtid',
      '--storage-key',
      'my.key',
      '--expires',
      '7d',
      '--integration-name',
      '</script><b>',
      '--require-consent',
    );
    for (const text of ['["click","rtid"]', '"my.key"', '604800000', ',null]'])
      expect(stdout).toContain(text);
    expect(stdout.match(/<\/script>/g)).toHaveLength(1);
  });

  it('of two forms is wrong usage', async () => {
    expect((await plugin('--html', '--esm')).code).toBe(2);
  });
});

interface Got {
  readonly status: number | undefined;
  readonly headers: Record<string, string | string[] | undefined>;
  readonly body: Buffer;
}

function get(url: string, headers: Record<string, string> = {}, method = 'GET'): Promise<Got> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { headers, method }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(chunks) }),
      );
    });
    sent.on('error', reject).end();
  });
}

/** Serves on any port while `use` runs; then ends it with SIGTERM. */
async function whileServing(use: (url: string) => Promise<void>, ...options: string[]): Promise<Ended> {
  let done: Promise<void> | undefined;
  const ended = run(['serve-plugin', '--port', '0', ...options], {
    cwd: folder.path,
    onStart: (child) => {
      child.stdout?.once('data', (text: Buffer | string) => {
        done = use(String(text).trim()).finally(() => child.kill('SIGTERM'));
        done.catch(() => undefined);
      });
    },
  });
  const result = await ended;
  await done;
  return result;
}

/** One address that leads to whatever port is `to` just now: what listens anew may find the port before taken. */
async function startWay() {
  const way = { to: 0, url: '', close: () => void server.close() };
  const server = createServer((socket) => {
    const onward = connect(way.to, '127.0.0.1');
    socket.on('error', () => onward.destroy());
    onward.on('error', () => socket.destroy());
    socket.pipe(onward).pipe(socket);
  });
  way.url = `http://127.0.0.1:${await listen(server)}/`;
  return way;
}

describe('serve-plugin --port', () => {
  it('serves the script with type, ETag, cache, CORS and compression, and nothing else', async () => {
    const { stdout: script } = await plugin();
    const ended = await whileServing(async (url) => {
      const plain = await get(`${url}rokt-rtid.js`);
      expect(plain).toMatchObject({
        status: 200,
        headers: {
          'content-type': 'text/javascript; charset=utf-8',
          'cache-control': 'public, max-age=3600',
          'access-control-allow-origin': '*',
          'x-content-type-options': 'nosniff',
          vary: 'accept-encoding',
        },
      });
      expect(plain.body.toString()).toBe(script);
      const br = await get(`${url}rokt-rtid.js`, { 'accept-encoding': 'gzip, br' });
      expect(br.headers['content-encoding']).toBe('br');
      expect(brotliDecompressSync(br.body).toString()).toBe(script);
      const gzip = await get(`${url}rokt-rtid.js?x`, { 'accept-encoding': 'gzip;q=0.5, br;q=0' });
      expect(gunzipSync(gzip.body).toString()).toBe(script);
      expect(gzip.headers.etag).not.toBe(br.headers.etag);
      const again = await get(`${url}rokt-rtid.js`, { 'if-none-match': `W/${plain.headers.etag}` });
      expect([again.status, again.body.length]).toEqual([304, 0]);
      const head = await get(`${url}rokt-rtid.js`, {}, 'HEAD');
      expect([head.status, head.body.length, head.headers['content-length']]).toEqual([
        200,
        0,
        String(script.length),
      ]);
      expect((await get(`${url}rokt-rtid.js`, {}, 'POST')).status).toBe(405);
      expect((await get(`${url}rokt-rtid.mjs`)).body.toString()).toContain('roktBrowserPlugin');
      expect((await get(`${url}healthz`)).body.toString()).toBe('ok\n');
      for (const path of ['x', 'package.json', '../package.json', '%2e%2e/package.json', 'rokt-rtid.js/']) {
        expect((await get(url + path)).status, path).toBe(404);
      }
    });
    expect(ended.code, ended.stderr).toBe(0);
  });

  it('shows in a browser how the RTID travels into a call, under a strict CSP', async () => {
    const browser = await startBrowser();
    try {
      await whileServing(async (url) => {
        const page = await browser.newPage();
        const problems: string[] = [];
        page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
        page.on('pageerror', (error) => problems.push(error.message));
        await page.goto(`${url}?rtid=demo-1`);
        await page.goto(url);
        expect(await page.textContent('#rtid')).toBe('demo-1');
        await page.click('#track');
        expect(JSON.parse((await page.textContent('#call')) ?? '')).toEqual({
          type: 'track',
          event: 'Order Completed',
          integrations: { 'Rokt Conversions API': { rtid: 'demo-1' } },
        });
        expect(problems.filter((text) => !text.includes('favicon') && !text.includes('404'))).toEqual([]);
        await page.close();
      });
    } finally {
      await browser.close();
    }
  });

  it('shows in the demo what the options of this start do, whatever the browser has from the one before', async () => {
    const way = await startWay();
    const browser = await startBrowser();
    try {
      const page = await browser.newPage();
      await whileServing(async (url) => {
        way.to = Number(new URL(url).port);
        await page.goto(`${way.url}?rtid=first`);
        expect(await page.textContent('#rtid')).toBe('first');
        await page.evaluate('localStorage.clear()');
      });
      await whileServing(
        async (url) => {
          way.to = Number(new URL(url).port);
          await page.goto(way.url);
          expect(await page.textContent('#rtid')).toBe('none: add ?click=demo-click-123 to the address');
          await page.click('a');
          await expect.poll(() => page.textContent('#rtid'), { timeout: 30_000 }).toBe('demo-click-123');
        },
        '--query-param',
        'click',
      );
    } finally {
      await browser.close();
      way.close();
    }
  });

  it('lets one give the consent that --require-consent waits for: only then the value stays, as the page says', async () => {
    const browser = await startBrowser();
    try {
      await whileServing(async (url) => {
        const page = await browser.newPage();
        for (const [consents, then] of [
          [false, 'none: add ?rtid=demo-click-123 to the address'],
          [true, 'demo-1'],
        ] as const) {
          await page.goto(`${url}?rtid=demo-1`);
          if (consents) await page.click('text=Give consent');
          await page.click('text=without it');
          await expect.poll(() => page.textContent('#rtid'), { timeout: 30_000 }).toBe(then);
        }
      }, '--require-consent');
    } finally {
      await browser.close();
    }
  });

  it('ends at once, also while a browser holds a connection that it has not used', async () => {
    const ended = await whileServing(async (url) => {
      const { hostname, port } = new URL(url);
      const socket = connect(Number(port), hostname);
      socket.on('error', () => undefined);
      await new Promise((resolve) => socket.once('connect', resolve));
      await get(`${url}healthz`);
    });
    expect(ended.code, ended.stderr).toBe(0);
    // Node would wait a minute for what such a connection is to say.
  }, 50_000);

  it('says so where the port is taken', async () => {
    await whileServing(async (url) => {
      const taken = await plugin('--port', new URL(url).port);
      expect(taken.code).toBe(2);
      expect(taken.stderr).toContain('PORT_UNUSABLE');
    });
  });
});
