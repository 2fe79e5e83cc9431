import type { TcpNetConnectOpts } from 'node:net';

/**
 * How long one address of a name that has several is tried before the next, in ms. Node's 250 ms is less than it takes to
 * reach a server on the other side of the world, and it does not come back to an address: with an IPv6 address last, and
 * no IPv6 here, no connection would ever come about. A first packet that is lost is sent again after a second.
 */
const ADDRESS_MS = 2_500;

/** How connections are opened, to a server or a proxy. */
export const CONNECTING = {
  autoSelectFamily: true,
  autoSelectFamilyAttemptTimeout: ADDRESS_MS,
} as const satisfies Partial<TcpNetConnectOpts>;
