/** What is read until it ends or somebody stops it, also while the next item is awaited. */
export class Stoppable<T> {
  readonly #iterator: AsyncIterator<T>;
  #isStopped = false;
  #stopWaiting: () => void = () => undefined;

  constructor(items: AsyncIterable<T>) {
    this.#iterator = items[Symbol.asyncIterator]();
  }

  /** Ends the reading: an item may be a long time coming. */
  stop(): void {
    this.#isStopped = true;
    this.#stopWaiting();
  }

  /** The next item; undefined where there is none, or it was stopped before one came. Throws what the items throw. */
  async next(): Promise<T | undefined> {
    if (this.#isStopped) return undefined;
    let next: IteratorResult<T> | undefined;
    // Without a value: what can still end the waiting would keep the item.
    await new Promise<void>((resolve, reject) => {
      this.#stopWaiting = resolve;
      this.#iterator.next().then((result) => {
        next = result;
        resolve();
      }, reject);
    });
    return next?.done === true ? undefined : next?.value;
  }

  /** Lets go of the items. Does not wait for that: what is read of a pipe may never come. */
  close(): void {
    this.#iterator.return?.().catch(() => undefined);
  }
}
