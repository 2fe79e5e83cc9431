import { afterEach, describe, expect, it } from 'vitest';
import { type Sandbox, type SandboxSettings, startSandbox } from '../../src/sandbox/server.js';

let sandbox: Sandbox | undefined;
afterEach(async () => {
  await sandbox?.close();
  sandbox = undefined;
});

const BASIC = `Basic ${Buffer.from('key:secret').toString('base64')}`;

async function start(settings: SandboxSettings = { batchesPerSecond: 0 }) {
  sandbox = await startSandbox(settings);
  return sandbox;
}

function post(body: unknown, options: { path?: string; authorization?: string; type?: string } = {}) {
  const { path = '/bulkevents', authorization = BASIC, type = 'application/json' } = options;
  return fetch(`${sandbox?.url}${path}`, {
    method: 'POST',
    headers: { authorization, 'content-type': type },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
}

const event = (ageMs = 0, attributes: Record<string, string> = {}) => ({
  event_type: 'custom_event',
  data: {
    event_name: 'conversion',
    custom_event_type: 'transaction',
    source_message_id: 'm',
    timestamp_unixtime_ms: Date.now() - ageMs,
    custom_attributes: attributes,
  },
});
const batch = (id: string, extra: object = {}) => ({
  environment: 'production',
  source_request_id: id,
  device_info: {},
  user_attributes: {},
  user_identities: { customerid: 'c' },
  events: [event()],
  ...extra,
});

describe('the sandbox', () => {
  it('answers 202 without a body, and keeps each source_request_id once', async () => {
    const seen: unknown[] = [];
    const { summary } = await start({ batchesPerSecond: 0, onAccepted: (one) => void seen.push(one) });
    const first = await post([batch('a'), batch('b')]);
    expect([first.status, await first.text()]).toEqual([202, '']);
    await post([batch('b'), batch('c')]);
    await post(batch('d'), { path: '/events' });
    expect(summary()).toMatchObject({
      requests: 3,
      accepted: 4,
      events: 4,
      duplicates: 1,
      answers: { 202: 3 },
    });
    expect(seen).toHaveLength(4);
  });

  it('wants credentials, whichever they are', async () => {
    await start();
    const status = async (authorization: string) => (await post([batch('a')], { authorization })).status;
    for (const none of ['', 'Basic', `Basic ${btoa('a:')}`, `Basic ${btoa(':b')}`, `Bearer ${btoa('a:b')}`])
      expect(await status(none), none).toBe(401);
    expect(await status(`Basic ${btoa('any:thing')}`)).toBe(202);
  });

  it.each([
    ['JSON that is none', '{'],
    ['an object where a list belongs', batch('a')],
    ['no environment', [{ ...batch('a'), environment: undefined }]],
    ['an identity that the API does not know', [batch('a', { user_identities: { emial: 'x' } })]],
    ['an object as an attribute', [batch('a', { user_attributes: { a: { b: 1 } } })]],
    ['an advertising id that is no UUID', [batch('a', { device_info: { ios_advertising_id: 'x' } })]],
    ['an ip that is no address', [batch('a', { ip: 'home' })]],
    [
      'more than 100 events over all batches',
      [batch('a', { events: Array(60).fill(event()) }), batch('b', { events: Array(41).fill(event()) })],
    ],
    ['more than 100 batches', Array.from({ length: 101 }, (_, n) => batch(String(n), { events: undefined }))],
  ])('refuses %s with a 400 in the documented form, and keeps nothing of the request', async (_, body) => {
    const { summary } = await start();
    const response = await post(body);
    expect(response.status).toBe(400);
    expect(await response.json()).toEqual({ errors: [{ code: 'BAD_REQUEST', message: expect.any(String) }] });
    expect(summary().accepted).toBe(0);
  });

  it('refuses 256 KB with a 413, and goes on', async () => {
    await start();
    const filler = 'x'.repeat(4_000);
    const large = Array.from({ length: 66 }, (_, n) => batch(String(n), { user_attributes: { filler } }));
    expect((await post(large)).status).toBe(413);
    expect((await post([batch('a')])).status).toBe(202);
  });

  it.each([
    [
      'a batch over 128 KB',
      batch('a', {
        user_attributes: Object.fromEntries(Array.from({ length: 40 }, (_, n) => [n, 'x'.repeat(4_000)])),
      }),
      '/bulkevents',
    ],
    [
      'over 100 attributes',
      batch('a', { user_attributes: Object.fromEntries(Array.from({ length: 101 }, (_, n) => [n, 1])) }),
      '/bulkevents',
    ],
    [
      'an attribute over 4,096 characters',
      batch('a', { events: [event(0, { a: 'x'.repeat(4_097) })] }),
      '/bulkevents',
    ],
    ['a historical event under 72 hours old', batch('a'), '/bulkevents/historical'],
    ['a historical batch without events', batch('a', { events: undefined }), '/bulkevents/historical'],
  ])('drops %s without a word, as documented, and counts it', async (_, body, path) => {
    const { summary } = await start();
    expect((await post([body, batch('b', { events: [event(80 * 3_600_000)] })], { path })).status).toBe(202);
    expect(summary().accepted).toBe(1);
    expect(Object.values(summary().dropped)).toEqual([1]);
  });

  it('answers 429 over its rate, with the headers that say why and how long, and say the share used before', async () => {
    const twice = async () => {
      await start({ batchesPerSecond: 10 });
      const from = performance.now();
      const first = await post(Array.from({ length: 8 }, (_, n) => batch(`a${n}`)));
      const second = await post(Array.from({ length: 3 }, (_, n) => batch(`b${n}`)));
      return { first, second, ms: performance.now() - from };
    };
    let { first, second, ms } = await twice();
    // What a busy machine takes longer for is in two seconds.
    while (ms >= 1_000) {
      await sandbox?.close();
      ({ first, second, ms } = await twice());
    }
    expect(first.headers.get('x-mp-rate-limit-percentage-used')).toBe('80');
    expect(second.status).toBe(429);
    expect(second.headers.get('retry-after')).toBe('1');
    expect(second.headers.get('x-mp-rate-limit-exceeded')).toBe('org');
  });

  it('has a health check, and 404 and 405 for what is not there', async () => {
    const { url } = await start();
    const base = url.replace('/v2', '');
    expect((await fetch(`${base}/healthz`)).status).toBe(200);
    expect((await fetch(`${url}/nothing`, { method: 'POST' })).status).toBe(404);
    expect((await fetch(`${url}/events`)).status).toBe(405);
  });
});
