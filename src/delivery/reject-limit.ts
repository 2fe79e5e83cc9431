import { isAbove, plainPercent } from '../share.js';

/** A share of rejected records says something from this many records on. */
const SAMPLE = 1_000;

/** How many records may be rejected before a run stops: a number, or a share (0 to 1) of the records read. */
export type AllowedRejects = { readonly count: number } | { readonly share: number };

/** Stops a run that is going wrong (a renamed column) before it has sent anything, where it can. */
export class RejectLimit {
  readonly #allowed: AllowedRejects;

  constructor(allowed: AllowedRejects) {
    this.#allowed = allowed;
  }

  /** Whether nothing should be sent yet: so few records were read that a share of them would be chance. */
  isTooEarly(read: number): boolean {
    return 'share' in this.#allowed && read < SAMPLE;
  }

  /** @param ended whether all was read. */
  isExceeded(read: number, rejected: number, ended: boolean): boolean {
    if ('count' in this.#allowed) return rejected > this.#allowed.count;
    return (ended || read >= SAMPLE) && isAbove(rejected, this.#allowed.share * read);
  }

  /** As the user wrote it. */
  describe(): string {
    return 'count' in this.#allowed ? `${this.#allowed.count}` : plainPercent(this.#allowed.share);
  }
}
