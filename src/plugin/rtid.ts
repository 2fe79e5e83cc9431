/**
 * Keeps Rokt's click id (RTID) of a landing page, and puts it into analytics.js calls (contract.md, section 5). Runs in
 * every browser of 2018 and later; its size in bytes counts, hence the short option names.
 */

/** What the snippet is made with; `serve-plugin` puts it in. */
export interface Options {
  /** Names of the query parameter, the first one that is there counts. */
  readonly q: readonly string[];
  /** The key in storage. */
  readonly k: string;
  /** How long a value is kept, in ms. */
  readonly t: number;
  /** The integration's name. */
  readonly n: string;
  /** Whether nothing is stored before there is consent. */
  readonly c: boolean;
}

/** The storage of analytics.js, as far as it is used. */
export interface AnalyticsStorage {
  set(key: string, value: string): void;
  clear(key: string): void;
}

/** A call on its way to Segment. */
export interface AnalyticsEvent {
  type?: string;
  integrations?: Record<string, unknown>;
}

/** The click id of this page. */
export interface Rtid {
  /** The value, or undefined. */
  (): string | undefined;
  /** Whether the value may be stored and sent from now on; what was stored is removed where it may not. */
  consent(given: boolean): void;
}

/** What arrives in an address is hostile: nothing else is taken, stored or sent. */
const SAFE = /^[\w.~+=:-]{1,256}$/;

/** A value, and when it arrived, in ms since 1970; 0 where it was not this script that stored it. */
type Kept = readonly [text: string, since: number];
const NOTHING: Kept = ['', 0];

const attempt = <T>(action: () => T): T | undefined => {
  try {
    return action();
  } catch (_) {}
  return undefined;
};

/**
 * Gives the click id, and what puts it into a call.
 *
 * @param storage gives analytics.js storage, once there is one.
 */
export function createRtid(
  { q, k, t, n, c }: Options,
  storage: () => AnalyticsStorage | undefined,
): readonly [rtid: Rtid, enrich: (event: AnalyticsEvent) => void] {
  /** Whether the value may be stored; null as long as nobody has said so. */
  let allowed = c ? null : true;
  /** What may not or cannot be stored: the page's own lifetime must do. */
  let unstored = NOTHING;
  let arrived: string | undefined;
  /** The analytics.js storage that there was when all was stored as it should be; null when it is not. */
  let best: AnalyticsStorage | undefined | null = null;

  /** Where a value is put, the best place first; an empty text removes it. In a full one the value before would stay. */
  const places = [
    (key: string, text: string): void => {
      if (!best) return;
      best.clear(key);
      if (text) best.set(key, text);
    },
    (key: string, text: string): void => {
      localStorage.removeItem(key);
      if (text) localStorage.setItem(key, text);
    },
    (key: string, text: string): void => {
      // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers that this runs in
      document.cookie = `${key}=${text};path=/;max-age=${text ? t / 1e3 : 0};samesite=lax${isSecureContext ? ';secure' : ''}`;
    },
  ];
  const load = (read: (key: string) => string | null | undefined): Kept => {
    // analytics.js stores JSON, Segment's own fallback the bare text.
    const item = (key: string): string => (attempt(() => read(key)) || '').replace(/"/g, '');
    const text = item(k);
    // Of this value only: one that Segment's own plugin has put in its place does not expire by it.
    return [text, +(item(`${k}_at`).split(`${text}:`)[1] || 0)];
  };
  /** The last click counts, also one that another tab or subdomain has seen. */
  const newest = (own: Kept): Kept =>
    [
      load((key) => (`; ${document.cookie}`.split(`; ${key}=`)[1] || '').split(';')[0]),
      load((key) => localStorage.getItem(key)),
    ].reduce((last, one) => (SAFE.test(one[0]) && one[1] >= last[1] ? one : last), own);
  const get = (): string | undefined => {
    const found = q
      .map((name) => new URLSearchParams(location.search).get(name) || '')
      .find((one) => SAFE.test(one));
    let [last, since] = newest(unstored);
    if (found && found !== arrived) {
      arrived = found;
      unstored = [found, Date.now()];
      // Whatever time one before has: the clock may have been ahead then.
      [last, since] = unstored;
      best = null;
    }
    const text = since && since + t < Date.now() ? '' : last;
    const later = attempt(storage);
    if (later !== best && (allowed !== null || !text)) {
      best = later;
      const kept = allowed ? text : '';
      const record = kept && `${kept}:${since}`;
      const stored = places.some((put) => {
        attempt(() => {
          put(k, kept);
          put(`${k}_at`, record);
        });
        return newest(NOTHING).join(':') === record;
      });
      unstored = stored ? NOTHING : [text, since];
    }
    return (allowed !== false && text) || undefined;
  };

  get.consent = (given: boolean): void => {
    allowed = given;
    best = null;
    get();
  };
  const enrich = (event: AnalyticsEvent): void => {
    const rtid = get();
    const integrations = event.integrations || {};
    const own = integrations[n];
    if (!rtid || own === false || (integrations.All === false && !own)) return;
    event.integrations = Object.assign({}, integrations, { [n]: Object.assign({}, own, { rtid }) });
  };
  return [get, enrich];
}

/** Looks now and at each navigation within the page, also where no call follows it. */
export function watchNavigation(look: () => unknown): void {
  look();
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = (...args) => {
      original.apply(history, args);
      look();
    };
  }
}
