import { hash } from 'node:crypto';
import { hashOfEmail } from '../payload/identifiers.js';
import type { BatchSubject } from '../payload/wire.js';
import type { MemberSubject } from './member.js';

/** The kinds of identifiers by which two records are the same person, the strongest first. */
export const KINDS = ['c', 'e', 'd', 'r', 'i'] as const;

/**
 * The identifiers of a person, each as its kind and a keyed hash (`c:0123456789abcdef`), the strongest first: customer
 * id, e-mail address, device ids; then what tells people apart only where there is nothing else, the RTID and an ip with a
 * user agent. A plain address and its SHA-256 are the same identifier.
 *
 * @param secret keeps those who do not know it from trying addresses.
 */
export function identifiersOf(subject: BatchSubject, secret: string): string[] {
  const { customerid, other2 } = subject.user_identities;
  const { http_header_user_agent: userAgent, ...devices } = subject.device_info;
  const found: string[] = [];
  const add = (kind: (typeof KINDS)[number], value: string): void => {
    found.push(`${kind}:${hash('sha256', `${secret}${kind}${value}`).slice(0, 16)}`);
  };
  if (customerid !== undefined) add('c', customerid);
  const address = hashOfEmail(subject.user_identities);
  if (address !== undefined) add('e', address);
  for (const [name, id] of Object.entries(devices)) add('d', `${name}:${id.toLowerCase()}`);
  if (other2 !== undefined) add('r', other2);
  if (found.length === 0) add('i', `${subject.ip ?? ''} ${userAgent ?? ''}`);
  return found;
}

/** Who somebody is, without their address or device ids where these kinds are among `kinds`. */
export function withoutKinds(subject: MemberSubject, kinds: ReadonlySet<string>): MemberSubject {
  const { email: _, other: __, ...identities } = subject.user_identities;
  const { http_header_user_agent: userAgent } = subject.device_info;
  return {
    ...subject,
    ...(kinds.has('e') ? { user_identities: identities } : {}),
    ...(kinds.has('d')
      ? { device_info: userAgent === undefined ? {} : { http_header_user_agent: userAgent } }
      : {}),
  };
}
