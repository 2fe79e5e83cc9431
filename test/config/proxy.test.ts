import { expect, it } from 'vitest';
import { proxyFor } from '../../src/config/proxy.js';

const ENDPOINT = 'https://s2s.us2.mparticle.com/v2';

/** What HTTP Basic carries. */
function loginOf(authorization: string | undefined): string | undefined {
  return authorization && Buffer.from(authorization.replace('Basic ', ''), 'base64').toString('utf8');
}

it.each([
  [{}, undefined],
  [{ HTTPS_PROXY: '', https_proxy: '' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'proxy:3128' }, 'http://proxy:3128/'],
  [{ HTTPS_PROXY: 'https://proxy' }, 'https://proxy/'],
  [{ HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' }, 'http://lower/'],
  [{ HTTPS_PROXY: 'http://upper', https_proxy: '' }, 'http://upper/'],
  [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'us2.mparticle.com', no_proxy: 'b' }, 'http://proxy/'],
  [{ HTTPS_PROXY: 'proxy', NO_PROXY: 'us2.mparticle.com', no_proxy: '' }, 'http://proxy/'],
])('the proxy of %j', (env, expected) => {
  expect(proxyFor(ENDPOINT, env)?.url.href).toBe(expected);
});

it.each([
  ['proxy', undefined],
  ['http://user:pass@proxy', 'user:pass'],
  ['user:pass@proxy:3128', 'user:pass'],
  ['http://a%40corp:p%3A%2F%25%C3%A9@proxy', 'a@corp:p:/%é'],
  ['http://token@proxy', 'token:'],
  ['http://token:@proxy', 'token:'],
  ['http://:pass@proxy', ':pass'],
])('of %s the proxy gets user and password, and its address has neither', (text, login) => {
  const proxy = proxyFor(ENDPOINT, { HTTPS_PROXY: text });
  expect(loginOf(proxy?.authorization)).toBe(login);
  expect(proxy?.url.href).toMatch(/^http:\/\/proxy(:3128)?\/$/);
});

it.each([
  ['s2s.us2.mparticle.com', true],
  ['S2S.US2.mParticle.com', true],
  ['s2s.us2.mparticle.com.', true],
  ['mparticle.com', true],
  ['.mparticle.com', true],
  ['*.mparticle.com', true],
  ['localhost, mparticle.com', true],
  ['localhost mparticle.com', true],
  ['mparticle.com:443', true],
  ['*', true],
  ['localhost,*', true],
  ['', false],
  [',', false],
  ['mparticle.com:8443', false],
  ['article.com', false],
  ['s2s', false],
  ['a.s2s.us2.mparticle.com', false],
  ['*mparticle.com', false],
])('NO_PROXY=%j: reached without the proxy is %j', (list, excepted) => {
  expect(proxyFor(ENDPOINT, { HTTPS_PROXY: 'proxy', NO_PROXY: list }) === undefined).toBe(excepted);
});

it.each([
  ['::1', true],
  ['[::1]', true],
  ['[::1]:8443', true],
  ['[::1]:443', false],
  ['::2', false],
  ['1', false],
])('of an IPv6 address, NO_PROXY=%j: %j', (list, excepted) => {
  const proxy = proxyFor('https://[::1]:8443/v2', { HTTPS_PROXY: 'proxy', NO_PROXY: list });
  expect(proxy === undefined).toBe(excepted);
});

it.each([
  ['10.1.2.3', '10.0.0.0/8', true],
  ['10.1.2.3', 'localhost,10.1.2.0/24', true],
  ['10.1.2.3', '10.1.2.3/32', true],
  ['10.1.2.3', '0.0.0.0/0', true],
  ['10.1.2.3', '10.1.3.0/24', false],
  ['10.1.2.3', '10.0.0.0/33', false],
  ['10.1.2.3', '10.0.0.0/', false],
  ['10.1.2.3', '10.0.0/8', false],
  ['10.1.2.3', '::/0', false],
  ['[fd00::5]', 'fd00::/8', true],
  ['[fd00::5]', 'fe80::/10', false],
  ['[fd00::5]', 'fd00::/129', false],
  ['[fd00::5]', '0.0.0.0/0', false],
  ['s2s.us2.mparticle.com', '0.0.0.0/0', false],
])('of the address %s, with networks as in NO_PROXY=%j: %j', (host, list, excepted) => {
  const proxy = proxyFor(`https://${host}/v2`, { HTTPS_PROXY: 'proxy', NO_PROXY: list });
  expect(proxy === undefined).toBe(excepted);
});

it('plain HTTP, which goes to this machine alone, has no proxy', () => {
  expect(proxyFor('http://127.0.0.1:7777/v2', { HTTPS_PROXY: 'proxy' })).toBeUndefined();
});

it.each([
  'socks5://proxy',
  'http://proxy/path',
  'http://proxy?a',
  'http://proxy#a',
  'http://',
  'a b',
  'http://user:se%cret@proxy',
  'http://user:se#cret@proxy',
])('%s is no proxy, and no message has its password', (text) => {
  for (const name of ['HTTPS_PROXY', 'https_proxy']) {
    const ask = () => proxyFor(ENDPOINT, { [name]: text });
    expect(ask).toThrow(
      expect.objectContaining({ code: 'PROXY_INVALID', message: expect.stringContaining(name) }),
    );
    expect(ask).not.toThrow(/cret/);
  }
});

it('what is no HTTP proxy is no error where the endpoint is reached without it', () => {
  const env = { HTTPS_PROXY: 'socks5://proxy', NO_PROXY: 'mparticle.com' };
  expect(proxyFor(ENDPOINT, env)).toBeUndefined();
});
