import { isIP } from 'node:net';
import type { JsonObject, MappedFields, Problem } from '../interfaces.js';
import { isHashed, sha256Hex } from './hash.js';
import { asObject, asText } from './values.js';
import type { BatchSubject } from './wire.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;
/** What a device gives when the user has refused tracking. */
const REFUSED_UUID = '00000000-0000-0000-0000-000000000000';
const DEVICE_IDS = ['ios_advertising_id', 'android_advertising_id', 'ios_idfv', 'android_uuid'] as const;

type Identities = BatchSubject['user_identities'];
type DeviceInfo = BatchSubject['device_info'];

/** `user_identities` (contract.md, section 2): the address plain or hashed, the user's id, and the RTID. */
export function buildIdentities(fields: MappedFields, hashEmail: boolean): Identities {
  const mapped = asObject(fields.user_identities);
  const email = asText(mapped.email)?.toLowerCase();
  const customerid = asText(mapped.customerid);
  const rtid = asText(fields.rtid);
  const identities: { -readonly [Key in keyof Identities]: Identities[Key] } = {};
  if (email !== undefined) {
    if (isHashed(email)) identities.other = email;
    else if (hashEmail) identities.other = sha256Hex(email);
    else identities.email = email;
  }
  if (customerid !== undefined) identities.customerid = customerid;
  if (rtid !== undefined) identities.other2 = rtid;
  return identities;
}

/** `device_info`. What is no UUID (only `android_uuid` need not be one), or the all-zero one, is left out with a warning (contract.md, section 4). */
export function buildDeviceInfo(fields: MappedFields, warnings: Problem[]): DeviceInfo {
  const mapped: JsonObject = asObject(fields.device_info);
  const userAgent = asText(mapped.http_header_user_agent);
  const device: { -readonly [Key in keyof DeviceInfo]: DeviceInfo[Key] } = {};
  if (userAgent !== undefined) device.http_header_user_agent = userAgent;
  for (const name of DEVICE_IDS) {
    const id = asText(mapped[name]);
    if (id === undefined) continue;
    if ((UUID.test(id) || name === 'android_uuid') && id !== REFUSED_UUID) {
      device[name] = id;
    } else {
      warnings.push({
        code: 'DEVICE_ID_UNUSABLE',
        message: 'The device id is no UUID, or the all-zero one; it is left out.',
        field: `device_info.${name}`,
      });
    }
  }
  return device;
}

/** `ip`. What is no address is left out with a warning (contract.md, section 4). */
export function buildIp(fields: MappedFields, warnings: Problem[]): string | undefined {
  const ip = asText(fields.ip);
  if (ip === undefined || isIP(ip) !== 0) return ip;
  warnings.push({ code: 'IP_UNUSABLE', message: 'The ip is no address; it is left out.', field: 'ip' });
  return undefined;
}

/** Whether there is anything by which the user can be found (contract.md, section 2, "Identifiers"). */
export function isIdentified({
  user_identities: identities,
  device_info: device,
  ip,
}: BatchSubject): boolean {
  return (
    Object.keys(identities).length > 0 ||
    DEVICE_IDS.some((name) => device[name] !== undefined) ||
    (ip !== undefined && device.http_header_user_agent !== undefined)
  );
}
