import type {
  AnnouncedDelivery,
  DeliveryEnd,
  DeliveryId,
  DeliveryKey,
  DeliveryLog,
  DeliveryStatus,
} from '../interfaces.js';
import type { DeliveredIndex } from './delivered-index.js';
import { AT, type EntryWords } from './entry.js';
import { unwritable } from './errors.js';
import type { InFlight } from './in-flight.js';
import type { Journal, JournalEntry } from './journal.js';
import { fingerprint, identify } from './keys.js';

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

  identify(key: DeliveryKey): DeliveryId {
    return identify(this.#options.scope, key);
  }

  isDelivered(id: DeliveryId): boolean {
    return this.#options.index.get(id) !== undefined;
  }

  status({ id, contentId }: AnnouncedDelivery): DeliveryStatus {
    const content = fingerprint(id, contentId);
    const found = this.#options.index.get(id);
    return found === undefined
      ? this.#options.inFlight.status(id, content)
      : delivered(found, content, this.#options.run);
  }

  async announce(batches: readonly (readonly AnnouncedDelivery[])[]): Promise<number> {
    const { inFlight, journal, now, run } = this.#options;
    const first = this.#announced;
    const seconds = now();
    const entries = batches.map((batch) =>
      batch.map(({ id, contentId }) => toEntry(id, contentId, run, seconds)),
    );
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

/** The number of a run that has none: no stored run has it. */
const THIS_RUN = 0;

/** The log of a run that leaves nothing behind: a dry run, the sandbox, `--no-state`. */
export class ThrowawayLog implements DeliveryLog {
  readonly #scopes: readonly string[];
  readonly #index: DeliveredIndex;
  readonly #earlier: DeliveredIndex | undefined;
  readonly #inFlight: InFlight | undefined;
  readonly #open = new Map<number, EntryWords>();
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

  identify(key: DeliveryKey): DeliveryId {
    for (const scope of this.#scopes) {
      const id = identify(scope, key);
      if (this.#scopes.length === 1 || this.#earlier?.get(id) !== undefined) return id;
    }
    return identify(this.#scopes[0] ?? '', key);
  }

  isDelivered(id: DeliveryId): boolean {
    return (this.#earlier?.get(id) ?? this.#index.get(id)) !== undefined;
  }

  status({ id, contentId }: AnnouncedDelivery): DeliveryStatus {
    const content = fingerprint(id, contentId);
    const found = this.#earlier?.get(id) ?? this.#index.get(id);
    if (found !== undefined) return delivered(found, content, THIS_RUN);
    return this.#inFlight?.status(id, content) ?? { kind: 'unknown' };
  }

  async announce(batches: readonly (readonly AnnouncedDelivery[])[]): Promise<number> {
    const first = this.#announced;
    for (const { id, contentId } of batches.flat()) {
      this.#open.set(this.#announced, toEntry(id, contentId, THIS_RUN, 0));
      this.#announced += 1;
    }
    return first;
  }

  async end(numbers: readonly number[], how: DeliveryEnd): Promise<void> {
    for (const number of numbers) {
      const entry = this.#open.get(number);
      this.#open.delete(number);
      if (how === 'accepted' && entry !== undefined) this.#index.add(entry);
    }
  }
}

function toEntry(id: DeliveryId, contentId: string, run: number, seconds: number): EntryWords {
  const entry = id.slice();
  const [first, second] = fingerprint(id, contentId);
  entry[AT.content] = first;
  entry[AT.content + 1] = second;
  entry[AT.run] = run;
  entry[AT.seconds] = seconds;
  return entry;
}

function delivered(found: EntryWords, content: readonly [number, number], run: number): DeliveryStatus {
  const changed = found[AT.content] !== content[0] || found[AT.content + 1] !== content[1];
  return { kind: 'delivered', changed, byThisRun: found[AT.run] === run };
}
