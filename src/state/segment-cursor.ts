import { ENTRY_WORDS } from './entry.js';
import { PAGE_ENTRIES, PAGE_WORDS, PAGES_AT_ONCE } from './pages.js';

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
