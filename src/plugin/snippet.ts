import {
  type AnalyticsEvent,
  type AnalyticsStorage,
  createRtid,
  type Options,
  type Rtid,
  watchNavigation,
} from './rtid';

declare const __ROKT_OPTIONS__: Options;

interface Middleware {
  payload: { obj: AnalyticsEvent & { type: string } };
  next(payload: unknown): void;
}

interface Analytics {
  storage?: AnalyticsStorage;
}

declare global {
  interface Window {
    /** A queue until analytics.js has loaded; this script makes one where there is none. */
    analytics: Analytics;
    /** The RTID of this page, for the site's own order export; and whether it may be stored and sent. */
    roktRtid?: Rtid;
  }
}

/** The calls that carry the value, and what a queue needs besides. */
const METHODS = 'track,identify,page,group,alias,addSourceMiddleware'.split(',');

// Several copies on one page do no harm: the first one works.
if (!window.roktRtid) {
  const [rtid, enrich] = createRtid(__ROKT_OPTIONS__, () => window.analytics.storage);
  // Before Segment's snippet has run there is no queue yet; it goes on with the one that it finds.
  const queue = Object(window.analytics || []);
  for (const name of METHODS)
    queue[name] = queue[name] || ((...args: unknown[]) => queue.push([name, ...args]));
  window.analytics = queue;
  queue.addSourceMiddleware(({ payload, next }: Middleware) => {
    if (METHODS.includes(payload.obj.type)) enrich(payload.obj);
    next(payload);
  });
  window.roktRtid = rtid;
  watchNavigation(rtid);
}
