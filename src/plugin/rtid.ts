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
  get(): string | undefined;
  /** Puts the value into a call that may carry it. */
  enrich(event: AnalyticsEvent): void;
  /** Whether the value may be stored from now on; what was stored is removed where it may not. */
  consent(given: boolean): void;
}

/** What arrives in an address is hostile: nothing else is taken, stored or sent. */
const SAFE = /^[\w.~+=:-]{1,256}$/;
const CALLS = /track|identify|page|group|alias/;

/** @param storage gives analytics.js storage, once there is one. */
export function createRtid({ q, k, t, n, c }: Options, storage: () => AnalyticsStorage | undefined): Rtid {
  /** The page's own lifetime must do where nothing can be stored. */
  let value: string | undefined;
  let denied = c;

  const attempt = (action: () => unknown): unknown => {
    try {
      return action();
    } catch (_) {}
    return undefined;
  };
  const setCookie = (key: string, text: string, seconds: number): void => {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is younger than the browsers that this runs in
    document.cookie = `${key}=${text};path=/;max-age=${seconds};samesite=lax${location.protocol > 'http:' ? ';secure' : ''}`;
  };
  /** analytics.js stores JSON, Segment's own fallback the bare text: both are read. */
  const load = (key: string): string =>
    `${
      attempt(() => localStorage.getItem(key)) ||
      attempt(() => `; ${document.cookie}`.split(`; ${key}=`)[1]?.split(';')[0]) ||
      ''
    }`.replace(/"/g, '');
  const save = (key: string, text: string): void => {
    attempt(() => storage()?.set(key, text));
    if (load(key) !== text) attempt(() => localStorage.setItem(key, text));
    if (load(key) !== text) attempt(() => setCookie(key, text, t / 1e3));
  };
  const remove = (key: string): void => {
    attempt(() => storage()?.clear(key));
    attempt(() => localStorage.removeItem(key));
    attempt(() => setCookie(key, '', 0));
  };
  const keep = (): void => {
    if (denied || !value) return;
    save(k, value);
    // Of this value only: one that Segment's own plugin has put in its place does not expire by it.
    save(`${k}_exp`, `${value}:${Date.now() + t}`);
  };
  const get = (): string | undefined => {
    const query = new URLSearchParams(location.search);
    const arrived = q.map((name) => query.get(name) || '').find((text) => SAFE.test(text));
    if (arrived && arrived !== value) {
      value = arrived;
      keep();
    }
    if (!value) {
      const text = load(k);
      if (Number(load(`${k}_exp`).split(`${text}:`)[1]) < Date.now()) remove(k);
      else if (SAFE.test(text)) value = text;
    }
    return value;
  };

  return {
    get,
    enrich(event) {
      const rtid = get();
      const integrations = event.integrations || {};
      const own = integrations[n];
      const off = own === false || (integrations.All === false && !own);
      if (!rtid || off || !CALLS.test(event.type || '')) return;
      event.integrations = Object.assign({}, integrations, { [n]: Object.assign({}, own, { rtid }) });
    },
    consent(given) {
      denied = !given;
      get();
      if (given) keep();
      else [k, `${k}_exp`].forEach(remove);
    },
  };
}

/** Notices a value that a navigation within the page brings, also where no call follows it. */
export function watchNavigation(look: () => unknown): void {
  for (const name of ['pushState', 'replaceState'] as const) {
    const original = history[name];
    history[name] = function patched(...args) {
      original.apply(this, args);
      look();
    };
  }
  addEventListener('popstate', look);
}
