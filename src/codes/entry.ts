/** What `rokt-capi explain` and the README's table say of a code. */
export interface CodeEntry {
  /**
   * `error`: the run did not start, or could not go on. `rejected`: a record was not sent. `warning`: it was sent, or is
   * not meant to be, and something should be looked at.
   */
  readonly kind: 'error' | 'rejected' | 'warning';
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What to do, and why it is so. */
  readonly remedy: string;
}
