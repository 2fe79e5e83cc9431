import { BlockList, isIP } from 'node:net';
import { UserError } from '../errors.js';

/** An HTTP proxy. */
export interface HttpProxy {
  /** Its address, without user and password. */
  readonly url: URL;
  /** What it gets as `Proxy-Authorization`: HTTP Basic; absent where the address names no user. */
  readonly authorization?: string;
}

/**
 * The proxy that the environment names for an endpoint: `https_proxy`, unless `no_proxy` excepts the host, in lower or
 * upper case; as in curl, lower case goes first and `http://` may be left out. Plain HTTP goes to this machine alone, and
 * so through no proxy.
 *
 * @throws UserError `PROXY_INVALID` where what it names is needed and is no HTTP proxy.
 */
export function proxyFor(endpoint: string, env: NodeJS.ProcessEnv): HttpProxy | undefined {
  const target = new URL(endpoint);
  if (target.protocol !== 'https:') return undefined;
  const name = (env.https_proxy ?? '') !== '' ? 'https_proxy' : 'HTTPS_PROXY';
  const text = env[name] ?? '';
  if (text === '' || isExcepted(target, env.no_proxy ?? env.NO_PROXY ?? '')) return undefined;
  return parseProxy(name, text);
}

function parseProxy(name: string, text: string): HttpProxy {
  const full = text.includes('://') ? text : `http://${text}`;
  const url = URL.canParse(full) ? new URL(full) : undefined;
  const isHttp = url?.protocol === 'http:' || url?.protocol === 'https:';
  if (url === undefined || !isHttp || url.pathname !== '/' || url.search !== '' || url.hash !== '') {
    throw invalid(name);
  }
  const { username, password } = url;
  url.username = '';
  url.password = '';
  if (username === '' && password === '') return { url };
  try {
    const login = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
    return { url, authorization: `Basic ${Buffer.from(login).toString('base64')}` };
  } catch {
    // A % that no escape begins with.
    throw invalid(name);
  }
}

function invalid(name: string): UserError {
  return new UserError('PROXY_INVALID', `${name} is not the address of an HTTP proxy.`, {
    hint: 'Write it as http://host:port, or http://user:password@host:port with a %, /, # or ? of the password as %25, %2F, %23 or %3F; or unset it.',
  });
}

/**
 * Whether `NO_PROXY` has the host of an address: hosts, separated by commas or blanks, each for itself and all below it
 * (with a leading `.` or `*.` or without), for one port where it ends in `:port`; networks (`10.0.0.0/8`), for the addresses
 * in them; or `*` for all.
 */
function isExcepted({ hostname, port }: URL, list: string): boolean {
  const host = plainHost(hostname);
  return list
    .split(/[,\s]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*' || isInNetwork(host, entry)) return true;
      // An IPv6 address has colons of its own, and a port only behind brackets.
      const [, name = entry, itsPort] = /^(\[.*\]|[^:]*):(\d+)$/.exec(entry) ?? [];
      if (itsPort !== undefined && Number(itsPort) !== Number(port || 443)) return false;
      const excepted = plainHost(name.replace(/^\*?\./, ''));
      return host === excepted || host.endsWith(`.${excepted}`);
    });
}

/** Whether a host is an address, and in a network in CIDR notation. */
function isInNetwork(host: string, entry: string): boolean {
  const [, network = '', bits] = /^([^/]+)\/(\d+)$/.exec(entry) ?? [];
  const family = isIP(host);
  if (family === 0 || family !== isIP(network) || Number(bits) > (family === 4 ? 32 : 128)) return false;
  const type = family === 4 ? 'ipv4' : 'ipv6';
  const list = new BlockList();
  list.addSubnet(network, Number(bits), type);
  return list.check(host, type);
}

/** In lower case, without the brackets of IPv6 and the dot at the end of a full name. */
function plainHost(host: string): string {
  return host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
}
