/** What `rokt-capi explain` and the README's table say of a code. */
export interface CodeEntry {
  /**
   * `error`: the run did not start, or could not go on. `rejected`: a record was not sent. `warning`: something should be
   * looked at, of what was sent or of what is not meant to be.
   */
  readonly kind: 'error' | 'rejected' | 'warning';
  /** What it means, in one sentence. */
  readonly meaning: string;
  /** What to do, and why it is so. */
  readonly remedy: string;
}
