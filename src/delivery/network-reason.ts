import { errors } from 'undici';
import { NotSent } from './exchange.js';
import { ProxyError } from './proxy-tunnel.js';

const CUT = 'the connection was cut before the answer came';
const UNTRUSTED =
  "its certificate is not signed by a trusted authority; if you trust it, name the authority's certificate file in NODE_EXTRA_CA_CERTS";
/** What error codes say, in words; others stand for themselves. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens at that address'],
  ['ENOTFOUND', 'no host has that name'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['ECONNRESET', CUT],
  ['EPIPE', CUT],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', "its certificate is not valid yet: check whether this machine's clock is right"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
]);

/** Why there was no answer, in words. */
export function networkReason(error: unknown): string {
  if (error instanceof NotSent && error.cause !== undefined) return networkReason(error.cause);
  if (error instanceof ProxyError) {
    const { status, cause } = error;
    if (status === undefined) return `no way through the proxy: ${networkReason(cause)}`;
    return `the proxy answered ${status}${status === 407 ? ', it wants another user and password' : ''}`;
  }
  if (error instanceof errors.HeadersTimeoutError) return 'the server did not answer in time';
  if (error instanceof errors.BodyTimeoutError) return "the server's answer broke off";
  if (error instanceof errors.ConnectTimeoutError) return 'no connection was made in time';
  if (error instanceof NotSent || (error instanceof Error && error.name === 'AbortError'))
    return 'the run ended before the answer came';
  if (error instanceof errors.SocketError) return CUT;
  const code = error instanceof Error ? codeOrName(error) : 'unknown cause';
  return `${FAILURES.get(code) ?? 'the connection failed'} (${code})`;
}

function codeOrName(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
