/** The largest number of requests in flight that may be asked for, in the config as on the command line. */
export const MAX_CONCURRENCY = 256;

/** The largest rate that may be asked for, in batches a second, in the config as on the command line. */
export const MAX_BATCHES_PER_SECOND = 1_000_000;
