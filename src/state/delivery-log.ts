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
import { AT, ENTRY_WORDS, type EntryWords } from './entry.js';
import type { InFlight } from './in-flight.js';
import type { Journal } from './journal.js';
import type { JournalEvent } from './journal-block.js';
import { identify } from './keys.js';
import { OpenDeliveries } from './open-deliveries.js';

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

  get inDoubt(): boolean {
    return this.#options.inFlight.hasEarlier;
  }

  identify(key: DeliveryKey): DeliveryId {
    return identify(this.#options.scope, key);
  }

  isDelivered(id: DeliveryId): boolean {
    const found = this.#options.index.get(id);
    return found !== undefined && found[AT.run] !== this.#options.run;
  }

  status(ids: Uint32Array, at: number): DeliveryStatus {
    const { index, inFlight, run } = this.#options;
    const found = index.get(ids, at);
    return found === undefined ? inFlight.status(ids, at) : delivered(found, ids, at, run);
  }

  async announce(ids: Uint32Array, sizes: Uint32Array): Promise<number> {
    const { inFlight, journal, now, run } = this.#options;
    const first = this.#announced;
    const seconds = now();
    for (let at = 0; at < ids.length; at += ENTRY_WORDS) {
      ids[at + AT.run] = run;
      ids[at + AT.seconds] = seconds;
    }
    const event: JournalEvent = { kind: 'announced', first, entries: ids, sizes };
    this.#announced += ids.length / ENTRY_WORDS;
    inFlight.apply(event);
    await journal.append(event);
    return first;
  }

  async end(numbers: Uint32Array, how: DeliveryEnd): Promise<void> {
    const { inFlight, index, journal, now } = this.#options;
    const seconds = now();
    const event: JournalEvent =
      how === 'accepted' ? { kind: 'accepted', seconds, numbers } : { kind: how, numbers };
    await journal.append(event);
    const accepted = inFlight.apply(event);
    index.addAll(accepted, seconds);
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
  readonly #open = new OpenDeliveries();
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

  get inDoubt(): boolean {
    return this.#inFlight?.hasEarlier === true;
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

  status(ids: Uint32Array, at: number): DeliveryStatus {
    const found = this.#index.get(ids, at) ?? this.#earlier?.get(ids, at);
    if (found !== undefined) return delivered(found, ids, at, THIS_RUN);
    return this.#inFlight?.status(ids, at) ?? UNKNOWN;
  }

  async announce(ids: Uint32Array, sizes: Uint32Array): Promise<number> {
    const first = this.#announced;
    this.#open.add(first, ids, sizes);
    this.#announced += ids.length / ENTRY_WORDS;
    return first;
  }

  async end(numbers: Uint32Array, how: DeliveryEnd): Promise<void> {
    const entries = this.#open.end(numbers);
    if (how === 'accepted') this.#index.addAll(entries, 0);
  }
}

function delivered(found: EntryWords, ids: Uint32Array, at: number, run: number): DeliveryStatus {
  const changed = !hasSameContent(found, ids.subarray(at, at + ENTRY_WORDS));
  const by = found[AT.run] ?? THIS_RUN;
  return { kind: 'delivered', changed, byThisRun: by === run, run: by };
}
