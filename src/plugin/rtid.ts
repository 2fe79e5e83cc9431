/**
 * Keeps Rokt's click id (RTID) of a landing page, and puts it into analytics.js calls (contract.md, section 5). Runs in
 * every browser of 2018 and later; its size in bytes counts, hence the short names.
 */

/** What the snippet is made with; `serve-plugin` puts it in. */
export type Options = readonly [
  /** Of the query parameter, the first one that is there counts. */
  names: readonly string[],
  /** The key in storage. */
  key: string,
  /** How long a value is kept, in ms. */
  keptMs: number,
  /** The integration's name. */
  integration: string,
  /** Whether the value may be stored; null as long as nobody has said so. */
  allowed: boolean | null,
];

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
const isSafe = (text: string | null | undefined): boolean => /^[\w.~+=:-]{1,256}$/.test(text || '');

/**
 * The last four values, the newest first, each with when it arrived first, in ms since 1970: `['b', '1705579300000', 'a',
 * '1705579200000']`. Without a time where it was not this script that stored it.
 */
type Kept = readonly string[];

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
  [q, k, t, n, allowed]: Options,
  storage: () => AnalyticsStorage | undefined,
): readonly [rtid: Rtid, enrich: (event: AnalyticsEvent) => void] {
  /** What may not or cannot be stored: the page's own lifetime must do. */
  let unstored: Kept = [];
  let arrived: string | undefined;
  /** The analytics.js storage that there was when all was stored as it should be; null when it is not. */
  let best: AnalyticsStorage | undefined | null = null;

  /** The last click counts, also one that another tab or subdomain has seen. */
  const newest = (own: Kept): Kept =>
    [
      (key: string) => `; ${document.cookie}`.split(`; ${key}=`)[1],
      (key: string) => localStorage.getItem(key),
    ].reduce((last, read) => {
      // analytics.js stores JSON, Segment's own fallback the bare text; behind a cookie stand the others.
      const item = (key: string): string => (attempt(() => read(key)) || '').replace(/"|;.*/g, '');
      const text = item(k);
      const kept = item(`${k}_at`).split('|');
      // Of this value only: one that Segment's own plugin has put in its place does not expire by it.
      const one = text === kept[0] ? kept : [text];
      return isSafe(text) && (one[1] || 0) >= (last[1] || 0) ? one : last;
    }, own);
  const get = (): string | undefined => {
    const found = q.map((name) => new URLSearchParams(attempt(() => location.search)).get(name)).find(isSafe);
    let kept = newest(unstored);
    if (found && found !== arrived) {
      arrived = found;
      // Whoever loads a page anew, or goes back to it, has not clicked again.
      if (!kept.includes(found)) {
        // Whatever time one before has: the clock may have been ahead then.
        unstored = kept = [found, `${Date.now()}`, ...kept].slice(0, 8);
        best = null;
      }
    }
    // What has no time is older than none.
    if (+`${kept[1]}` + t < Date.now()) kept = [];
    const text = kept[0];
    const later = attempt(storage);
    if (later !== best && (allowed !== null || !text)) {
      best = later;
      const lasting = allowed ? kept : [];
      const record = lasting.join('|');
      // Where a value is put, the best place first; an empty text removes it. In a full one the value before would stay.
      const stored = [
        (key: string, text?: string): void => {
          if (!best) return;
          best.clear(key);
          if (text) best.set(key, text);
        },
        (key: string, text?: string): void => {
          localStorage.removeItem(key);
          if (text) localStorage.setItem(key, text);
        },
        (key: string, text?: string): void => {
          // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers that this runs in
          document.cookie = `${key}=${text};path=/;max-age=${text ? t / 1e3 : 0};samesite=lax${isSecureContext ? ';secure' : ''}`;
        },
      ].some((put) =>
        attempt(() => {
          put(k, lasting[0]);
          put(`${k}_at`, record);
          return record && newest([]).join('|') === record;
        }),
      );
      unstored = stored ? [] : kept;
    }
    return allowed === false ? undefined : text;
  };

  get.consent = (given: boolean): void => {
    allowed = given;
    best = null;
    get();
  };
  const enrich = (event: AnalyticsEvent): void => {
    const rtid = get();
    const integrations: Record<string, unknown> = Object.assign({}, event.integrations);
    const own = integrations[n];
    if (!rtid || own === false || (integrations.All === false && !own)) return;
    integrations[n] = Object.assign({}, own, { rtid });
    event.integrations = integrations;
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
