import { hasSameContent } from '../delivery-id.js';
import type {
  DeliveryEnd,
  DeliveryId,
  DeliveryKey,
  DeliveryLog,
  DeliveryStatus,
  SharedIds,
} from '../interfaces.js';
import type { DeliveredIndex } from './delivered-index.js';
import { AT, type EntryWords } from './entry.js';
import { unwritable } from './errors.js';
import type { InFlight } from './in-flight.js';
import type { Journal, JournalEntry } from './journal.js';
import { identify } from './keys.js';

/** What a {@link StoredLog} works with. */
export interface StoredLogOptions {
  /** What `scopeId` gave. */
  readonly scope: string;
  readonly index: DeliveredIndex;
  readonly inFlight: InFlight;
  readonly journal: Journal;
  /** The number of this run. */
  readonly run: number;
  /** Unix time in seconds. */
  readonly now: () => number;
}

/** The log of a run that remembers: in the journal first, then in the index. */
export class StoredLog implements DeliveryLog {
  readonly #options: StoredLogOptions;
  #announced = 0;

  constructor(options: StoredLogOptions) {
    this.#options = options;
  }

  get shared(): SharedIds {
    return { scope: this.#options.scope, ...this.#options.index.shared };
  }

  identify(key: DeliveryKey): DeliveryId {
    return identify(this.#options.scope, key);
  }

  isDelivered(id: DeliveryId): boolean {
    const found = this.#options.index.get(id);
    return found !== undefined && found[AT.run] !== this.#options.run;
  }

  status(id: DeliveryId): DeliveryStatus {
    const found = this.#options.index.get(id);
    return found === undefined ? this.#options.inFlight.status(id) : delivered(found, id, this.#options.run);
  }

  async announce(batches: readonly (readonly DeliveryId[])[]): Promise<number> {
    const { inFlight, journal, now, run } = this.#options;
    const first = this.#announced;
    const seconds = now();
    const entries = batches.map((batch) => batch.map((id) => toEntry(id, run, seconds)));
    const event: JournalEntry = { kind: 'announced', first, batches: entries };
    for (const batch of entries) this.#announced += batch.length;
    inFlight.apply(event);
    await journal.append(event);
    return first;
  }

  async end(numbers: readonly number[], how: DeliveryEnd): Promise<void> {
    const { inFlight, index, journal, now } = this.#options;
    const seconds = now();
    const event: JournalEntry =
      how === 'accepted' ? { kind: 'accepted', seconds, numbers } : { kind: how, numbers };
    await journal.append(event);
    for (const entry of inFlight.apply(event)) {
      entry[AT.seconds] = seconds;
      try {
        index.add(entry);
      } catch (cause) {
        throw unwritable(journal.path, cause);
      }
    }
  }
}

const UNKNOWN: DeliveryStatus = { kind: 'unknown' };
/** The number of a run that has none: no stored run has it. */
const THIS_RUN = 0;

/** The log of a run that leaves nothing behind: a dry run, the sandbox, `--no-state`. */
export class ThrowawayLog implements DeliveryLog {
  readonly #scopes: readonly string[];
  readonly #index: DeliveredIndex;
  readonly #earlier: DeliveredIndex | undefined;
  readonly #inFlight: InFlight | undefined;
  #open = new Map<number, EntryWords>();
  #announced = 0;

  /**
   * @param scopes the ones to look into earlier runs for; the first one is this run's.
   * @param index takes what this run delivers.
   * @param earlier what earlier runs delivered, where that counts. It is only read.
   */
  constructor(
    scopes: readonly [string, ...string[]],
    index: DeliveredIndex,
    earlier?: { readonly index: DeliveredIndex; readonly inFlight: InFlight },
  ) {
    this.#scopes = scopes;
    this.#index = index;
    this.#earlier = earlier?.index;
    this.#inFlight = earlier?.inFlight;
  }

  get shared(): SharedIds | undefined {
    const [scope, ...others] = this.#scopes;
    if (scope === undefined || others.length > 0) return undefined;
    return { scope, ...(this.#earlier ?? this.#index).shared };
  }

  identify(key: DeliveryKey): DeliveryId {
    for (const scope of this.#scopes) {
      const id = identify(scope, key);
      if (this.#scopes.length === 1 || this.#earlier?.get(id) !== undefined) return id;
    }
    return identify(this.#scopes[0] ?? '', key);
  }

  isDelivered(id: DeliveryId): boolean {
    return this.#earlier?.get(id) !== undefined;
  }

  status(id: DeliveryId): DeliveryStatus {
    const found = this.#earlier?.get(id) ?? this.#index.get(id);
    if (found !== undefined) return delivered(found, id, THIS_RUN);
    return this.#inFlight?.status(id) ?? UNKNOWN;
  }

  async announce(batches: readonly (readonly DeliveryId[])[]): Promise<number> {
    const first = this.#announced;
    for (const batch of batches) {
      for (const id of batch) {
        this.#open.set(this.#announced, toEntry(id, THIS_RUN, 0));
        this.#announced += 1;
      }
    }
    return first;
  }

  async end(numbers: readonly number[], how: DeliveryEnd): Promise<void> {
    for (const number of numbers) {
      const entry = this.#open.get(number);
      this.#open.delete(number);
      if (how === 'accepted' && entry !== undefined) this.#index.add(entry);
    }
    // A map that lives long keeps what it once held from being collected early.
    if (this.#open.size === 0) this.#open = new Map();
  }
}

/** Completes an id where it stands. */
function toEntry(id: DeliveryId, run: number, seconds: number): EntryWords {
  id[AT.run] = run;
  id[AT.seconds] = seconds;
  return id;
}

function delivered(found: EntryWords, id: DeliveryId, run: number): DeliveryStatus {
  return { kind: 'delivered', changed: !hasSameContent(found, id), byThisRun: found[AT.run] === run };
}
