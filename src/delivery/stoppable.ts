/** What is read until it ends or somebody stops it, also while the next item is awaited. */
export class Stoppable<T> {
  readonly #iterator: AsyncIterator<T>;
  #isStopped = false;
  #stopWaiting: () => void = () => undefined;
  /** Whether there was none where an item was last asked for; false where that failed. */
  #ended: Promise<boolean> = Promise.resolve(false);
  /** Whether what was last asked for was handed out. */
  #isTaken = true;

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
      this.#ask((result) => {
        next = result;
        resolve();
      }, reject);
    });
    if (next === undefined || next.done === true) return undefined;
    this.#isTaken = true;
    return next.value;
  }

  /** Whether every item was handed out, as far as that shows within `ms`. To be asked once no more are. */
  async isAtEnd(ms: number): Promise<boolean> {
    if (this.#isTaken) this.#ask();
    let timer: NodeJS.Timeout | undefined;
    const unknown = new Promise<boolean>((resolve) => {
      timer = setTimeout(resolve, ms, false);
    });
    try {
      return await Promise.race([this.#ended, unknown]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Lets go of the items. Does not wait for that: what is read of a pipe may never come. */
  close(): void {
    this.#iterator.return?.().catch(() => undefined);
  }

  #ask(onResult?: (result: IteratorResult<T>) => void, onError?: (error: unknown) => void): void {
    this.#isTaken = false;
    this.#ended = this.#iterator.next().then(
      (result) => {
        onResult?.(result);
        return result.done === true;
      },
      (error: unknown) => {
        onError?.(error);
        return false;
      },
    );
  }
}
