import { PAGE_WORDS } from './pages.js';

/** A power of two: 2 MB, which holds a nightly run. */
const CACHED_PAGES = 512;
const NOBODY = -1;

/**
 * Pages that were read lately, of all segments of one index together: one piece of memory, however many segments come
 * and go. A page has one place, and drives out what is there.
 */
export class PageCache {
  /** The pages, one after the other. */
  readonly words = new Uint32Array(CACHED_PAGES * PAGE_WORDS);
  /** Of each place, whose page it holds. */
  readonly #owners = new Int32Array(CACHED_PAGES).fill(NOBODY);
  /** Of each place, the number of the page that it holds. */
  readonly #pages = new Uint32Array(CACHED_PAGES);
  #lastOwner = NOBODY;

  /** A number by which an owner of pages is recognised. */
  register(): number {
    this.#lastOwner += 1;
    return this.#lastOwner;
  }

  /**
   * Where in {@link words} a page begins.
   *
   * @param owner what {@link register} gave.
   * @param load reads the page, where it is not there. What it throws is thrown, and the page is not kept.
   */
  find(owner: number, page: number, load: (page: number, words: Uint32Array) => void): number {
    // Pages of one segment that follow each other have places that do; those of others begin elsewhere.
    const place = (page + Math.imul(owner, 0x9e3779b1)) & (CACHED_PAGES - 1);
    const at = place * PAGE_WORDS;
    if (this.#owners[place] === owner && this.#pages[place] === page) return at;
    this.#owners[place] = NOBODY;
    load(page, this.words.subarray(at, at + PAGE_WORDS));
    this.#owners[place] = owner;
    this.#pages[place] = page;
    return at;
  }
}
