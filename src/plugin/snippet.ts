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
  addSourceMiddleware?(middleware: (call: Middleware) => void): void;
  push(call: unknown): void;
}

declare global {
  interface Window {
    /** A queue until analytics.js has loaded; this script makes one where there is none. */
    analytics: Analytics;
    /** The RTID of this page, for the site's own order export; and whether it may be stored and sent. */
    roktRtid?: Rtid;
  }
}

/** The calls that carry the value. */
const CALLS = ['track', 'identify', 'page', 'group', 'alias'];

// Several copies on one page do no harm: the first one works.
if (!window.roktRtid) {
  const [rtid, enrich] = createRtid(__ROKT_OPTIONS__, () => window.analytics.storage);
  const middleware = ({ payload, next }: Middleware): void => {
    if (CALLS.includes(payload.obj.type)) enrich(payload.obj);
    next(payload);
  };
  // Before Segment's snippet has run there is no queue yet; it goes on with the one that it finds.
  const queue: unknown[] = [];
  window.analytics = window.analytics || queue;
  if (window.analytics.addSourceMiddleware) window.analytics.addSourceMiddleware(middleware);
  else window.analytics.push(['addSourceMiddleware', middleware]);
  window.roktRtid = rtid;
  watchNavigation(rtid);
}
