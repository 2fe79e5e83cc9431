import {
  type AnalyticsEvent,
  type AnalyticsStorage,
  createRtid,
  type Options,
  watchNavigation,
} from './rtid';

declare const __ROKT_OPTIONS__: Options;
declare const __ROKT_VERSION__: string;

interface Context {
  event: AnalyticsEvent;
}

let storage: AnalyticsStorage | undefined;
const [rtid, enrich] = createRtid(__ROKT_OPTIONS__, () => storage);
const enriched = (context: Context): Context => {
  enrich(context.event);
  return context;
};

/** The RTID of this page, for the site's own order export; and whether it may be stored and sent. */
export { rtid as roktRtid };

/** For `analytics.register(roktBrowserPlugin)` of `@segment/analytics-next`. */
export const roktBrowserPlugin = {
  name: 'Rokt Browser Plugin',
  type: 'enrichment' as const,
  version: __ROKT_VERSION__,
  isLoaded: (): boolean => true,
  load: async (_: unknown, analytics: { storage?: AnalyticsStorage }): Promise<void> => {
    storage = analytics.storage;
    rtid();
  },
  track: enriched,
  identify: enriched,
  page: enriched,
  group: enriched,
  alias: enriched,
};

// A router may rewrite the address before analytics.js has loaded; on a server there is none.
if (typeof window === 'object') {
  watchNavigation(rtid);
}
