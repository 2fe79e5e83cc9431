import { closeSync, fstatSync, openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Bloom } from './bloom.js';
import { AT, compareIds, ENTRY_WORDS, type EntryWords } from './entry.js';
import { damaged } from './errors.js';
import type { PageCache } from './page-cache.js';
import { PAGE_BYTES, PAGE_ENTRIES, PAGE_WORDS, readFully, readPages } from './pages.js';
import { SegmentCursor } from './segment-cursor.js';

/** "rks1", as a word: also marks a file of a machine with the other byte order. */
const MAGIC = 0x31736b72;
const VERSION = 1;

/** What a segment's file is found by: its header, and what comes after the entries. */
export interface SegmentParts {
  readonly path: string;
  readonly descriptor: number;
  readonly count: number;
  /** How many pages of entries there are. */
  readonly pages: number;
  /** When its newest entry was accepted, in Unix seconds. */
  readonly newest: number;
  /** The first word of each page. */
  readonly firstWords: Uint32Array;
  readonly bloom: Bloom;
  /** First words and Bloom filter as they are in the file; absent where this process has just written that. */
  readonly footer?: Uint8Array;
}

/**
 * Delivered entries in a file, sorted by id and never changed once written: a header page, pages of entries each with
 * a checksum, then the first word of every page and a Bloom filter, so that an id is found with one read of 4 KB or,
 * mostly, none. Read with plain file reads rather than mapped, so that 10 million entries take 21 MB of memory.
 */
export class Segment {
  readonly #parts: SegmentParts;
  readonly #cache: PageCache;
  /** In the cache. */
  readonly #owner: number;
  readonly #load: (page: number, words: Uint32Array) => void;

  /** @param cache of the index, which keeps pages that are read. */
  constructor(parts: SegmentParts, cache: PageCache) {
    this.#parts = parts;
    this.#cache = cache;
    this.#owner = cache.register();
    this.#load = (page, words) => readPages(parts.descriptor, words, (1 + page) * PAGE_BYTES, parts.path);
  }

  /**
   * @param shared what another thread has as {@link footer}, so that it is not read once more.
   * @throws UserError `STATE_DAMAGED`, `STATE_UNREADABLE`.
   */
  static open(path: string, cache: PageCache, shared?: Uint8Array): Segment {
    let descriptor: number;
    let size: number;
    try {
      descriptor = openSync(path, 'r');
      size = fstatSync(descriptor).size;
    } catch (cause) {
      throw damaged(path, 'A file of it is missing or cannot be read', cause);
    }
    const header = new Uint32Array(PAGE_WORDS);
    readPages(descriptor, header, 0, path);
    const [magic, version, count = 0, pages = 0, bloomBytes = 0, newest = 0] = header;
    if (magic !== MAGIC || version !== VERSION) throw damaged(path, 'A file in it does not belong to it');
    const start = (1 + pages) * PAGE_BYTES;
    const length = pages * 4 + bloomBytes + 4;
    if (size !== start + length) throw damaged(path, 'A file of it has the wrong length');
    const footer = shared ?? readFooter(descriptor, length, start, path);
    const firstWords = new Uint32Array(footer.buffer, footer.byteOffset, pages);
    const bloom = new Bloom(footer.subarray(pages * 4, length - 4));
    return new Segment({ path, descriptor, count, pages, newest, firstWords, bloom, footer }, cache);
  }

  /** Of its file. */
  get path(): string {
    return this.#parts.path;
  }

  /** What other threads may open the same file with; undefined where this process has just written it. */
  get footer(): Uint8Array | undefined {
    return this.#parts.footer;
  }

  /** How many entries it has. */
  get count(): number {
    return this.#parts.count;
  }

  /** When its newest entry was accepted, in Unix seconds. */
  get newest(): number {
    return this.#parts.newest;
  }

  /** The entry of the id at `from` in `id`, or undefined; a view, valid until the next call. */
  get(id: Uint32Array, from: number): EntryWords | undefined {
    const { bloom, firstWords, pages } = this.#parts;
    if (!bloom.mayHave(id, from)) return undefined;
    const wanted = id[from] ?? 0;
    // Ids of which only the first word is equal may begin on the page before.
    let low = 0;
    let high = pages - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((firstWords[middle] ?? 0) < wanted) low = middle;
      else high = middle - 1;
    }
    const { words } = this.#cache;
    for (let page = low; page < pages; page += 1) {
      if (page > low && (firstWords[page] ?? 0) > wanted) break;
      const begin = this.#cache.find(this.#owner, page, this.#load);
      const at = search(words, begin, this.#entriesOn(page), id, from);
      if (at >= 0) return words.subarray(at, at + ENTRY_WORDS);
    }
    return undefined;
  }

  /** Whether it has an entry of an id, accepted no earlier than `oldest` (Unix seconds). */
  has(id: EntryWords, oldest: number): boolean {
    return (this.get(id, 0)?.[AT.seconds] ?? -1) >= oldest;
  }

  /** Goes through all its entries in their order, from the first one on. */
  cursor(): SegmentCursor {
    return new SegmentCursor(this.#parts.pages, this.count, this.#load);
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#parts.descriptor);
  }

  #entriesOn(page: number): number {
    return Math.min(PAGE_ENTRIES, this.count - page * PAGE_ENTRIES);
  }
}

/** What comes after the entries, in memory that threads may share. @throws UserError `STATE_DAMAGED`. */
function readFooter(descriptor: number, length: number, start: number, path: string): Uint8Array {
  const footer = new Uint8Array(new SharedArrayBuffer(length));
  readFully(descriptor, footer, start, path);
  const sum = new DataView(footer.buffer).getUint32(length - 4, true);
  if (crc32(footer.subarray(0, length - 4)) !== sum) throw damaged(path, 'A checksum does not match');
  return footer;
}

/** The words that a segment's header page begins with. */
export function headerOf({ count, pages, newest, bloom }: SegmentParts): readonly number[] {
  return [MAGIC, VERSION, count, pages, bloom.bytes.length, newest];
}

/** Where the entry of an id begins among the `entries` of the page that begins at `begin` in `words`, or -1. */
function search(words: Uint32Array, begin: number, entries: number, id: Uint32Array, from: number): number {
  let low = 0;
  let high = entries - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const at = begin + middle * ENTRY_WORDS;
    const order = compareIds(words, at, id, from);
    if (order === 0) return at;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}
