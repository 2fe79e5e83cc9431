import { closeSync, fstatSync, openSync, readSync, writeSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Bloom } from './bloom.js';
import { AT, compareIds, copyEntry, ENTRY_WORDS, type EntryWords } from './entry.js';
import { damaged } from './errors.js';

const PAGE_WORDS = 1024;
const PAGE_BYTES = PAGE_WORDS * 4;
/** Entries on a page; what is left holds the page's checksum. */
const PAGE_ENTRIES = Math.floor((PAGE_WORDS - 1) / ENTRY_WORDS);
const CHECKSUM_AT = PAGE_WORDS - 1;
/** Pages that are written, or read in order, at once: 256 KB. */
const PAGES_AT_ONCE = 64;
/** Pages of a segment kept in memory: 2 MB, which holds a nightly run. */
const CACHED_PAGES = 512;
/** "rks1", as a word: also tells a file of a machine with the other byte order. */
const MAGIC = 0x31736b72;
const VERSION = 1;

/**
 * Delivered entries in a file, sorted by id and never changed once written: a header page, pages of entries each with
 * a checksum, then the first word of every page and a Bloom filter, so that an id is found with one read of 4 KB or,
 * mostly, none. Read with plain file reads rather than mapped, so that 10 million entries take 21 MB of memory.
 */
export class Segment {
  readonly path: string;
  readonly count: number;
  /** When its newest entry was accepted, in Unix seconds. */
  readonly newest: number;
  /** The highest run number in it. */
  readonly lastRun: number;
  readonly #descriptor: number;
  readonly #pages: number;
  readonly #firstWords: Uint32Array;
  readonly #bloom: Bloom;
  readonly #cache = new Map<number, Uint32Array>();

  private constructor(path: string, descriptor: number, header: Uint32Array, footer: Uint8Array) {
    this.path = path;
    this.#descriptor = descriptor;
    this.count = header[2] ?? 0;
    this.#pages = header[3] ?? 0;
    this.newest = header[5] ?? 0;
    this.lastRun = header[6] ?? 0;
    this.#firstWords = new Uint32Array(footer.buffer, footer.byteOffset, this.#pages);
    this.#bloom = Bloom.from(footer.subarray(this.#pages * 4, footer.length - 4));
  }

  /** @throws UserError `STATE_DAMAGED`. */
  static open(path: string): Segment {
    let descriptor: number;
    try {
      descriptor = openSync(path, 'r');
    } catch (cause) {
      throw damaged(path, 'A file of it is missing or cannot be read', cause);
    }
    const header = new Uint32Array(PAGE_WORDS);
    const size = fstatSync(descriptor).size;
    readFully(descriptor, header, 0, path);
    checkPage(header, path);
    if (header[0] !== MAGIC || header[1] !== VERSION) throw damaged(path, 'A file of it is no part of it');
    const start = (1 + (header[3] ?? 0)) * PAGE_BYTES;
    const length = (header[3] ?? 0) * 4 + (header[4] ?? 0) + 4;
    if (size !== start + length) throw damaged(path, 'A file of it has the wrong length');
    const footer = new Uint8Array(length);
    readFully(descriptor, footer, start, path);
    const sum = new DataView(footer.buffer).getUint32(length - 4, true);
    if (crc32(footer.subarray(0, length - 4)) !== sum) throw damaged(path, 'A checksum does not match');
    return new Segment(path, descriptor, header, footer);
  }

  /** The entry of the id at `from` in `id`, or undefined; a view, valid until the next call. */
  get(id: Uint32Array, from: number): EntryWords | undefined {
    if (!this.#bloom.mayHave(id, from)) return undefined;
    const wanted = id[from] ?? 0;
    // Ids of which only the first word is equal may begin on the page before.
    let low = 0;
    let high = this.#pages - 1;
    while (low < high) {
      const middle = (low + high + 1) >>> 1;
      if ((this.#firstWords[middle] ?? 0) < wanted) low = middle;
      else high = middle - 1;
    }
    for (let page = low; page < this.#pages; page += 1) {
      if (page > low && (this.#firstWords[page] ?? 0) > wanted) break;
      const words = this.#read(page);
      const at = search(words, this.#entriesOn(page), id, from);
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
    return new SegmentCursor(this.#pages, this.count, (page, words) => this.#load(page, words));
  }

  /** Closes the file. */
  close(): void {
    closeSync(this.#descriptor);
  }

  /** A page that was read lately, or takes the place of the one that was read first. */
  #read(number: number): Uint32Array {
    const cached = this.#cache.get(number);
    if (cached !== undefined) return cached;
    const [oldest] = this.#cache.size >= CACHED_PAGES ? this.#cache : [];
    if (oldest !== undefined) this.#cache.delete(oldest[0]);
    const page = oldest?.[1] ?? new Uint32Array(PAGE_WORDS);
    this.#load(number, page);
    this.#cache.set(number, page);
    return page;
  }

  /** Reads as many pages as `words` has room for, from `number` on. */
  #load(number: number, words: Uint32Array): void {
    readFully(this.#descriptor, words, (1 + number) * PAGE_BYTES, this.path);
    for (let at = 0; at < words.length; at += PAGE_WORDS) {
      checkPage(words.subarray(at, at + PAGE_WORDS), this.path);
    }
  }

  #entriesOn(page: number): number {
    return Math.min(PAGE_ENTRIES, this.count - page * PAGE_ENTRIES);
  }
}

/** A place in a segment: the entry that begins at `at` in `words`, until `isDone`. */
export class SegmentCursor {
  words = new Uint32Array();
  at = 0;
  readonly #pages: number;
  readonly #count: number;
  readonly #load: (page: number, words: Uint32Array) => void;
  #index = 0;

  /** @param load reads as many pages as `words` has room for, from `page` on. */
  constructor(pages: number, count: number, load: (page: number, words: Uint32Array) => void) {
    this.#pages = pages;
    this.#count = count;
    this.#load = load;
    this.#enter();
  }

  /** Whether there is no further entry. */
  get isDone(): boolean {
    return this.#index === this.#count;
  }

  /** Goes to the next entry. @throws UserError `STATE_DAMAGED`. */
  next(): void {
    this.#index += 1;
    this.at += ENTRY_WORDS;
    if (this.#index % PAGE_ENTRIES === 0) this.#enter();
  }

  /** Begins a page. */
  #enter(): void {
    if (this.isDone) return;
    const page = this.#index / PAGE_ENTRIES;
    if (page % PAGES_AT_ONCE === 0) {
      const pages = Math.min(PAGES_AT_ONCE, this.#pages - page);
      if (this.words.length !== pages * PAGE_WORDS) this.words = new Uint32Array(pages * PAGE_WORDS);
      this.#load(page, this.words);
    }
    this.at = (page % PAGES_AT_ONCE) * PAGE_WORDS;
  }
}

/** Writes a segment; entries are given in the order of their ids, each id once. */
export class SegmentWriter {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #bloom: Bloom;
  /** Pages that are not written yet. */
  readonly #words = new Uint32Array(PAGES_AT_ONCE * PAGE_WORDS);
  readonly #firstWords: number[] = [];
  #written = 0;
  #onPage = 0;
  #count = 0;
  #newest = 0;
  #lastRun = 0;

  /**
   * @param path a file that is not there yet.
   * @param most the most entries that there will be.
   */
  constructor(path: string, most: number) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx', 0o600);
    this.#bloom = Bloom.forCount(most);
  }

  /** Adds the entry at `at` in `words`. */
  add(words: Uint32Array, at: number): void {
    if (this.#onPage === 0) this.#firstWords.push(words[at] ?? 0);
    copyEntry(words, at, this.#words, this.#pageAt() + this.#onPage * ENTRY_WORDS);
    this.#bloom.add(words, at);
    this.#newest = Math.max(this.#newest, words[at + AT.seconds] ?? 0);
    this.#lastRun = Math.max(this.#lastRun, words[at + AT.run] ?? 0);
    this.#count += 1;
    this.#onPage += 1;
    if (this.#onPage === PAGE_ENTRIES) this.#endPage();
  }

  /** Completes the file, which is not yet durable. */
  finish(): Segment {
    if (this.#onPage > 0) this.#endPage();
    this.#flush();
    const index = Uint32Array.from(this.#firstWords);
    const body = Buffer.concat([new Uint8Array(index.buffer), this.#bloom.bytes]);
    const sum = Buffer.alloc(4);
    sum.writeUInt32LE(crc32(body));
    writeFully(this.#descriptor, Buffer.concat([body, sum]), (1 + this.#firstWords.length) * PAGE_BYTES);
    const header = new Uint32Array(PAGE_WORDS);
    header.set([
      MAGIC,
      VERSION,
      this.#count,
      this.#firstWords.length,
      this.#bloom.bytes.length,
      this.#newest,
      this.#lastRun,
    ]);
    seal(header);
    writeFully(this.#descriptor, new Uint8Array(header.buffer), 0);
    closeSync(this.#descriptor);
    return Segment.open(this.#path);
  }

  /** Where in the words the page begins that is being filled, the last one that was begun. */
  #pageAt(): number {
    return (this.#firstWords.length - 1 - this.#written) * PAGE_WORDS;
  }

  #endPage(): void {
    const at = this.#pageAt();
    const page = this.#words.subarray(at, at + PAGE_WORDS);
    page.fill(0, this.#onPage * ENTRY_WORDS);
    seal(page);
    this.#onPage = 0;
    if (at + PAGE_WORDS === this.#words.length) this.#flush();
  }

  #flush(): void {
    const pages = this.#firstWords.length - this.#written;
    const bytes = new Uint8Array(this.#words.buffer, 0, pages * PAGE_BYTES);
    writeFully(this.#descriptor, bytes, (1 + this.#written) * PAGE_BYTES);
    this.#written += pages;
  }
}

/** Where the entry of an id begins among the first `entries` of a page, or -1. */
function search(page: Uint32Array, entries: number, id: Uint32Array, from: number): number {
  let low = 0;
  let high = entries - 1;
  while (low <= high) {
    const middle = (low + high) >>> 1;
    const order = compareIds(page, middle * ENTRY_WORDS, id, from);
    if (order === 0) return middle * ENTRY_WORDS;
    if (order < 0) low = middle + 1;
    else high = middle - 1;
  }
  return -1;
}

function seal(page: Uint32Array): void {
  page[CHECKSUM_AT] = crc32(new Uint8Array(page.buffer, page.byteOffset, CHECKSUM_AT * 4));
}

function checkPage(page: Uint32Array, path: string): void {
  if (crc32(new Uint8Array(page.buffer, page.byteOffset, CHECKSUM_AT * 4)) !== page[CHECKSUM_AT]) {
    throw damaged(path, 'A checksum does not match');
  }
}

function readFully(
  descriptor: number,
  target: Uint32Array | Uint8Array,
  position: number,
  path: string,
): void {
  const bytes = new Uint8Array(target.buffer, target.byteOffset, target.byteLength);
  for (let at = 0; at < bytes.length; ) {
    const read = readSync(descriptor, bytes, at, bytes.length - at, position + at);
    if (read === 0) throw damaged(path, 'A file of it ends early');
    at += read;
  }
}

function writeFully(descriptor: number, bytes: Uint8Array, position: number): void {
  for (let at = 0; at < bytes.length; ) {
    at += writeSync(descriptor, bytes, at, bytes.length - at, position + at);
  }
}
