import type { Code } from '../codes.js';
import type { UserError } from '../errors.js';
import type { GroupBy, JsonObject } from '../interfaces.js';
import type { ConfigPath } from './positions.js';

/** One mapping as the config gives it; the mapping station compiles it. */
export interface MappingEntry {
  readonly name: string;
  readonly preset: 'send' | 'sync-engage-audience';
  /** FQL; absent: that of `preset`. */
  readonly trigger?: string;
  /** Each key replaces the preset's default; absent: none. */
  readonly fields?: JsonObject;
}

/** Which fields every mapping hashes unless its own `hashingConfiguration` says otherwise. */
export interface HashingDefaults {
  readonly email: boolean;
  readonly firstName: boolean;
  readonly lastName: boolean;
  readonly mobile: boolean;
  readonly billingZipcode: boolean;
}

/** What comes first in 1/2/2026: the day, or the month. */
export type DateOrder = 'dmy' | 'mdy';

/** The config with every default filled in (design.md, section 4). */
export interface Config {
  /** The file that it was read from; undefined: all are defaults. */
  readonly file: string | undefined;
  /** Base URL without a slash at its end. */
  readonly endpoint: string;
  readonly environment: 'production' | 'development';
  readonly hashing: HashingDefaults;
  /** Column name to places in the event. */
  readonly columns: ReadonlyMap<string, readonly string[]>;
  /** The columns that the file names itself: those of a preset are not in every export. */
  readonly ownColumns: readonly string[];
  /** Undefined: each row is a record. */
  readonly groupBy: GroupBy | undefined;
  /** Undefined: a date such as 1/2/2026 cannot be read. */
  readonly dateOrder: DateOrder | undefined;
  /** IANA zone for timestamps without one. */
  readonly timezone: string;
  readonly mappings: readonly MappingEntry[];
  readonly delivery: {
    readonly batchesPerSecond: number;
    readonly concurrency: number;
    /** What happens to events older than 30 days. */
    readonly olderThan30Days: 'live' | 'historical' | 'reject';
    readonly giveUpAfterMs: number;
    /** How long a delivery is remembered. */
    readonly rememberMs: number;
    readonly resendChanged: boolean;
  };
  /** Absolute path of the state directory. */
  readonly stateDirectory: string;
  /**
   * A `UserError` at the place in the config file that `path` leads to; without a file, at no place.
   *
   * @param part the value there, which is the default, or its key.
   */
  error(path: ConfigPath, code: Code, message: string, hint: string, part?: 'key' | 'value'): UserError;
}
