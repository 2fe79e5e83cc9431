import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ReceivedBatch } from '../../src/sandbox/batch-rules.js';
import { startSandbox } from '../../src/sandbox/server.js';
import { startBrowser } from '../helpers/browser.js';
import { useFolder } from '../helpers/folder.js';
import { BIN, run } from '../helpers/program.js';
import { LOADER, type SegmentSite, startSegmentSite } from '../helpers/segment-site.js';

const KEY = 'analytics_rokt_capi_rtid';
const NAME = 'Rokt Conversions API';
/** What the clock of a page shows at first, in a test that sets it. */
const START = Date.now();
const TYPES = ['track', 'identify', 'page', 'group', 'alias'] as const;
const CALLS = `
  analytics.track('Order Completed', { order_id: 'o-1', revenue: 99.5, currency: 'USD', email: 'ann@example.com' });
  analytics.identify('user-1', { email: 'ann@example.com' });
  analytics.page('Thanks');
  analytics.group('group-1');
  analytics.alias('user-2');`;

const printed = new Map<string, string>();
/** What `serve-plugin` prints with these options; the program is run once for each of them. */
function snippet(...options: string[]): string {
  const key = options.join(' ');
  const known = printed.get(key);
  if (known !== undefined) return known;
  const text = execFileSync(process.execPath, [BIN, 'serve-plugin', ...options], { encoding: 'utf8' });
  printed.set(key, text);
  return text;
}

const folder = useFolder();
let browser: Browser;
let site: SegmentSite;
let context: BrowserContext;
let page: Page;
beforeAll(async () => {
  browser = await startBrowser();
});
afterAll(() => browser?.close());
beforeEach(async () => {
  site = await startSegmentSite();
  context = await browser.newContext();
  page = await context.newPage();
});
afterEach(async () => {
  await context.close();
  await site.close();
});

interface Layout {
  readonly script?: string;
  /** Where the snippet stands: before or after Segment's, or added once the library has loaded. */
  readonly order?: 'before' | 'after' | 'late';
  readonly before?: string;
  readonly calls?: string;
}

/** Serves a shop's page with Segment's standard snippet and ours. */
function shop(
  path: string,
  { script = snippet(), order = 'after', before = '', calls = CALLS }: Layout = {},
): void {
  site.serve('/rokt-rtid.js', 'text/javascript', script);
  const ours = '<script src="/rokt-rtid.js"></script>';
  const theirs = `<script>${LOADER(site.origin)}</script>`;
  const late = `<script>analytics.ready(() => { const s = document.createElement('script'); s.src = '/rokt-rtid.js'; s.onload = () => { ${calls} }; document.head.append(s); });</script>`;
  const head = order === 'before' ? ours + theirs : order === 'after' ? theirs + ours : theirs + late;
  const body = order === 'late' ? '' : `<script>${calls}</script>`;
  site.serve(
    path,
    'text/html',
    `<!doctype html><title>Shop</title><head><script>${before}</script>${head}</head>${body}`,
  );
}

async function callsOf(
  count: number,
): Promise<readonly { type: string; rtid: unknown; integrations: Record<string, unknown> }[]> {
  await expect.poll(() => site.calls.length, { timeout: 50_000 }).toBe(count);
  return site.calls.map(({ type, integrations = {} }) => ({
    type,
    rtid: Object(integrations[NAME]).rtid,
    integrations,
  }));
}

/** Serves a shop's page with Segment's standard snippet and the plugin object. */
function shopWithModule(path: string, before = ''): void {
  site.serve('/rokt-rtid.mjs', 'text/javascript', snippet('--esm'));
  site.serve(
    path,
    'text/html',
    `<!doctype html><title>Shop</title><head></head><script type="module">
      import { roktBrowserPlugin, roktRtid } from '/rokt-rtid.mjs';
      window.roktRtid = roktRtid;
      ${before}
      ${LOADER(site.origin)}
      analytics.register(roktBrowserPlugin);
      analytics.page();
    </script>`,
  );
}

const visit = (path: string): Promise<unknown> => page.goto(site.origin + path);
/** The same page under another name. */
const visitAt = (host: string, path: string): Promise<unknown> =>
  page.goto(site.origin.replace('127.0.0.1', host) + path);
const cookiesOfOurs = async (): Promise<string[]> =>
  (await context.cookies()).filter(({ name }) => name.startsWith(KEY)).map(({ domain }) => domain);
/** What there is of them once the browser has taken what a page has set, which it does in its own time. */
const theirCookies = () => expect.poll(cookiesOfOurs, { timeout: 50_000 });
/** Sets the clock of all pages, which stands still until this is called again: what a page does may take any time. */
const isAt = (minutes: number): Promise<void> => context.clock.setFixedTime(START + minutes * 60_000);
const rtidOnPage = (): Promise<unknown> => page.evaluate('window.roktRtid && window.roktRtid()');
const storedOnPage = (): Promise<unknown> => page.evaluate(`localStorage.getItem('${KEY}')`);

describe("with Segment's standard snippet", () => {
  it.each(['before', 'after', 'late'] as const)(
    'the RTID is in every call type: ours comes %s',
    async (order) => {
      shop('/', { order });
      await visit('/?rtid=click-123');
      const calls = await callsOf(TYPES.length);
      expect(calls.map(({ type }) => type).sort()).toEqual([...TYPES].sort());
      expect(calls.map(({ rtid }) => rtid)).toEqual(TYPES.map(() => 'click-123'));
    },
  );

  it('survives reload and navigation, and a new one replaces it', async () => {
    shop('/', { calls: 'analytics.page()' });
    shop('/other', { calls: 'analytics.page()' });
    await visit('/?rtid=first');
    await callsOf(1);
    await visit('/other');
    await callsOf(2);
    await page.reload();
    expect((await callsOf(3)).map(({ rtid }) => rtid)).toEqual(['first', 'first', 'first']);
    await visit('/other?rclid=second');
    expect((await callsOf(4)).at(-1)?.rtid).toBe('second');
    await visit('/other?rclid=third&rtid=fourth');
    expect((await callsOf(5)).at(-1)?.rtid).toBe('fourth');
  });

  it('notices what a navigation within the page brings, also where it goes on at once', async () => {
    shop('/', { calls: '' });
    await visit('/');
    expect(await rtidOnPage()).toBeUndefined();
    await page.evaluate("history.pushState({}, '', '/?rtid=spa-1'); history.replaceState({}, '', '/thanks')");
    expect(await rtidOnPage()).toBe('spa-1');
    await page.evaluate("analytics.track('x')");
    expect((await callsOf(1))[0]?.rtid).toBe('spa-1');
  });

  it('leaves other integrations, and calls that switch the destination off, alone', async () => {
    const options = [
      { Mixpanel: false },
      { All: false },
      { All: false, [NAME]: true },
      { All: false, [NAME]: { other: 1 } },
      { [NAME]: false },
    ];
    shop('/', {
      calls: options
        .map((one) => `analytics.track('x', {}, { integrations: ${JSON.stringify(one)} });`)
        .join(''),
    });
    await visit('/?rtid=click-123');
    const calls = await callsOf(options.length);
    expect(calls.map(({ integrations }) => integrations)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ Mixpanel: false, [NAME]: { rtid: 'click-123' } }),
        { All: false },
        { All: false, [NAME]: { rtid: 'click-123' } },
        { All: false, [NAME]: { other: 1, rtid: 'click-123' } },
        { [NAME]: false },
      ]),
    );
  });

  it('several copies, and the npm plugin besides, do no harm', async () => {
    site.serve('/rokt-rtid.mjs', 'text/javascript', snippet('--esm'));
    const copy = 'document.write(\'<script src="/rokt-rtid.js"><\\/script>\');';
    const plugin = `const s = document.createElement('script'); s.type = 'module';
      s.textContent = "import { roktBrowserPlugin } from '/rokt-rtid.mjs'; analytics.register(roktBrowserPlugin); analytics.ready(() => window.go());";
      document.head.append(s);`;
    shop('/', { before: copy, calls: `window.go = () => { ${CALLS} }; ${plugin}` });
    await visit('/?rtid=click-123');
    const calls = await callsOf(TYPES.length);
    expect(calls.every(({ rtid }) => rtid === 'click-123')).toBe(true);
    expect(calls.every(({ integrations }) => Object.keys(Object(integrations[NAME])).length === 1)).toBe(
      true,
    );
  });

  it('the tag that --sri prints loads it also on a page in a folder', async () => {
    site.serve('/rokt-rtid.js', 'text/javascript', snippet());
    const [, tag] = snippet('--sri').split('\n');
    site.serve('/checkout/thanks', 'text/html', `<!doctype html><title>Thanks</title>${tag}`);
    await visit('/checkout/thanks?rtid=click-123');
    expect(await rtidOnPage()).toBe('click-123');
  });

  it("reads what Segment's own plugin stored, and stores what that can read", async () => {
    shop('/', { calls: '' });
    await visit('/');
    for (const raw of ['"from-segment"', 'from-fallback']) {
      await page.evaluate(`localStorage.setItem('${KEY}', ${JSON.stringify(raw)})`);
      await page.reload();
      expect(await rtidOnPage()).toBe(raw.replaceAll('"', ''));
    }
    await visit('/?rtid=ours');
    await page.waitForFunction('window.analytics.initialized');
    expect(await page.evaluate(`analytics.storage.get('${KEY}') || localStorage.getItem('${KEY}')`)).toBe(
      'ours',
    );
  });

  it('replaces a value that was kept when the clock was ahead', async () => {
    shop('/', { calls: '' });
    await visit('/');
    await page.evaluate(`for (const [key, text] of [['${KEY}', 'ahead'], ['${KEY}_at', 'ahead|' + (Date.now() + 3_600_000)]]) {
      localStorage.setItem(key, text);
      document.cookie = key + '=' + text + ';path=/';
    }`);
    await page.reload();
    expect(await rtidOnPage()).toBe('ahead');
    await visit('/?rtid=later');
    expect(await rtidOnPage()).toBe('later');
    await visit('/');
    expect(await rtidOnPage()).toBe('later');
  });

  it('expires', async () => {
    shop('/', { calls: '', script: snippet('--expires', '2h') });
    await isAt(0);
    await visit('/?rtid=short');
    await isAt(119);
    await visit('/');
    expect(await rtidOnPage()).toBe('short');
    await isAt(121);
    await visit('/');
    expect(await rtidOnPage()).toBeUndefined();
    expect(await storedOnPage()).toBeNull();
  });
});

describe('an address that is seen again is no click', () => {
  it('a tab that is loaded anew uses what a newer click in another one has brought', async () => {
    shop('/', { calls: 'analytics.page()' });
    await isAt(0);
    await visit('/?rtid=older');
    await callsOf(1);
    await isAt(1);
    const other = await context.newPage();
    await other.goto(`${site.origin}/?rtid=newer`);
    await callsOf(2);
    await isAt(2);
    await page.reload();
    expect((await callsOf(3)).at(-1)?.rtid).toBe('newer');
    await visit('/?rtid=newest');
    expect((await callsOf(4)).at(-1)?.rtid).toBe('newest');
  });

  it.each(['push', 'load'])('nor is it when the shopper goes back to it: %s', async (how) => {
    shop('/', { calls: '' });
    await isAt(0);
    await visit('/?rtid=first');
    for (const [minutes, rtid] of [
      [1, 'second'],
      [2, 'third'],
    ] as const) {
      await isAt(minutes);
      await (how === 'push'
        ? page.evaluate(`history.pushState({}, '', '/?rtid=${rtid}')`)
        : visit(`/?rtid=${rtid}`));
      expect(await rtidOnPage()).toBe(rtid);
    }
    for (const rtid of ['second', 'first']) {
      await page.goBack();
      expect(page.url()).toBe(`${site.origin}/?rtid=${rtid}`);
      expect(await rtidOnPage(), `back at the ${rtid}`).toBe('third');
    }
  });

  it('it expires as counted from the click, also where the links of a shop carry it on', async () => {
    shop('/', { calls: '', script: snippet('--expires', '3h') });
    for (const [minutes, rtid] of [
      [0, 'click-1'],
      [110, 'click-1'],
      [181, undefined],
    ] as const) {
      await isAt(minutes);
      await visit('/?rtid=click-1');
      expect(await rtidOnPage(), `after ${minutes} minutes`).toBe(rtid);
    }
  });
});

describe("before Segment's snippet", () => {
  it('a call that asks whether there is an analytics at all is not lost', async () => {
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    site.serve('/rokt-rtid.js', 'text/javascript', snippet());
    const calls = TYPES.map((type) => `analytics.${type}('early');`).join('');
    site.serve(
      '/',
      'text/html',
      `<!doctype html><head><script src="/rokt-rtid.js"></script></head>
       <script>if (window.analytics) { ${calls} }</script><script>${LOADER(site.origin)}</script>`,
    );
    await visit('/?rtid=click-123');
    const sent = await callsOf(TYPES.length);
    expect(sent.map(({ type, rtid }) => [type, rtid]).sort()).toEqual(
      TYPES.map((type) => [type, 'click-123']).sort(),
    );
    expect(errors).toEqual([]);
  });

  it("a queue that somebody else has made without Segment's methods does too", async () => {
    shop('/', { order: 'before', before: 'window.analytics = [];' });
    await visit('/?rtid=click-123');
    expect((await callsOf(TYPES.length)).every(({ rtid }) => rtid === 'click-123')).toBe(true);
  });
});

describe('on several subdomains', () => {
  it.each(['before', 'after'] as const)(
    'who lands on one and buys on another has the RTID there: ours comes %s',
    async (order) => {
      shop('/', { order, calls: 'analytics.page()' });
      await visitAt('www.shop.test', '/?rtid=click-1');
      await callsOf(1);
      await theirCookies().toEqual(['.shop.test', '.shop.test']);
      await visitAt('checkout.shop.test', '/');
      expect((await callsOf(2)).map(({ rtid }) => rtid)).toEqual(['click-1', 'click-1']);
    },
  );

  it('a landing page without Segment is enough where a later page has it', async () => {
    site.serve('/landing', 'text/html', '<!doctype html><script src="/rokt-rtid.js"></script>');
    shop('/', { calls: 'analytics.page()' });
    await visitAt('www.shop.test', '/landing?rtid=click-1');
    await visitAt('www.shop.test', '/');
    await callsOf(1);
    await visitAt('checkout.shop.test', '/');
    expect((await callsOf(2)).at(-1)?.rtid).toBe('click-1');
  });

  it('the last click counts, not what a subdomain remembers of an older one', async () => {
    shop('/', { calls: 'analytics.page()' });
    await visitAt('checkout.shop.test', '/?rtid=older');
    await callsOf(1);
    await visitAt('www.shop.test', '/?rtid=newer');
    await callsOf(2);
    await visitAt('checkout.shop.test', '/');
    expect((await callsOf(3)).at(-1)?.rtid).toBe('newer');
    await visitAt('www.shop.test', '/');
    expect((await callsOf(4)).at(-1)?.rtid).toBe('newer');
  });

  it('it expires on each of them as counted from the click', async () => {
    shop('/', { calls: 'analytics.page()', script: snippet('--expires', '3h') });
    await isAt(0);
    await visitAt('www.shop.test', '/?rtid=click-1');
    await callsOf(1);
    await isAt(110);
    await visitAt('checkout.shop.test', '/');
    expect((await callsOf(2)).at(-1)?.rtid).toBe('click-1');
    await isAt(181);
    await visitAt('checkout.shop.test', '/');
    await callsOf(3);
    await visitAt('www.shop.test', '/');
    expect((await callsOf(4)).slice(2).map(({ rtid }) => rtid)).toEqual([undefined, undefined]);
    await theirCookies().toEqual([]);
  });

  it('nothing is stored for them before consent', async () => {
    shop('/', { calls: 'analytics.page()', script: snippet('--require-consent') });
    await visitAt('www.shop.test', '/?rtid=asked');
    await callsOf(1);
    expect(await cookiesOfOurs()).toEqual([]);
    await page.evaluate('roktRtid.consent(true)');
    await theirCookies().toEqual(['.shop.test', '.shop.test']);
  });

  it.each([
    [
      'the tag',
      (path: string, before: string) => shop(path, { order: 'before', calls: `${before}; analytics.page()` }),
    ],
    ['the module', shopWithModule],
  ])(
    '%s: consent that is taken back before Segment has loaded is taken back on all of them',
    async (_, serve) => {
      serve('/', '');
      serve('/no', 'roktRtid.consent(false)');
      await visitAt('www.shop.test', '/?rtid=click-1');
      await callsOf(1);
      await theirCookies().toEqual(['.shop.test', '.shop.test']);
      await visitAt('www.shop.test', '/no');
      expect((await callsOf(2)).at(-1)?.rtid).toBeUndefined();
      await theirCookies().toEqual([]);
      await visitAt('www.shop.test', '/');
      expect((await callsOf(3)).at(-1)?.rtid).toBeUndefined();
    },
  );
});

describe('a page that stays open', () => {
  /** What the page has once its process was told of what another tab has stored, which a browser does in its own time. */
  const otherTabIsHeard = () => expect.poll(rtidOnPage, { timeout: 50_000 });

  it('uses what a newer click in another tab has brought', async () => {
    shop('/', { calls: '' });
    await visit('/?rtid=older');
    const other = await context.newPage();
    await other.goto(`${site.origin}/?rtid=newer`);
    await otherTabIsHeard().toBe('newer');
    await page.evaluate("analytics.track('x')");
    expect((await callsOf(1))[0]?.rtid).toBe('newer');
  });

  it('sends nothing when the value has expired meanwhile', async () => {
    shop('/', { calls: '', script: snippet('--expires', '1h') });
    await isAt(0);
    await visit('/?rtid=short');
    expect(await rtidOnPage()).toBe('short');
    await isAt(61);
    expect(await rtidOnPage()).toBeUndefined();
    await page.evaluate("analytics.track('x')");
    expect((await callsOf(1))[0]?.rtid).toBeUndefined();
  });

  it('sends nothing when consent is taken back, in another tab or here, until it is given again', async () => {
    shop('/', { calls: '' });
    await visit('/?rtid=asked');
    // Its first look after analytics.js has loaded stores what it knows: that is over before the other tab removes it.
    await page.waitForFunction('window.analytics.initialized');
    expect(await rtidOnPage()).toBe('asked');
    const other = await context.newPage();
    await other.goto(`${site.origin}/`);
    await other.evaluate('roktRtid.consent(false)');
    await otherTabIsHeard().toBeUndefined();
    expect(await other.evaluate('roktRtid()'), 'this one').toBeUndefined();
    await page.evaluate("analytics.track('x')");
    await other.evaluate("history.pushState({}, '', '/?rtid=later'); analytics.track('y')");
    expect((await callsOf(2)).map(({ rtid }) => rtid)).toEqual([undefined, undefined]);
    expect(await storedOnPage()).toBeNull();
    await other.evaluate('roktRtid.consent(true)');
    await otherTabIsHeard().toBe('later');
  });
});

describe('where nothing can be stored', () => {
  const NO_STORAGE =
    "Object.defineProperty(window, 'localStorage', { get() { throw new Error('blocked'); } });";
  /** As a browser does that takes none; Segment's own library does not stand one that throws. */
  const NO_COOKIES = "Object.defineProperty(document, 'cookie', { get: () => '', set() {} });";
  const THROWING_COOKIES =
    "Object.defineProperty(document, 'cookie', { get() { throw new Error('blocked'); }, set() { throw new Error('blocked'); } });";

  it('storage blocked: a first-party cookie keeps it', async () => {
    shop('/', { before: NO_STORAGE, calls: 'analytics.page()' });
    await visit('/?rtid=in-cookie');
    await callsOf(1);
    await expect
      .poll(() => context.cookies(), { timeout: 50_000 })
      .toContainEqual(expect.objectContaining({ name: KEY, value: 'in-cookie', sameSite: 'Lax' }));
    await visit('/');
    expect((await callsOf(2)).map(({ rtid }) => rtid)).toEqual(['in-cookie', 'in-cookie']);
  });

  it('cookies blocked: storage keeps it', async () => {
    shop('/', { before: NO_COOKIES, calls: 'analytics.page()' });
    await visit('/?rtid=in-storage');
    await callsOf(1);
    await visit('/');
    expect((await callsOf(2)).map(({ rtid }) => rtid)).toEqual(['in-storage', 'in-storage']);
  });

  it('storage full: the cookie has the new value, and the old one is gone', async () => {
    shop('/', { calls: '' });
    await visit('/?rtid=old');
    await page.evaluate(
      `for (let i = 0, text = 'x'.repeat(1 << 20); text !== ''; i++) {
         try { localStorage.setItem('full' + i, text); } catch { text = text.slice(0, text.length >> 1); }
       }`,
    );
    await visit('/?rtid=new-and-much-longer-than-the-one-before');
    expect(await rtidOnPage()).toBe('new-and-much-longer-than-the-one-before');
    expect(await storedOnPage()).toBeNull();
    await visit('/');
    expect(await rtidOnPage()).toBe('new-and-much-longer-than-the-one-before');
  });

  it('both blocked: the page keeps it for its own lifetime', async () => {
    const errors: Error[] = [];
    page.on('pageerror', (error) => errors.push(error));
    shop('/', { before: NO_STORAGE + THROWING_COOKIES, calls: '' });
    await visit('/?rtid=in-page');
    await page.evaluate("history.pushState({}, '', '/elsewhere')");
    expect(await rtidOnPage()).toBe('in-page');
    expect(errors.filter(({ message }) => !/blocked/.test(message))).toEqual([]);
  });
});

describe('a hostile value', () => {
  it.each([
    '<script>alert(1)</script>',
    'a;path=/',
    'x'.repeat(257),
    'a b',
    '"quoted"',
    'a\nb',
    '',
    '${1}',
    '__proto__[x]',
  ])('%j is neither stored nor sent', async (value) => {
    shop('/', { calls: 'analytics.page()' });
    await visit(`/?rtid=${encodeURIComponent(value)}`);
    const [call] = await callsOf(1);
    expect(call?.rtid).toBeUndefined();
    expect(await storedOnPage()).toBeNull();
    expect((await context.cookies()).find(({ name }) => name === KEY)).toBeUndefined();
  });

  it('in storage is not sent either', async () => {
    shop('/', { calls: 'analytics.page()', before: `localStorage.setItem('${KEY}', '<img src=x>')` });
    await visit('/');
    expect((await callsOf(1))[0]?.rtid).toBeUndefined();
  });
});

describe('consent', () => {
  it('stores nothing before it is given, everything then, and removes it when it is taken back', async () => {
    shop('/', { script: snippet('--require-consent'), calls: '' });
    await visit('/?rtid=asked');
    const stored = async (): Promise<unknown[]> => [
      await page.evaluate('Object.keys(localStorage).filter((key) => key.includes("rokt"))'),
      (await context.cookies()).filter(({ name }) => name.includes('rokt')).length,
    ];
    expect(await stored()).toEqual([[], 0]);
    expect(await rtidOnPage(), 'the page itself may use it').toBe('asked');
    await page.evaluate('roktRtid.consent(true)');
    expect(await storedOnPage()).toContain('asked');
    await visit('/');
    expect(await rtidOnPage()).toBe('asked');
    await page.evaluate('roktRtid.consent(false)');
    expect((await stored())[0]).toEqual([]);
  });

  it('keeps the value for its time from the click on, also where each page says that there is consent', async () => {
    shop('/', { script: snippet('--expires', '3h'), calls: 'roktRtid.consent(true)' });
    await isAt(0);
    await visit('/?rtid=click-1');
    for (const minutes of [70, 140]) {
      await isAt(minutes);
      await visit('/');
      expect(await rtidOnPage()).toBe('click-1');
    }
    await isAt(181);
    await visit('/');
    expect(await rtidOnPage()).toBeUndefined();
  });

  it("that is refused at first and then given keeps what Segment's own plugin had stored, too", async () => {
    site.serve('/rokt-rtid.js', 'text/javascript', snippet());
    site.serve('/', 'text/html', '<!doctype html><script src="/rokt-rtid.js"></script>');
    await visit('/');
    await page.evaluate(`localStorage.setItem('${KEY}', '"from-segment"'); roktRtid.consent(false)`);
    expect(await storedOnPage()).toBeNull();
    await page.evaluate('roktRtid.consent(true)');
    expect(await rtidOnPage()).toBe('from-segment');
    expect(await storedOnPage()).toBe('from-segment');
  });

  it('that is refused at first and then given still keeps what the shopper came with', async () => {
    shop('/', { calls: 'roktRtid.consent(false)' });
    await visit('/?rtid=click-1');
    expect(await rtidOnPage()).toBeUndefined();
    await page.evaluate("history.replaceState({}, '', '/home')");
    await page.evaluate('roktRtid.consent(true)');
    expect(await rtidOnPage()).toBe('click-1');
    expect(await storedOnPage()).toContain('click-1');
  });
});

describe('the module', () => {
  it('has the RTID of the address that the shopper landed on, whatever a router makes of it', async () => {
    shopWithModule('/', "history.replaceState({}, '', '/home');");
    await visit('/?rtid=mod-1');
    expect((await callsOf(1))[0]?.rtid).toBe('mod-1');
    expect(await rtidOnPage()).toBe('mod-1');
  });

  it('can be imported on a server, where there is no RTID', async () => {
    const imported = await import(join(folder.path, folder.write('rokt-rtid.mjs', snippet('--esm'))));
    expect(imported).toMatchObject({ roktBrowserPlugin: { name: 'Rokt Browser Plugin' } });
    expect(imported.roktRtid(), 'as a page that is rendered there asks').toBeUndefined();
  });
});

it('with the npm package, the plugin object puts the RTID into every call type', async () => {
  folder.write('rokt-rtid.mjs', snippet('--esm'));
  folder.write(
    'app.js',
    `import { AnalyticsBrowser } from '@segment/analytics-next';
import { roktBrowserPlugin, roktRtid } from './rokt-rtid.mjs';
window.roktValue = roktRtid;
window.start = (origin) => {
  const analytics = AnalyticsBrowser.load({ writeKey: 'test-key', cdnURL: origin, plugins: [] });
  analytics.register(roktBrowserPlugin);
  window.analytics = analytics;
};`,
  );
  const bundle = await rolldown({
    input: join(folder.path, 'app.js'),
    platform: 'browser',
    resolve: { modules: [join(import.meta.dirname, '../../node_modules')] },
  });
  const { output } = await bundle.generate({ format: 'iife', codeSplitting: false });
  site.serve('/app.js', 'text/javascript', output[0].code);
  site.serve(
    '/',
    'text/html',
    `<!doctype html><script src="/app.js"></script><script>start('${site.origin}'); ${CALLS}</script>`,
  );
  await visit('/?rtid=npm-1');
  const calls = await callsOf(TYPES.length);
  expect(calls.map(({ type, rtid }) => [type, rtid]).sort()).toEqual(
    TYPES.map((type) => [type, 'npm-1']).sort(),
  );
  await visit('/');
  expect((await callsOf(TYPES.length * 2)).every(({ rtid }) => rtid === 'npm-1')).toBe(true);
  expect(await page.evaluate('roktValue()')).toBe('npm-1');
});

it('closes the loop: from the landing page over a Segment export to the batch that Rokt gets', async () => {
  shop('/');
  await visit('/?rtid=loop-1');
  await callsOf(TYPES.length);
  const held: ReceivedBatch[] = [];
  const sandbox = await startSandbox({
    batchesPerSecond: 270,
    onAccepted: (batch) => {
      held.push(batch);
    },
  });
  try {
    folder.write('export.ndjson', site.calls.map((call) => `${JSON.stringify(call)}\n`).join(''));
    const sent = await run(['send', 'export.ndjson', '--endpoint', sandbox.url, '--json'], {
      cwd: folder.path,
      env: { ROKT_CAPI_API_KEY: 'sandbox', ROKT_CAPI_API_SECRET: 'sandbox' },
    });
    expect(sent.code, sent.stderr).toBe(0);
    const order = held.find((batch) => JSON.stringify(batch).includes('"conversion"'));
    expect(order).toMatchObject({
      user_identities: { email: 'ann@example.com', other2: 'loop-1' },
      integration_attributes: { '1277': { passbackconversiontrackingid: 'loop-1' } },
      events: [{ data: { custom_attributes: { confirmationref: 'o-1', amount: 99.5 } } }],
    });
  } finally {
    await sandbox.close();
  }
});
