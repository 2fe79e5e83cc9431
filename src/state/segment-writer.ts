import { openSync } from 'node:fs';
import { crc32 } from 'node:zlib';
import { Bloom } from './bloom.js';
import { AT, copyEntry, ENTRY_WORDS } from './entry.js';
import type { PageCache } from './page-cache.js';
import { bytesOf, PAGE_BYTES, PAGE_ENTRIES, PAGE_WORDS, PAGES_AT_ONCE, seal, writeFully } from './pages.js';
import { headerOf, Segment, type SegmentParts } from './segment.js';

/** Writes a segment; entries are given in the order of their ids, each id once. Throws what the file system throws. */
export class SegmentWriter {
  readonly #path: string;
  readonly #descriptor: number;
  readonly #bloom: Bloom;
  /** Pages that are not written yet. */
  readonly #words = new Uint32Array(PAGES_AT_ONCE * PAGE_WORDS);
  readonly #firstWords: Uint32Array;
  /** Pages that were begun. */
  #pages = 0;
  #written = 0;
  #onPage = 0;
  #count = 0;
  #newest = 0;

  /**
   * @param path a file that is not there yet.
   * @param most the most entries that there will be.
   */
  constructor(path: string, most: number) {
    this.#path = path;
    this.#descriptor = openSync(path, 'wx+', 0o600);
    this.#bloom = Bloom.forCount(most);
    this.#firstWords = new Uint32Array(Math.ceil(most / PAGE_ENTRIES));
  }

  /** Adds the entry at `at` in `words`. */
  add(words: Uint32Array, at: number): void {
    if (this.#onPage === 0) {
      this.#firstWords[this.#pages] = words[at] ?? 0;
      this.#pages += 1;
    }
    copyEntry(words, at, this.#words, this.#pageAt() + this.#onPage * ENTRY_WORDS);
    this.#bloom.add(words, at);
    this.#newest = Math.max(this.#newest, words[at + AT.seconds] ?? 0);
    this.#count += 1;
    this.#onPage += 1;
    if (this.#onPage === PAGE_ENTRIES) this.#endPage();
  }

  /** Completes the file, which is not yet durable. @param cache see {@link Segment}. */
  finish(cache: PageCache): Segment {
    if (this.#onPage > 0) this.#endPage();
    this.#flush();
    const bloom = this.#bloom;
    const firstWords = this.#firstWords.subarray(0, this.#pages);
    const parts: SegmentParts = {
      path: this.#path,
      descriptor: this.#descriptor,
      count: this.#count,
      pages: this.#pages,
      newest: this.#newest,
      firstWords,
      bloom,
    };
    let end = (1 + this.#pages) * PAGE_BYTES;
    const sum = new Uint8Array(4);
    new DataView(sum.buffer).setUint32(0, crc32(bloom.bytes, crc32(bytesOf(firstWords))), true);
    for (const piece of [bytesOf(firstWords), bloom.bytes, sum]) {
      writeFully(this.#descriptor, piece, end);
      end += piece.length;
    }
    const header = new Uint32Array(PAGE_WORDS);
    header.set(headerOf(parts));
    seal(header, 0);
    writeFully(this.#descriptor, header, 0);
    return new Segment(parts, cache);
  }

  /** Where in the words the page begins that is being filled, the last one that was begun. */
  #pageAt(): number {
    return (this.#pages - 1 - this.#written) * PAGE_WORDS;
  }

  #endPage(): void {
    const at = this.#pageAt();
    this.#words.fill(0, at + this.#onPage * ENTRY_WORDS, at + PAGE_WORDS);
    seal(this.#words, at);
    this.#onPage = 0;
    if (at + PAGE_WORDS === this.#words.length) this.#flush();
  }

  #flush(): void {
    const pages = this.#pages - this.#written;
    writeFully(
      this.#descriptor,
      this.#words.subarray(0, pages * PAGE_WORDS),
      (1 + this.#written) * PAGE_BYTES,
    );
    this.#written += pages;
  }
}
