import { errors } from 'undici';
import { NotSent } from './exchange.js';
import { ProxyError } from './proxy-tunnel.js';

const CUT = 'the connection was cut before the answer came';
const UNTRUSTED =
  "its certificate is not signed by a trusted authority; if you trust it, name the authority's certificate file in NODE_EXTRA_CA_CERTS";
const NO_ROUTE = 'there is no route to that address from here';
const NO_HTTP = 'what answered does not speak HTTP';
const NO_TLS = 'what answered does not speak TLS';
/** What error codes say, in words; others stand for themselves. */
const FAILURES: ReadonlyMap<string, string> = new Map([
  ['ECONNREFUSED', 'nothing listens at that address'],
  ['ENOTFOUND', 'no host has that name'],
  ['EAI_AGAIN', 'the name server does not answer'],
  ['ETIMEDOUT', 'no connection was made in time'],
  ['ENETUNREACH', NO_ROUTE],
  ['EHOSTUNREACH', NO_ROUTE],
  ['ECONNRESET', CUT],
  ['EPIPE', CUT],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', UNTRUSTED],
  ['SELF_SIGNED_CERT_IN_CHAIN', UNTRUSTED],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT', UNTRUSTED],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', UNTRUSTED],
  ['CERT_HAS_EXPIRED', 'its certificate has expired'],
  ['CERT_NOT_YET_VALID', "its certificate is not valid yet: check whether this machine's clock is right"],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'its certificate is for another host'],
  ['ERR_SSL_WRONG_VERSION_NUMBER', NO_TLS],
  ['ERR_SSL_PACKET_LENGTH_TOO_LONG', NO_TLS],
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
  if (error instanceof NotSent || error instanceof errors.RequestAbortedError)
    return 'the run ended before the answer came';
  // Also where undici closed the connection itself, for an answer that it does not take.
  if (error instanceof errors.SocketError) return error.message.startsWith('bad ') ? NO_HTTP : CUT;
  const code = error instanceof Error ? codeOrName(error) : 'unknown cause';
  if (code.startsWith('HPE_') || error instanceof errors.HTTPParserError) return `${NO_HTTP} (${code})`;
  return `${FAILURES.get(code) ?? 'the connection failed'} (${code})`;
}

function codeOrName(error: Error): string {
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name;
}
