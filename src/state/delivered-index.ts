import { closeSync, fsyncSync, openSync, unlinkSync } from 'node:fs';
import { UserError } from '../errors.js';
import type { SharedIds } from '../interfaces.js';
import { temporaryPath, temporaryUnwritable } from '../temporary-file.js';
import { AT, compareIds, ENTRY_WORDS, type EntryWords } from './entry.js';
import { PageCache } from './page-cache.js';
import type { Segment } from './segment.js';
import type { SegmentCursor } from './segment-cursor.js';
import { SegmentWriter } from './segment-writer.js';
import { EntryTable } from './table.js';

/** The table in memory becomes a segment at this many entries, when it takes 15 MB. */
const SPILL_AT = 1 << 18;
/** As many segments of about one size become one. */
const FAN_IN = 8;

/** Where an index keeps its files. */
export interface IndexPlace {
  /** Makes the path of a file that is not there yet. */
  readonly newPath: () => string;
  /** What is thrown where a file cannot be written, for what the file system throws. */
  readonly unwritable: (cause: unknown) => UserError;
  /** Files lose their names at once, so that a killed process leaves nothing behind. */
  readonly nameless?: boolean;
}

/**
 * Which deliveries were accepted: the newest in memory, the others in segments. Segments of about one size are merged
 * as they come, so that there are few of them and each entry is rewritten a few times only.
 */
export class DeliveredIndex {
  readonly #place: IndexPlace;
  readonly #table = new EntryTable();
  readonly #oldest: number;
  readonly #cache: PageCache;
  #segments: Segment[];
  /** Files of what was saved last. They stay, also once they were merged into others: whoever saves anew removes them. */
  readonly #saved: Set<string>;

  /**
   * @param segments those that were saved.
   * @param oldest entries accepted before this, in Unix seconds, have expired.
   * @param cache of the segments.
   */
  constructor(
    place: IndexPlace,
    segments: readonly Segment[],
    oldest: number,
    cache: PageCache = new PageCache(),
  ) {
    this.#place = place;
    this.#oldest = oldest;
    this.#cache = cache;
    this.#segments = [...segments];
    this.#saved = new Set(segments.map(({ path }) => path));
  }

  /** The files that were there before, for others to read. */
  get shared(): Pick<SharedIds, 'segments' | 'oldest'> {
    const segments = this.#segments.flatMap(({ path, footer }) =>
      footer === undefined ? [] : [{ path, footer }],
    );
    return { segments, oldest: this.#oldest };
  }

  /** The entry of the id at `at` in `words`, but for one in a segment that has expired; a view, valid until the next call. */
  get(words: Uint32Array, at = 0): EntryWords | undefined {
    const recent = this.#table.get(words, at);
    if (recent !== undefined) return recent;
    for (let index = this.#segments.length - 1; index >= 0; index -= 1) {
      const found = this.#segments[index]?.get(words, at);
      if (found !== undefined) return (found[AT.seconds] ?? 0) < this.#oldest ? undefined : found;
    }
    return undefined;
  }

  /** Remembers the entry at `at` in `words`. @throws UserError as {@link spill} does. */
  add(words: Uint32Array, at = 0): void {
    this.#table.set(words, at);
    if (this.#table.size >= SPILL_AT) this.spill();
  }

  /**
   * Remembers entries that stand one after the other, and were accepted at `seconds` (Unix time).
   *
   * @returns how many they are.
   * @throws UserError as {@link spill} does.
   */
  addAll(entries: Uint32Array, seconds: number): number {
    for (let at = 0; at < entries.length; at += ENTRY_WORDS) {
      entries[at + AT.seconds] = seconds;
      this.add(entries, at);
    }
    return entries.length / ENTRY_WORDS;
  }

  /**
   * Moves what is in memory into a segment.
   *
   * @throws UserError where that cannot be written, or `STATE_DAMAGED`.
   */
  spill(): void {
    if (this.#table.size === 0) return;
    try {
      this.#spill();
    } catch (cause) {
      throw cause instanceof UserError ? cause : this.#place.unwritable(cause);
    }
  }

  #spill(): void {
    const writer = new SegmentWriter(this.#place.newPath(), this.#table.size);
    this.#table.forEachInOrder((words, at) => writer.add(words, at));
    this.#segments.push(this.#finish(writer));
    this.#table.clear();
    this.#mergeSimilar();
  }

  /**
   * Makes everything durable and returns which files it is in, oldest first. Those are kept from then on.
   *
   * @throws UserError as {@link spill} does, and what the file system throws.
   */
  save(): string[] {
    this.spill();
    for (const segment of this.#segments) {
      if (this.#saved.has(segment.path)) continue;
      // Windows makes nothing durable through a file that is open for reading alone.
      const descriptor = openSync(segment.path, 'r+');
      fsyncSync(descriptor);
      closeSync(descriptor);
      this.#saved.add(segment.path);
    }
    return this.#segments.map((segment) => segment.path);
  }

  /** Reads all that is in files. @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`. */
  verify(): void {
    for (const segment of this.#segments) {
      for (const cursor = segment.cursor(); !cursor.isDone; cursor.next());
    }
  }

  /** Closes the files. */
  close(): void {
    for (const segment of this.#segments.splice(0)) segment.close();
  }

  /** The newest segments, as long as enough of them are of the newest's size class, become one. */
  #mergeSimilar(): void {
    for (;;) {
      const limit = sizeClass(this.#segments.at(-1)?.count ?? 0);
      let first = this.#segments.length;
      while (first > 0 && sizeClass(this.#segments[first - 1]?.count ?? 0) <= limit) first -= 1;
      if (this.#segments.length - first < FAN_IN) return;
      const merged = this.#merge(this.#segments.slice(first));
      this.#segments = [...this.#segments.slice(0, first), merged];
    }
  }

  #merge(inputs: readonly Segment[]): Segment {
    const total = inputs.reduce((sum, segment) => sum + segment.count, 0);
    const writer = new SegmentWriter(this.#place.newPath(), total);
    mergeEntries(inputs, (words, at) => {
      if ((words[at + AT.seconds] ?? 0) >= this.#oldest) writer.add(words, at);
    });
    const merged = this.#finish(writer);
    for (const segment of inputs) this.#drop(segment);
    return merged;
  }

  #finish(writer: SegmentWriter): Segment {
    const segment = writer.finish(this.#cache);
    if (this.#place.nameless === true) unlinkSync(segment.path);
    return segment;
  }

  #drop(segment: Segment): void {
    segment.close();
    if (this.#place.nameless !== true && !this.#saved.has(segment.path)) unlinkSync(segment.path);
  }
}

/** Of an index that is written down for the time of the run only. */
export const TEMPORARY: IndexPlace = {
  newPath: temporaryPath,
  unwritable: temporaryUnwritable,
  nameless: true,
};

/** An empty index for one process, in temporary files without a name. */
export function createThrowawayIndex(): DeliveredIndex {
  return new DeliveredIndex(TEMPORARY, [], 0);
}

/** 0 for what the table in memory makes, and one more for each merge of such. */
function sizeClass(count: number): number {
  return Math.round(Math.log(Math.max(1, count / SPILL_AT)) / Math.log(FAN_IN));
}

/** Gives `take` the entries of several segments in order, of equal ids the one of the last segment. */
function mergeEntries(inputs: readonly Segment[], take: (words: Uint32Array, at: number) => void): void {
  const cursors = inputs.map((segment) => segment.cursor());
  for (;;) {
    let least: SegmentCursor | undefined;
    for (const cursor of cursors) {
      if (cursor.isDone) continue;
      const order = least === undefined ? 0 : compareIds(cursor.words, cursor.at, least.words, least.at);
      // What an earlier segment says of the same id is passed over.
      if (order === 0) least?.next();
      if (order <= 0) least = cursor;
    }
    if (least === undefined) return;
    take(least.words, least.at);
    least.next();
  }
}
