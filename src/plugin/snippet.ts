import {
  type AnalyticsEvent,
  type AnalyticsStorage,
  createRtid,
  type Options,
  watchNavigation,
} from './rtid';

declare const __ROKT_OPTIONS__: Options;

interface Middleware {
  payload: { obj: AnalyticsEvent };
  next(payload: unknown): void;
}

interface Analytics {
  storage?: AnalyticsStorage;
  addSourceMiddleware?(middleware: (call: Middleware) => void): void;
  push(call: unknown): void;
}

declare global {
  interface Window {
    analytics?: Analytics;
    /** The RTID of this page, for the site's own order export; and whether it may be stored. */
    roktRtid?: (() => string | undefined) & { consent(given: boolean): void };
  }
}

// Several copies on one page do no harm: the first one works.
if (!window.roktRtid) {
  const rtid = createRtid(__ROKT_OPTIONS__, () => window.analytics?.storage);
  window.roktRtid = Object.assign(() => rtid.get(), { consent: rtid.consent });
  rtid.get();
  watchNavigation(rtid.get);
  const middleware = ({ payload, next }: Middleware): void => {
    rtid.enrich(payload.obj);
    next(payload);
  };
  // Before Segment's snippet has run there is no queue yet; it goes on with the one that it finds.
  const queue: unknown[] = [];
  window.analytics = window.analytics || queue;
  if (window.analytics.addSourceMiddleware) window.analytics.addSourceMiddleware(middleware);
  else window.analytics.push(['addSourceMiddleware', middleware]);
}
