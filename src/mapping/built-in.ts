import type { JsonValue } from '../interfaces.js';
import { createGetter, type Getter } from './path.js';

/** Makes the defaults of the fields that no directive can say (contract.md, section 3). */
export function createBuiltIn(): Readonly<Record<'device_info' | 'rtid', Getter>> {
  return { device_info: createDeviceInfo(), rtid: createRtid() };
}

/** The click id: as the browser plugin sends it, else from the page's query (contract.md, sections 3 and 4). */
function createRtid(): Getter {
  const integrationRtid = createGetter(['integrations', 'Rokt Conversions API', 'rtid']);
  const pageSearch = createGetter(['context', 'page', 'search']);
  return (event) => integrationRtid(event) ?? rtidOf(pageSearch(event));
}

/** The user agent, and the device's ids under the names of its type. */
function createDeviceInfo(): Getter {
  const deviceType = createGetter(['context', 'device', 'type']);
  const advertisingId = createGetter(['context', 'device', 'advertisingId']);
  const deviceId = createGetter(['context', 'device', 'id']);
  const userAgent = createGetter(['context', 'userAgent']);
  return (event) => {
    const common = { http_header_user_agent: userAgent(event) };
    switch (deviceType(event)) {
      case 'ios':
        return { ...common, ios_advertising_id: advertisingId(event), ios_idfv: deviceId(event) };
      case 'android':
        return { ...common, android_advertising_id: advertisingId(event), android_uuid: deviceId(event) };
      default:
        return common;
    }
  };
}

/** `rtid`, else `rclid`, as a parameter of its own: `?xrtid=1` is none. */
function rtidOf(search: JsonValue | undefined): string | undefined {
  if (typeof search !== 'string' || !/r(?:t|cl)id=/.test(search)) return undefined;
  const [beforeFragment = ''] = search.split('#', 1);
  const query = new URLSearchParams(beforeFragment.slice(beforeFragment.indexOf('?') + 1));
  return [query.get('rtid'), query.get('rclid')].find((id) => id !== null && id.trim() !== '') ?? undefined;
}
