import type { TcpNetConnectOpts } from 'node:net';
import type { ConnectionOptions } from 'node:tls';

/**
 * How long one address of a name that has several is tried before the next, in ms. Node's 250 ms is less than it takes to
 * reach a server on the other side of the world, and it does not come back to an address: with an IPv6 address last, and
 * no IPv6 here, no connection would ever come about. A first packet that is lost is sent again after a second.
 */
const ADDRESS_MS = 2_500;

/** Certificates are checked also where NODE_TLS_REJECT_UNAUTHORIZED, which people set for something else, says not to. */
export const CHECKED = { rejectUnauthorized: true } as const satisfies ConnectionOptions;

/** How connections are opened, to a server or a proxy. */
export const CONNECTING = {
  ...CHECKED,
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: ADDRESS_MS,
} as const satisfies Partial<TcpNetConnectOpts> & ConnectionOptions;
