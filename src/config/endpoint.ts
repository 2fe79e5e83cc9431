import { type ErrorPlace, UserError } from '../errors.js';

/** The hosts of contract.md, section 1, by the name that the config gives them. */
export const PODS = {
  us1: 'https://s2s.us1.mparticle.com/v2',
  us2: 'https://s2s.us2.mparticle.com/v2',
  eu1: 'https://s2s.eu1.mparticle.com/v2',
  au1: 'https://s2s.au1.mparticle.com/v2',
  inbound: 'https://inbound.mparticle.com/s2s/v2',
} as const;

/** The pod that is used when neither config nor flag names one: the one in Rokt's own guide. */
export const DEFAULT_POD = 'us2';

/**
 * Checks a base URL and takes the slash off its end.
 *
 * @throws UserError `ENDPOINT_INVALID` for what is no URL or carries credentials, a query or a fragment;
 *   `ENDPOINT_NOT_SECURE` for plain HTTP to anything but this machine (design.md, promise 6).
 */
export function parseEndpoint(text: string, place: ErrorPlace = {}): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new UserError('ENDPOINT_INVALID', 'The endpoint is not an http or https URL.', {
      hint: `Give the full base URL, such as ${PODS.us2}.`,
      place,
    });
  }
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') {
    throw new UserError('ENDPOINT_INVALID', 'The endpoint contains credentials, a query or a fragment.', {
      hint: 'Give the base URL only; credentials go into ROKT_CAPI_API_KEY and ROKT_CAPI_API_SECRET.',
      place,
    });
  }
  if (url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new UserError(
      'ENDPOINT_NOT_SECURE',
      `Credentials are not sent over plain HTTP to ${url.hostname}.`,
      {
        hint: 'Use https, or an address of this machine (127.0.0.1, localhost).',
        place,
      },
    );
  }
  return url.href.replace(/\/+$/, '');
}

function isLoopback(hostname: string): boolean {
  return (
    hostname === 'localhost' || hostname === '[::1]' || /^127\.\d{1,3}\.\d{1,3}\.\d{1,3}$/.test(hostname)
  );
}
