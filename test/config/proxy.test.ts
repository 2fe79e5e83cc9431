import { expect, it } from 'vitest';
import { readProxy } from '../../src/config/proxy.js';

it.each([
  [{}, undefined],
  [{ HTTPS_PROXY: '', https_proxy: '' }, undefined],
  [{ HTTPS_PROXY: 'http://proxy:3128' }, { url: 'http://proxy:3128/', except: '' }],
  [{ HTTPS_PROXY: 'proxy:3128' }, { url: 'http://proxy:3128/', except: '' }],
  [{ HTTPS_PROXY: 'https://user:pass@proxy' }, { url: 'https://user:pass@proxy/', except: '' }],
  [
    { HTTPS_PROXY: 'http://upper', https_proxy: 'http://lower' },
    { url: 'http://lower/', except: '' },
  ],
  [
    { HTTPS_PROXY: 'http://upper', https_proxy: '' },
    { url: 'http://upper/', except: '' },
  ],
  [
    { HTTPS_PROXY: 'proxy', NO_PROXY: 'a,b' },
    { url: 'http://proxy/', except: 'a,b' },
  ],
  [
    { HTTPS_PROXY: 'proxy', NO_PROXY: 'a', no_proxy: 'b' },
    { url: 'http://proxy/', except: 'b' },
  ],
])('the proxy of %j', (env, expected) => {
  expect(readProxy(env)).toEqual(expected);
});

it.each(['socks5://proxy', 'http://proxy/path', 'http://proxy?a', 'http://proxy#a', 'http://', 'a b'])(
  '%s is no proxy',
  (text) => {
    for (const name of ['HTTPS_PROXY', 'https_proxy']) {
      expect(() => readProxy({ [name]: text })).toThrow(
        expect.objectContaining({ code: 'PROXY_INVALID', message: expect.stringContaining(name) }),
      );
    }
  },
);
