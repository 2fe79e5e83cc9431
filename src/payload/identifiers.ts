import { sha256Hex } from './hash.js';
import type { BatchSubject } from './wire.js';

/** What a user can be found by (contract.md, section 2, "Identifiers"). `ip`: an ip together with a user agent. */
export const IDENTIFIERS = ['email', 'customerId', 'rtid', 'deviceId', 'ip'] as const;
/** See {@link IDENTIFIERS}. */
export type Identifier = (typeof IDENTIFIERS)[number];

/** Each of {@link IDENTIFIERS} as a bit. */
export const IDENTIFIER_BITS = {
  email: 1,
  customerId: 2,
  rtid: 4,
  deviceId: 8,
  ip: 16,
} as const satisfies Readonly<Record<Identifier, number>>;

/** Whether a batch has an e-mail address, plain or hashed. */
export function hasEmail({ user_identities: { email, other } }: BatchSubject): boolean {
  return email !== undefined || other !== undefined;
}

/** The SHA-256 of the e-mail address: plain or hashed, it is the same user's. Undefined where there is none. */
export function hashOfEmail({ email, other }: BatchSubject['user_identities']): string | undefined {
  return other ?? (email === undefined ? undefined : sha256Hex(email));
}

/** What the user of a batch can be found by, as bits; 0: the server could find nobody. */
export function identifiersIn(batch: BatchSubject): number {
  const { user_identities: identities, device_info: device, ip } = batch;
  let found = hasEmail(batch) ? IDENTIFIER_BITS.email : 0;
  if (identities.customerid !== undefined) found |= IDENTIFIER_BITS.customerId;
  if (identities.other2 !== undefined) found |= IDENTIFIER_BITS.rtid;
  const deviceId =
    device.ios_advertising_id ?? device.android_advertising_id ?? device.ios_idfv ?? device.android_uuid;
  if (deviceId !== undefined) found |= IDENTIFIER_BITS.deviceId;
  if (ip !== undefined && device.http_header_user_agent !== undefined) found |= IDENTIFIER_BITS.ip;
  return found;
}
