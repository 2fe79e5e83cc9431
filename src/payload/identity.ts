import { isIP } from 'node:net';
import type { RecordEvent } from '../input/input-record.js';
import type { JsonValue, Problem } from '../interfaces.js';
import type { FieldReader } from '../mapping/field-reader.js';
import { isHashed, sha256Hex } from './hash.js';
import { idTextOf, textOf } from './values.js';
import type { BatchSubject } from './wire.js';

/** One address alone: behind the @ there is a domain, and not the end of a link or a second address. */
const ADDRESS = /^[^\s@]+@[\p{L}\p{M}\p{N}._-]+$/u;
const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** What a device gives when the user has refused tracking. */
const REFUSED_UUID = '00000000-0000-0000-0000-000000000000';
const DEVICE_IDS = ['ios_advertising_id', 'android_advertising_id', 'ios_idfv', 'android_uuid'] as const;

type Identities = BatchSubject['user_identities'];
type DeviceInfo = BatchSubject['device_info'];

/** `user_identities`, and whether the e-mail address was a SHA-256 already. */
export interface ReadIdentities {
  readonly identities: Identities;
  readonly emailCameHashed: boolean;
}

/**
 * Makes what reads `user_identities` off an event (contract.md, section 2): the address plain or hashed, the user's id,
 * and the RTID.
 */
export function createIdentityReader(
  fields: FieldReader,
): (event: RecordEvent, rtid: string | undefined, hashEmail: boolean, warnings: Problem[]) => ReadIdentities {
  const emailOf = fields.part('user_identities', 'email');
  const customerOf = fields.part('user_identities', 'customerid');
  return (event, rtid, hashEmail, warnings) => {
    const email = readEmail(emailOf(event), warnings);
    const customerid = idTextOf(customerOf(event), 'user_identities.customerid', warnings);
    const identities: { -readonly [Key in keyof Identities]: Identities[Key] } = {};
    const emailCameHashed = email !== undefined && isHashed(email);
    if (email !== undefined) {
      if (emailCameHashed) identities.other = email;
      else if (hashEmail) identities.other = sha256Hex(email);
      else identities.email = email;
    }
    if (customerid !== undefined) identities.customerid = customerid;
    if (rtid !== undefined) identities.other2 = rtid;
    return { identities, emailCameHashed };
  };
}

/** Lower-cased; a SHA-256 as it is. What is no address, such as N/A or the total of a table, is left out with a warning. */
function readEmail(value: JsonValue | undefined, warnings: Problem[]): string | undefined {
  const email = textOf(value, 'user_identities.email', warnings)?.toLowerCase();
  if (email === undefined || ADDRESS.test(email) || isHashed(email)) return email;
  warnings.push({
    code: 'EMAIL_UNUSABLE',
    message: 'This is neither one e-mail address nor the SHA-256 of one; it is left out.',
    field: 'user_identities.email',
  });
  return undefined;
}

/**
 * Makes what reads `device_info` off an event. What is no UUID (only `android_uuid` need not be one), or the all-zero
 * one, is left out with a warning (contract.md, section 4).
 */
export function createDeviceReader(
  fields: FieldReader,
): (event: RecordEvent, warnings: Problem[]) => DeviceInfo {
  const userAgentOf = fields.part('device_info', 'http_header_user_agent');
  const ids = DEVICE_IDS.map((name) => {
    return { name, field: `device_info.${name}`, get: fields.part('device_info', name) };
  });
  return (event, warnings) => {
    const userAgent = textOf(userAgentOf(event), 'device_info.http_header_user_agent', warnings);
    const device: { -readonly [Key in keyof DeviceInfo]: DeviceInfo[Key] } = {};
    if (userAgent !== undefined) device.http_header_user_agent = userAgent;
    for (const { name, field, get } of ids) {
      const id = textOf(get(event), field, warnings);
      if (id === undefined) continue;
      if ((UUID.test(id) || name === 'android_uuid') && id !== REFUSED_UUID) {
        device[name] = id;
      } else {
        warnings.push({
          code: 'DEVICE_ID_UNUSABLE',
          message: 'The device id is not a UUID, or is all zeros; it is left out.',
          field,
        });
      }
    }
    return device;
  };
}

/** `ip`. What is no address is left out with a warning (contract.md, section 4). */
export function readIp(mapped: JsonValue | undefined, warnings: Problem[]): string | undefined {
  const ip = textOf(mapped, 'ip', warnings);
  if (ip === undefined || isIP(ip) !== 0) return ip;
  warnings.push({
    code: 'IP_UNUSABLE',
    message: 'The ip is not an IP address; it is left out.',
    field: 'ip',
  });
  return undefined;
}
