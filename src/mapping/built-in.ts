import { PLUGIN_RTID } from '../input/places.js';
import type { JsonValue } from '../interfaces.js';
import { type Field, fieldOf, once } from './field-reader.js';
import { createGetter, type Getter } from './path.js';

/** Makes the defaults of the fields that no directive can say (contract.md, section 3). */
export function createBuiltIn(): Readonly<Record<'device_info' | 'rtid', Field>> {
  return { device_info: createDeviceInfo(), rtid: fieldOf(createRtid()) };
}

/** The click id: as the browser plugin sends it, else from the page's query (contract.md, sections 3 and 4). */
function createRtid(): Getter {
  const integrationRtid = createGetter(PLUGIN_RTID);
  const pageSearch = createGetter(['context', 'page', 'search']);
  return (event) => integrationRtid(event) ?? rtidOf(pageSearch(event));
}

/** The user agent, and the device's ids under the names of its type. */
function createDeviceInfo(): Field {
  const type = once(createGetter(['context', 'device', 'type']));
  const advertisingId = createGetter(['context', 'device', 'advertisingId']);
  const id = createGetter(['context', 'device', 'id']);
  const where = (wanted: string, get: Getter): Getter => {
    return (event) => (type(event) === wanted ? get(event) : undefined);
  };
  const parts: ReadonlyMap<string, Getter> = new Map([
    ['http_header_user_agent', createGetter(['context', 'userAgent'])],
    ['ios_advertising_id', where('ios', advertisingId)],
    ['ios_idfv', where('ios', id)],
    ['android_advertising_id', where('android', advertisingId)],
    ['android_uuid', where('android', id)],
  ]);
  return { parts, whole: (event) => Object.fromEntries([...parts].map(([name, get]) => [name, get(event)])) };
}

/** `rtid`, else `rclid`, as a parameter of its own: `?xrtid=1` is none. */
export function rtidOf(search: JsonValue | undefined): string | undefined {
  if (typeof search !== 'string' || !/r(?:t|cl)id=/.test(search)) return undefined;
  const fragment = search.indexOf('#');
  const beforeFragment = fragment === -1 ? search : search.slice(0, fragment);
  const query = beforeFragment.slice(beforeFragment.indexOf('?') + 1);
  // Most queries have nothing to be decoded, and are read in a tenth of the time.
  const parameters = /[%+]/.test(query) ? new URLSearchParams(query) : undefined;
  const rtid = given(parameters === undefined ? RTID.exec(query)?.[1] : parameters.get('rtid'));
  return rtid ?? given(parameters === undefined ? RCLID.exec(query)?.[1] : parameters.get('rclid'));
}

function given(id: string | null | undefined): string | undefined {
  return id === null || id === undefined || id.trim() === '' ? undefined : id;
}

const RTID = /(?:^\??|&)rtid(?:=([^&]*))?(?=&|$)/;
const RCLID = /(?:^\??|&)rclid(?:=([^&]*))?(?=&|$)/;
