/** Which path a batch goes to (contract.md, section 1): see {@link PATHS}. */
export type Route = 'live' | 'historical';

/** The path of each route, below the endpoint. */
export const PATHS: Readonly<Record<Route, string>> = {
  live: '/bulkevents',
  historical: '/bulkevents/historical',
};
