import { UserError } from '../errors.js';

/** The proxy that the environment names for HTTPS. */
export interface ProxySettings {
  /** URL of the proxy; may carry its user and password. */
  readonly url: string;
  /** Hosts that are reached without it, separated by commas: `NO_PROXY`. */
  readonly except: string;
}

/**
 * Reads `https_proxy` and `no_proxy`, in lower or upper case; as in curl, lower case goes first and `http://` may be
 * left out. Plain HTTP goes to this machine alone, and so through no proxy.
 *
 * @throws UserError `PROXY_INVALID`.
 */
export function readProxy(env: NodeJS.ProcessEnv): ProxySettings | undefined {
  const name = (env.https_proxy ?? '') !== '' ? 'https_proxy' : 'HTTPS_PROXY';
  const text = env[name] ?? '';
  if (text === '') return undefined;
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw new UserError('PROXY_INVALID', `${name} is not the address of an HTTP proxy.`, {
      hint: 'Write it as http://host:port, without a path, or unset it.',
    });
  }
  return { url: url.href, except: env.no_proxy ?? env.NO_PROXY ?? '' };
}
